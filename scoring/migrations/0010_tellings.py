"""What colleagues and the funnel tell, and how each person wants to hear it."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0009_personas"), ("leads", "0011_siren")]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="notification",
            name="occurrence",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="notificationchoice",
            name="channels",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name="notification",
            name="lead",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notifications",
                to="leads.lead",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="trigger",
            field=models.CharField(
                choices=[
                    ("hot", "becomes hot"),
                    ("band", "enters a band"),
                    ("points", "reaches so many points"),
                    ("mql", "becomes MQL"),
                    ("ready", "is ready for sales"),
                    ("woken", "wakes up"),
                    ("offer_new", "is offered to you"),
                    ("offer_reminder", "still waits for your decision"),
                    ("offer_expired", "was not decided in time and goes to somebody else"),
                    ("offer_taken", "is no longer offered to you"),
                    ("mention", "names you in a note"),
                    ("task_due", "has a task that is due"),
                    ("sla_started", "waits for a first answer"),
                    ("sla_soon", "still waits for a first answer"),
                    ("sla_breached", "was not answered in time"),
                    ("escalated", "was not answered for twice the time"),
                    ("reassigned", "is yours now"),
                    ("handed_over", "is somebody else’s now"),
                    ("meeting_answer", "answered an invitation"),
                    ("partner_outcome", "has news from the partner"),
                    ("threshold_changed", "The threshold for sales has changed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("lead", "user", "trigger", "occurrence"), name="told_once"
            ),
        ),
    ]
