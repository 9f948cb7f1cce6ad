"""Meetings and their invitations, mailboxes, messages on networks, names of leads in other systems."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0010_team"),
        ("leads", "0011_siren"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="MailboxConnection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.EmailField(max_length=254, verbose_name="address")),
                ("host", models.CharField(max_length=253, verbose_name="server")),
                ("port", models.PositiveIntegerField(default=993, verbose_name="port")),
                ("username", models.CharField(max_length=254, verbose_name="user name")),
                ("password", models.TextField(editable=False, max_length=2000)),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("uid_validity", models.PositiveBigIntegerField(default=0, editable=False)),
                ("last_uid", models.PositiveBigIntegerField(default=0, editable=False)),
                ("polled_at", models.DateTimeField(editable=False, null=True, verbose_name="last read")),
                ("due_at", models.DateTimeField(editable=False)),
                ("failures", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "last_error",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="last error"),
                ),
            ],
            options={
                "verbose_name": "mailbox",
                "verbose_name_plural": "mailboxes",
            },
        ),
        migrations.CreateModel(
            name="Meeting",
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
                        choices=[("meeting", "Meeting"), ("demo", "Demonstration"), ("call", "Phone call")],
                        default="meeting",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("starts_at", models.DateTimeField(verbose_name="starts")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                (
                    "time_zone",
                    models.CharField(default="Europe/Paris", max_length=64, verbose_name="time zone"),
                ),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="video link")),
                ("language", models.CharField(default="fr", max_length=5)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("held", "Held"),
                            ("missed", "Missed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="proposed",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("uid", models.CharField(max_length=120, unique=True)),
                ("sequence", models.PositiveSmallIntegerField(default=0)),
                ("booked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
            },
        ),
        migrations.CreateModel(
            name="MeetingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(choices=[("REQUEST", "REQUEST"), ("CANCEL", "CANCEL")], max_length=7),
                ),
                ("sequence", models.PositiveSmallIntegerField()),
                ("address", models.CharField(max_length=254)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("sales", "Sales contact"), ("transactional", "Transactional")],
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("refused", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
            },
        ),
        migrations.CreateModel(
            name="OutsideReference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("system", models.SlugField(max_length=40, verbose_name="system")),
                ("kind", models.SlugField(max_length=40, verbose_name="kind")),
                ("reference", models.CharField(max_length=120, verbose_name="reference")),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "reference in another system",
                "verbose_name_plural": "references in other systems",
            },
        ),
        migrations.CreateModel(
            name="SocialMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "network",
                    models.CharField(
                        choices=[
                            ("linkedin", "LinkedIn"),
                            ("x", "X"),
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("whatsapp", "WhatsApp"),
                            ("other", "Other network"),
                        ],
                        max_length=10,
                        verbose_name="network",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("out", "Message sent"), ("in", "Reply received")],
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
            ],
            options={
                "verbose_name": "social message",
                "verbose_name_plural": "social messages",
            },
        ),
        migrations.AddField(
            model_name="mailboxconnection",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mailbox",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="meetings", to="leads.lead"
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="rep",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="meetings", to="funnel.rep"
            ),
        ),
        migrations.AddField(
            model_name="meetingmail",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mails", to="funnel.meeting"
            ),
        ),
        migrations.AddField(
            model_name="outsidereference",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outside_references",
                to="leads.lead",
            ),
        ),
        migrations.AddField(
            model_name="socialmessage",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="socialmessage",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="social_messages", to="leads.lead"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailboxconnection",
            constraint=models.CheckConstraint(
                condition=models.Q(("port__gte", 1), ("port__lte", 65535)), name="mailbox_port"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["rep", "starts_at"], name="meeting_of_rep"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["lead", "-starts_at"], name="meeting_of_lead"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="meeting_ends_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposed", "accepted", "declined", "held", "missed", "cancelled"])
                ),
                name="meeting_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["meeting", "demo", "call"])), name="meeting_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="meetingmail",
            index=models.Index(
                condition=models.Q(("settled_at", None)), fields=["id"], name="meeting_mail_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingmail",
            constraint=models.UniqueConstraint(
                fields=("meeting", "method", "sequence"), name="one_meeting_mail"
            ),
        ),
        migrations.AddConstraint(
            model_name="outsidereference",
            constraint=models.UniqueConstraint(
                fields=("lead", "system", "kind"), name="one_reference_a_lead"
            ),
        ),
        migrations.AddConstraint(
            model_name="outsidereference",
            constraint=models.UniqueConstraint(
                fields=("system", "kind", "reference"), name="one_lead_a_reference"
            ),
        ),
        migrations.AddIndex(
            model_name="socialmessage",
            index=models.Index(fields=["lead", "-at"], name="social_of_lead"),
        ),
        migrations.AddConstraint(
            model_name="socialmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("network__in", ["linkedin", "x", "facebook", "instagram", "whatsapp", "other"])
                ),
                name="social_network",
            ),
        ),
        migrations.AddConstraint(
            model_name="socialmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["out", "in"])), name="social_direction"
            ),
        ),
    ]
