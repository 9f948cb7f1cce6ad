"""Where a lead stands, as a fact that rules may ask for."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_ingest")]
    operations = [
        migrations.AddField(
            model_name="lead",
            name="stage",
            field=models.CharField(
                db_default="lead", default="lead", editable=False, max_length=12, verbose_name="stage"
            ),
        ),
    ]
