"""How stages are called and how long they usually take; decisions that are undone; moves of many leads."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from funnel.choices import VERBS

PROTECT = django.db.models.deletion.PROTECT
KEPT = django.db.models.deletion.RESTRICT
CASCADE = django.db.models.deletion.CASCADE
VERB_CHOICES = list(VERBS.items())

# A reason that ships gets the decisions it is for now, where nobody has changed it.
_MISTAKE = """
UPDATE funnel_reason SET verbs = '{reopen,wake,cool,unready}' WHERE code = 'mistake' AND verbs = '{reopen}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0003_scoring"),
        ("leads", "0011_siren"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("passage", "before", models.JSONField(editable=False, null=True)),
        migrations.AddField(
            "passage",
            "undoes",
            models.OneToOneField(
                editable=False,
                null=True,
                on_delete=KEPT,
                related_name="undone_by",
                to="funnel.passage",
            ),
        ),
        migrations.AlterField(
            "passage",
            "verb",
            models.CharField(choices=VERB_CHOICES, max_length=12, verbose_name="decision"),
        ),
        migrations.AlterField(
            "reason",
            "verbs",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=VERB_CHOICES, max_length=12),
                size=None,
                verbose_name="decisions",
            ),
        ),
        migrations.AddConstraint(
            "passage",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undoes__isnull", False), ("verb", "undo")),
                    models.Q(models.Q(("verb", "undo"), _negated=True), ("undoes", None)),
                    _connector="OR",
                ),
                name="passage_undoes",
            ),
        ),
        migrations.CreateModel(
            name="StageSetting",
            fields=[
                (
                    "stage",
                    models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name="stage"),
                ),
                (
                    "label_fr",
                    models.CharField(blank=True, max_length=40, verbose_name="name in French"),
                ),
                (
                    "label_en",
                    models.CharField(blank=True, max_length=40, verbose_name="name in English"),
                ),
                (
                    "norm_days",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="usual days in this stage"
                    ),
                ),
                (
                    "description",
                    models.CharField(blank=True, max_length=500, verbose_name="what it means here"),
                ),
            ],
            options={
                "verbose_name": "stage",
                "verbose_name_plural": "stages",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                ["lead", "mql", "sal", "sql", "customer", "recycled", "disqualified"],
                            )
                        ),
                        name="stage_setting_stage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("norm_days", None), ("norm_days__gte", 1), _connector="OR"),
                        name="stage_setting_norm",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("move", models.CharField(max_length=12, verbose_name="move")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("month", models.DateField(null=True, verbose_name="month")),
                ("missing_fields", models.JSONField(default=list)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("total", models.PositiveIntegerField(verbose_name="leads")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="running",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
                (
                    "by",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to="funnel.reason", verbose_name="reason"
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "move of many leads",
                "verbose_name_plural": "moves of many leads",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["running", "undoing"])),
                        fields=["id"],
                        name="bulkrun_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("moved", "Moved"),
                            ("refused", "Left alone"),
                            ("undone", "Put back"),
                            ("stayed", "Not put back"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                (
                    "lead",
                    models.ForeignKey(on_delete=CASCADE, related_name="+", to="leads.lead"),
                ),
                (
                    "passage",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=KEPT,
                        related_name="+",
                        to="funnel.passage",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(on_delete=CASCADE, related_name="lines", to="funnel.bulkrun"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "state", "id"], name="bulkline_state")],
                "constraints": [models.UniqueConstraint(fields=("run", "lead"), name="one_line_a_lead")],
            },
        ),
        migrations.RunSQL(_MISTAKE, migrations.RunSQL.noop),
    ]
