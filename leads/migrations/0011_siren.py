"""Companies are found by their SIREN."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0010_capture")]
    operations = [
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                fields=["siren"], name="company_siren", condition=models.Q(("siren", ""), _negated=True)
            ),
        ),
    ]
