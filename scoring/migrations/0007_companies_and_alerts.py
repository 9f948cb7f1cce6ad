"""Voiding of events, scores of companies, alerts."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0010_capture"),
        ("scoring", "0006_publishing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("hot", "becomes hot"),
                            ("band", "enters a band"),
                            ("points", "reaches so many points"),
                            ("mql", "becomes MQL"),
                            ("ready", "is ready for sales"),
                            ("woken", "wakes up"),
                        ],
                        max_length=8,
                        verbose_name="when a lead",
                    ),
                ),
                (
                    "bands",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="bands",
                    ),
                ),
                ("measure", models.CharField(blank=True, max_length=10, verbose_name="score")),
                ("points", models.SmallIntegerField(blank=True, null=True, verbose_name="points")),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("owner", "its owner"),
                                ("marketer", "Marketer"),
                                ("rep", "Sales rep"),
                                ("manager", "Sales manager"),
                                ("admin", "Administrator"),
                            ],
                            max_length=12,
                        ),
                        default=list,
                        size=None,
                        verbose_name="tells",
                    ),
                ),
                ("by_email", models.BooleanField(default=False, verbose_name="by email too")),
                (
                    "throttle_hours",
                    models.PositiveSmallIntegerField(default=24, verbose_name="hours between two"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="CompanyScore",
            fields=[
                (
                    "company",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="score",
                        serialize=False,
                        to="leads.company",
                    ),
                ),
                ("fit", models.IntegerField(verbose_name="fit")),
                ("engagement", models.IntegerField(verbose_name="engagement")),
                ("grade", models.CharField(max_length=1, verbose_name="grade")),
                ("level", models.SmallIntegerField(verbose_name="level")),
                ("people", models.IntegerField(verbose_name="people")),
                ("active", models.IntegerField(verbose_name="active people")),
                ("hot", models.IntegerField(verbose_name="hot people")),
                ("updated_at", models.DateTimeField(verbose_name="updated")),
            ],
            options={
                "verbose_name": "score of a company",
                "verbose_name_plural": "scores of companies",
                "indexes": [
                    models.Index(fields=["-engagement", "-company"], name="company_engagement"),
                    models.Index(fields=["-fit", "-company"], name="company_fit"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationChoice",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_choice",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("digest", "Once a day, together"),
                            ("never", "Never"),
                        ],
                        default="at_once",
                        max_length=8,
                        verbose_name="by email",
                    ),
                ),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                ("quiet_until", models.TimeField(blank=True, null=True, verbose_name="until")),
                (
                    "digest_hour",
                    models.PositiveSmallIntegerField(default=8, verbose_name="hour of the daily email"),
                ),
                (
                    "muted",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("hot", "becomes hot"),
                                ("band", "enters a band"),
                                ("points", "reaches so many points"),
                                ("mql", "becomes MQL"),
                                ("ready", "is ready for sales"),
                                ("woken", "wakes up"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="not told of",
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of notifications",
                "verbose_name_plural": "choices of notifications",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("digest_hour__lt", 24)), name="digest_hour")
                ],
            },
        ),
        migrations.CreateModel(
            name="Voiding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("filter", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "In progress"),
                            ("done", "Done"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("restored", models.IntegerField(default=0)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "voiding",
                "verbose_name_plural": "voidings",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("hot", "becomes hot"),
                            ("band", "enters a band"),
                            ("points", "reaches so many points"),
                            ("mql", "becomes MQL"),
                            ("ready", "is ready for sales"),
                            ("woken", "wakes up"),
                        ],
                        max_length=8,
                    ),
                ),
                ("grade", models.CharField(blank=True, max_length=1)),
                ("level", models.SmallIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "email",
                    models.CharField(
                        choices=[
                            ("none", "No email"),
                            ("due", "Waiting"),
                            ("claimed", "Being sent"),
                            ("sent", "Sent"),
                            ("unknown", "Unknown"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("email_due_at", models.DateTimeField(null=True)),
                ("emailed_at", models.DateTimeField(null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="leads.lead",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="scoring.alertrule",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "indexes": [
                    models.Index(fields=["user", "-at", "-id"], name="notification_of_user"),
                    models.Index(
                        condition=models.Q(("read_at", None)), fields=["user"], name="notification_unread"
                    ),
                    models.Index(
                        condition=models.Q(("email", "due")), fields=["email_due_at"], name="notification_due"
                    ),
                    models.Index(fields=["lead", "user", "-at"], name="notification_of_lead"),
                ],
            },
        ),
        migrations.CreateModel(
            name="VoidedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.BigIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("voided_at", models.DateTimeField()),
                ("restored_at", models.DateTimeField(null=True)),
                (
                    "voiding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="scoring.voiding",
                    ),
                ),
            ],
            options={
                "verbose_name": "voided event",
                "verbose_name_plural": "voided events",
                "indexes": [
                    models.Index(fields=["event_id"], name="voided_event"),
                    models.Index(fields=["voiding", "event_id"], name="voided_by"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("restored_at", None)),
                        fields=("event_id",),
                        name="voided_once_at_a_time",
                    )
                ],
            },
        ),
    ]
