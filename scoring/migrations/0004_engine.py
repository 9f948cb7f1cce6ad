"""Adjustments by hand."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0003_hot_priority"),
        ("leads", "0009_stage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ScoreAdjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[("fit", "Fit"), ("engagement", "Engagement")],
                        max_length=10,
                        verbose_name="measure",
                    ),
                ),
                ("points", models.SmallIntegerField(verbose_name="points")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="adjusted")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires on")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="withdrawn")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="score_adjustments",
                        to="leads.lead",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "score adjustment",
                "verbose_name_plural": "score adjustments",
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("points__range", (-100, 100)), models.Q(("points", 0), _negated=True)
                        ),
                        name="adjustment_points",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("measure__in", ["fit", "engagement"])), name="adjustment_measure"
                    ),
                ],
            },
        ),
    ]
