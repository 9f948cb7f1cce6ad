"""What is compared to find duplicates, likely pairs, merges, and further domains of companies."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# As migration 0002 made it, but for erasing: then what an event says of a person may be emptied.
EVENT_TRIGGER = """
CREATE OR REPLACE FUNCTION leads_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('ecluse.may_delete_events', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    IF current_setting('ecluse.may_blank_events', true) = 'on' THEN
        OLD.properties = NEW.properties;
        OLD.visitor_id = NEW.visitor_id;
    END IF;
    IF (OLD.id, OLD.occurred_at, OLD.received_at, OLD.visitor_id, OLD.content_id, OLD.kind_id, OLD.source_id,
        OLD.was_clamped, OLD.channel, OLD.event_id, OLD.properties)
       IS DISTINCT FROM
       (NEW.id, NEW.occurred_at, NEW.received_at, NEW.visitor_id, NEW.content_id, NEW.kind_id, NEW.source_id,
        NEW.was_clamped, NEW.channel, NEW.event_id, NEW.properties) THEN
        RAISE EXCEPTION 'only lead, verdict and voiding of an event may change'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0004_sources"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="CompanyDomain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(max_length=253, unique=True, verbose_name="domain")),
                ("created_at", models.DateTimeField(verbose_name="created")),
            ],
            options={
                "verbose_name": "domain of a company",
                "verbose_name_plural": "domains of companies",
                "ordering": ["domain"],
            },
        ),
        migrations.CreateModel(
            name="CompanyMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("away_public_id", models.UUIDField(db_index=True)),
                ("away_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(verbose_name="merged")),
                ("journal", models.JSONField(default=list)),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
            ],
            options={
                "verbose_name": "merge of companies",
                "verbose_name_plural": "merges of companies",
            },
        ),
        migrations.CreateModel(
            name="DuplicateCandidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("score", models.SmallIntegerField(verbose_name="likeness")),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To decide"), ("merged", "Merged"), ("not_same", "Not the same")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="found")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
            ],
            options={
                "verbose_name": "likely duplicate",
                "verbose_name_plural": "likely duplicates",
            },
        ),
        migrations.CreateModel(
            name="DuplicateSearch",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("last_lead_id", models.BigIntegerField(default=0)),
                ("last_change_id", models.BigIntegerField(default=0)),
                ("searched_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LeadKeys",
            fields=[
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="keys",
                        serialize=False,
                        to="leads.lead",
                    ),
                ),
                ("digest", models.BigIntegerField()),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField(verbose_name="merged")),
                ("choices", models.JSONField(default=dict)),
                ("journal", models.JSONField(default=list)),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
            ],
            options={
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
            },
        ),
        migrations.AddField(
            model_name="company",
            name="name_key",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=200),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                condition=models.Q(("name_key", ""), _negated=True),
                fields=["name_key"],
                name="company_name_key",
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["-created_at", "-id"], name="company_newest"),
        ),
        migrations.AddField(
            model_name="companydomain",
            name="company",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="leads.company"
            ),
        ),
        migrations.AddField(
            model_name="companymerge",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="companymerge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="merges", to="leads.company"
            ),
        ),
        migrations.AddField(
            model_name="companymerge",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="duplicatecandidate",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="duplicatecandidate",
            name="high",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"
            ),
        ),
        migrations.AddField(
            model_name="duplicatecandidate",
            name="low",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatesearch",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="one_row_of_duplicate_search"
            ),
        ),
        migrations.AddIndex(
            model_name="leadkeys",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["keys"], name="lead_keys"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="away",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="merges", to="leads.lead"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="duplicatecandidate",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["-score", "-id"], name="candidate_queue"
            ),
        ),
        migrations.AddIndex(
            model_name="duplicatecandidate",
            index=models.Index(fields=["high"], name="candidate_high"),
        ),
        migrations.AddConstraint(
            model_name="duplicatecandidate",
            constraint=models.UniqueConstraint(fields=("low", "high"), name="one_candidate_per_pair"),
        ),
        migrations.AddConstraint(
            model_name="duplicatecandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("low__lt", models.F("high"))), name="candidate_pair_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatecandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__gte", 0), ("score__lte", 100)), name="candidate_score"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatecandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="candidate_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("away",), name="merged_away_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("away")), _negated=True), name="merge_of_two"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="erased_stays_erased",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."erased_at" IS NOT NULL)',
                    func="RETURN OLD;",
                    hash="3cc8660983ac15c3bddd5458f1577f673279f2a0",
                    operation="UPDATE",
                    pgid="pgtrigger_erased_stays_erased_58a83",
                    table="leads_lead",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(EVENT_TRIGGER, migrations.RunSQL.noop),
    ]
