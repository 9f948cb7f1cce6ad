"""Quick entry."""

from __future__ import annotations

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("capture", "0003_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="QuickEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("stand", "Met in person"),
                            ("paper", "Paper forms"),
                            ("call", "Inbound call"),
                        ],
                        max_length=8,
                    ),
                ),
                ("met_at", models.DateTimeField(verbose_name="met")),
                ("received_at", models.DateTimeField()),
                ("digest", models.BigIntegerField()),
                ("answers", models.JSONField(default=dict)),
                ("made_lead", models.BooleanField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="corrections",
                        to="capture.quickentry",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quick_entries",
                        to="leads.lead",
                    ),
                ),
                (
                    "occasion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quick_entries",
                        to="leads.campaign",
                        verbose_name="occasion",
                    ),
                ),
            ],
            options={
                "verbose_name": "quick entry",
                "verbose_name_plural": "quick entries",
                "indexes": [
                    models.Index(fields=["by", "-received_at"], name="quick_entry_of_user"),
                    models.Index(fields=["occasion", "-met_at"], name="quick_entry_of_occasion"),
                ],
            },
        ),
    ]
