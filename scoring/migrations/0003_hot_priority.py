from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Index the priority of hot leads only, in a column of their own: all other scores are updated in place."""

    dependencies = [("scoring", "0002_room_and_numbers")]

    operations = [
        migrations.RemoveIndex(model_name="leadscore", name="score_hot"),
        migrations.AddField(
            model_name="leadscore",
            name="hot_priority",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(models.When(temperature="hot", then="priority")),
                output_field=models.IntegerField(null=True),
            ),
        ),
        migrations.AddIndex(
            model_name="leadscore",
            index=models.Index(
                condition=models.Q(("hot_priority__isnull", False)),
                fields=["-hot_priority", "lead"],
                name="score_hot",
            ),
        ),
    ]
