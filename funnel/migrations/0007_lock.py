"""What sales can take, and the threshold that keeps to it."""

from __future__ import annotations

from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funnel", "0006_allocation")]
    operations = [
        migrations.CreateModel(
            name="CapacitySettings",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "rep_hour_cost",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("45.00"),
                        max_digits=10,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(10000)),
                        ],
                        verbose_name="An hour of a rep, in euros",
                    ),
                ),
                (
                    "hours_per_lead",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("2.00"),
                        max_digits=10,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(1000)),
                        ],
                        verbose_name="Hours of a rep for a lead handed over",
                    ),
                ),
                (
                    "message_cost",
                    models.DecimalField(
                        decimal_places=4,
                        default=Decimal("0.0500"),
                        max_digits=10,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(10000)),
                        ],
                        verbose_name="A message of nurturing, in euros",
                    ),
                ),
                (
                    "messages_a_week",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("1.00"),
                        max_digits=10,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(1000)),
                        ],
                        verbose_name="Messages a week to a lead that is nurtured",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="Where these figures come from"
                    ),
                ),
                (
                    "is_automatic",
                    models.BooleanField(
                        default=False, verbose_name="Let the threshold follow the free places"
                    ),
                ),
                (
                    "lowest",
                    models.SmallIntegerField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="Never below",
                    ),
                ),
                (
                    "highest",
                    models.SmallIntegerField(
                        default=80,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="Never above",
                    ),
                ),
                (
                    "step",
                    models.SmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="At most so many points a day",
                    ),
                ),
                (
                    "margin",
                    models.SmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(50),
                        ],
                        verbose_name="Leave it within this margin around the free places, in percent",
                    ),
                ),
            ],
            options={
                "verbose_name": "capacity settings",
                "verbose_name_plural": "capacity settings",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_capacity_settings"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("highest__lte", 100),
                            ("lowest__gte", 0),
                            ("lowest__lte", models.F("highest")),
                            ("margin__range", (0, 50)),
                            ("step__range", (1, 100)),
                        ),
                        name="capacity_settings_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hours_per_lead__gte", 0),
                            ("rep_hour_cost__gte", 0),
                            ("message_cost__gte", 0),
                            ("messages_a_week__gte", 0),
                        ),
                        name="capacity_settings_money",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ThresholdChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("day", models.DateField(unique=True, verbose_name="day")),
                (
                    "before",
                    models.SmallIntegerField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="from",
                    ),
                ),
                (
                    "after",
                    models.SmallIntegerField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="to",
                    ),
                ),
                ("expected_before", models.FloatField(verbose_name="expected at the former threshold")),
                ("expected_after", models.FloatField(verbose_name="expected at the new one")),
                ("free", models.FloatField(verbose_name="free places")),
                ("rules_version", models.PositiveIntegerField(verbose_name="version of the rules")),
            ],
            options={
                "verbose_name": "change of the threshold",
                "verbose_name_plural": "changes of the threshold",
                "ordering": ["-day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("after__range", (0, 100)),
                            ("before__range", (0, 100)),
                            models.Q(("before", models.F("after")), _negated=True),
                        ),
                        name="threshold_change_bounds",
                    )
                ],
            },
        ),
    ]
