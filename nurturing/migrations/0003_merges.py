"""Leaving a track because the lead was merged."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nurturing", "0002_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="enrolment",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("completed", "completed"),
                    ("goal_reached", "goal_reached"),
                    ("sales_took_over", "sales_took_over"),
                    ("woke_up", "woke_up"),
                    ("stage_left", "stage_left"),
                    ("too_long", "too_long"),
                    ("nothing_left", "nothing_left"),
                    ("unreachable", "unreachable"),
                    ("merged", "merged"),
                ],
                max_length=20,
            ),
        ),
    ]
