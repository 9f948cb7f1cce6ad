"""Notices that invite to a meeting, or call one off."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0003_merges")]
    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("confirm_address", "Confirm the address"),
                    ("requested_content", "Requested content"),
                    ("new_submission", "New submission"),
                    ("meeting_invitation", "Invitation to a meeting"),
                    ("meeting_cancelled", "Meeting cancelled"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
