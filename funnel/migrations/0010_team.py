"""Who is told of what, and how soon somebody has to act."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Who asks for a quote is answered within half an hour.
SHIPPED = {"quote_requested": 30, "demo_requested": 60, "contact_requested": 120}


def ship(apps: StateApps, _schema: BaseDatabaseSchemaEditor) -> None:
    """What is promised on a new site; it changes its own."""
    level = apps.get_model("funnel", "ServiceLevel")
    rows = (level(subject=subject, minutes=minutes) for subject, minutes in SHIPPED.items())
    level.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("funnel", "0009_work")]
    operations = [
        migrations.CreateModel(
            name="ServiceLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=40, unique=True, verbose_name="for whom")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2400),
                        ],
                        verbose_name="minutes to the first answer",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "service level",
                "verbose_name_plural": "service levels",
                "ordering": ["minutes", "subject"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("minutes__range", (1, 2400))), name="service_level_minutes"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerPromise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("subject", models.CharField(max_length=40)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("minutes", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField(verbose_name="answer before")),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer_promises",
                        to="leads.lead",
                    ),
                ),
                (
                    "rep",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer_promises",
                        to="funnel.rep",
                    ),
                ),
            ],
            options={
                "verbose_name": "promised answer",
                "verbose_name_plural": "promised answers",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["due_at"], name="promise_open"
                    ),
                    models.Index(fields=["asked_at"], name="promise_asked"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("lead", "subject", "asked_at"), name="one_promise"),
                    models.CheckConstraint(condition=models.Q(("step__lte", 4)), name="promise_step"),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gte", models.F("asked_at"))), name="promise_due_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at", None), ("ended_at__isnull", False), _connector="OR"
                        ),
                        name="promise_answered_ended",
                    ),
                ],
            },
        ),
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
