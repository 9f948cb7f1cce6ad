"""Views of forms."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("capture", "0007_imports")]
    operations = [
        migrations.CreateModel(
            name="FormViews",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "form_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("hosted", models.PositiveIntegerField(default=0, verbose_name="on its own page")),
                ("embedded", models.PositiveIntegerField(default=0, verbose_name="within a site")),
                (
                    "form",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="capture.form",
                    ),
                ),
            ],
            options={"verbose_name": "views of a form", "verbose_name_plural": "views of forms"},
        ),
    ]
