"""Messages to addresses that are no lead's: confirmations, deliveries, notifications."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("nurturing", "0001_initial")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("send_key", models.CharField(max_length=160, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("confirm_address", "Confirm the address"),
                            ("requested_content", "Requested content"),
                            ("new_submission", "New submission"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="address")),
                ("values", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("claimed", "Being prepared"),
                            ("sending", "Being handed over"),
                            ("sent", "Sent"),
                            ("held", "Held back"),
                            ("failed", "Failed"),
                            ("unknown", "To check"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=60, verbose_name="reason")),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("planned_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease", models.UUIDField(null=True)),
                ("data_started_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("message_id", models.CharField(max_length=120, null=True, unique=True)),
                ("subject", models.CharField(blank=True, max_length=250)),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="leads.lead",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nurturing.template"
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "planned")), fields=["due_at", "id"], name="notice_due"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["claimed", "sending"])),
                        fields=["lease_until"],
                        name="notice_leased",
                    ),
                    models.Index(fields=["address", "kind", "planned_at"], name="notice_to_address"),
                    models.Index(fields=["planned_at"], name="notice_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            models.Q(("data_started_at__isnull", False), ("sent_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="notice_sent_was_handed_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sending"), _negated=True),
                            ("data_started_at__isnull", False),
                            _connector="OR",
                        ),
                        name="notice_sending_is_checkpointed",
                    ),
                ],
            },
        ),
    ]
