"""Previews and publishing: trials of rules, whom they would move, and what publishing holds back."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0005_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HeldRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("leads", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="scoringrun",
            name="held",
            field=models.IntegerField(default=0, verbose_name="held back"),
        ),
        migrations.CreateModel(
            name="HeldWake",
            fields=[
                (
                    "lead",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="leads.lead",
                    ),
                ),
                ("priority", models.IntegerField()),
                ("held_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "lead held back after publishing",
                "verbose_name_plural": "leads held back after publishing",
                "indexes": [models.Index(fields=["-priority", "lead"], name="held_best_first")],
            },
        ),
        migrations.CreateModel(
            name="RulePreview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("live_version", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("preview", "Preview"),
                            ("replay", "Past decisions"),
                            ("suggest", "Suggestions"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("touched_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="scoring.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "trial of rules",
                "verbose_name_plural": "trials of rules",
            },
        ),
        migrations.CreateModel(
            name="PreviewLead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("mql_in", "Become MQLs"),
                            ("mql_out", "Cool down"),
                            ("ready_in", "Become ready for sales"),
                            ("ready_out", "Are no longer ready"),
                            ("up", "Rise most"),
                            ("down", "Fall most"),
                        ],
                        max_length=9,
                    ),
                ),
                ("rank", models.IntegerField()),
                ("fit_before", models.IntegerField(null=True)),
                ("engagement_before", models.IntegerField(null=True)),
                ("cell_before", models.CharField(blank=True, max_length=2)),
                ("fit_after", models.IntegerField()),
                ("engagement_after", models.IntegerField()),
                ("cell_after", models.CharField(max_length=2)),
                (
                    "lead",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to="scoring.rulepreview",
                    ),
                ),
            ],
            options={
                "verbose_name": "lead of a preview",
                "verbose_name_plural": "leads of a preview",
            },
        ),
        migrations.AddIndex(
            model_name="rulepreview",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])), fields=["id"], name="trial_at_work"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulepreview",
            constraint=models.UniqueConstraint(
                fields=("rule_set", "revision", "kind"), name="one_trial_a_revision"
            ),
        ),
        migrations.AddIndex(
            model_name="previewlead",
            index=models.Index(fields=["preview", "way", "-rank", "-id"], name="preview_list"),
        ),
    ]
