"""Pauses of mail; an index by which the content library counts the readers of a piece."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0006_webhooks")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="suppression",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unsubscribed", "Unsubscribed"),
                    ("topic", "Unsubscribed from a topic"),
                    ("hard_bounce", "Address does not exist"),
                    ("soft_bounce", "Address did not answer for two weeks"),
                    ("complaint", "Marked as spam"),
                    ("objection", "Objected"),
                    ("erased", "Erased"),
                    ("paused", "Asked for a pause"),
                ],
                max_length=12,
            ),
        ),
        # Only downloads, viewings and webinars (kinds 6, 7 and 11), so that taking in events stays cheap.
        migrations.RunSQL(
            "CREATE INDEX leads_event_consulted ON leads_event (content_id, occurred_at) INCLUDE (lead_id)"
            " WHERE content_id IS NOT NULL AND kind_id IN (6, 7, 11)",
            "DROP INDEX leads_event_consulted",
        ),
    ]
