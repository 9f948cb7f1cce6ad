"""The likelihood of reaching SQL: models by version, what they say of each lead; score health by day."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_companies_and_alerts")]
    operations = [
        migrations.CreateModel(
            name="ScoreHealth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("made_at", models.DateTimeField(verbose_name="counted")),
                ("rules_version", models.IntegerField(verbose_name="version of the rules")),
                ("leads", models.IntegerField(verbose_name="leads")),
                ("counts", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "score health",
                "verbose_name_plural": "score health",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="LeadLikelihood",
            fields=[
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="likelihood",
                        serialize=False,
                        to="leads.lead",
                    ),
                ),
                ("permille", models.SmallIntegerField(verbose_name="likelihood")),
                ("version", models.IntegerField()),
                ("as_of", models.DateField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "likelihood",
                "verbose_name_plural": "likelihoods",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("permille__gte", 0), ("permille__lte", 1000)),
                        name="likelihood_permille",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LikelihoodModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("rules", "Rules only"),
                            ("shadow", "In the shadow"),
                            ("shown", "Shown"),
                            ("retired", "Retired"),
                        ],
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("few_outcomes", "few_outcomes"),
                            ("few_tested", "few_tested"),
                            ("not_above_rules", "not_above_rules"),
                            ("no_skill", "no_skill"),
                            ("not_calibrated", "not_calibrated"),
                            ("drifted", "drifted"),
                            ("passed", "passed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("learner", models.CharField(blank=True, max_length=24)),
                ("trained_at", models.DateTimeField(verbose_name="trained")),
                ("card", models.JSONField(default=dict)),
                ("recipe", models.JSONField(null=True)),
                ("trees", models.BinaryField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("scored_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "likelihood model",
                "verbose_name_plural": "likelihood models",
                "ordering": ["-version"],
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("status", "retired"), _negated=True),
                        name="one_current_likelihood",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "shown"), _negated=True),
                            ("recipe__isnull", False),
                            _connector="OR",
                        ),
                        name="likelihood_has_recipe",
                    ),
                ],
            },
        ),
    ]
