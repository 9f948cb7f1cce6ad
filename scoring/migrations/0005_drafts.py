"""Drafts that people edit."""

from __future__ import annotations

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0004_engine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="ruleset",
            name="based_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="scoring.ruleset",
                verbose_name="based on",
            ),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="discarded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="discarded"),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="edited_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="edited"),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="edited_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="revision",
            field=models.PositiveIntegerField(default=1, verbose_name="revision"),
        ),
        migrations.CreateModel(
            name="DraftEdit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField(verbose_name="revision")),
                ("summary", models.CharField(max_length=300, verbose_name="summary")),
                ("changes", models.JSONField(verbose_name="changes")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edits",
                        to="scoring.ruleset",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="scoring.draftedit",
                    ),
                ),
            ],
            options={
                "verbose_name": "edit of a draft",
                "verbose_name_plural": "edits of drafts",
                "ordering": ["-revision"],
                "constraints": [
                    models.UniqueConstraint(fields=("draft", "revision"), name="one_edit_a_revision")
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="draftedit",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b78b7bf437eff49e647f04d1d728846834620095",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8b36d",
                    table="scoring_draftedit",
                    when="BEFORE",
                ),
            ),
        ),
    ]
