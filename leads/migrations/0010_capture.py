"""The register of what people ask about their own data."""

from __future__ import annotations

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0009_stage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivacyRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "Access"),
                            ("portability", "Portability"),
                            ("rectification", "Rectification"),
                            ("erasure", "Erasure"),
                            ("restriction", "Restriction"),
                            ("objection", "Objection"),
                        ],
                        max_length=16,
                        verbose_name="request",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=254, verbose_name="email or phone")),
                ("fingerprint", models.CharField(max_length=64)),
                ("received_on", models.DateField(verbose_name="received")),
                ("due_on", models.DateField(verbose_name="answer before")),
                ("is_extended", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To answer"), ("done", "Answered"), ("refused", "Refused")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="answer")),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_needed", "The data is no longer needed"),
                            ("withdrawn", "Consent was withdrawn"),
                            ("objected", "The person objects"),
                            ("unlawful", "The data was not lawfully held"),
                            ("legal_duty", "The law requires it"),
                        ],
                        max_length=12,
                        verbose_name="ground",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="privacy_requests",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "verbose_name": "request about personal data",
                "verbose_name_plural": "requests about personal data",
            },
        ),
        migrations.CreateModel(
            name="PrivacyAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "Recorded"),
                            ("identified", "Person chosen"),
                            ("exported", "Data exported"),
                            ("erased", "Person erased"),
                            ("extended", "Time extended"),
                            ("answered", "Answered"),
                            ("refused", "Refused"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="leads.privacyrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "act about a request",
                "verbose_name_plural": "acts about requests",
                "ordering": ["at", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="privacyrequest",
            index=models.Index(fields=["due_on", "id"], name="privacy_request_due"),
        ),
        migrations.AddIndex(
            model_name="privacyrequest",
            index=models.Index(fields=["fingerprint"], name="privacy_request_who"),
        ),
        migrations.AddConstraint(
            model_name="privacyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="privacy_request_closed",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="privacyact",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3c53383cc966a5c94fff415869ccdbef0ce0afcd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_09399",
                    table="leads_privacyact",
                    when="BEFORE",
                ),
            ),
        ),
    ]
