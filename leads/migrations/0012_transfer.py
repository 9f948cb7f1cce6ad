"""Consent to be passed on to a partner."""

from __future__ import annotations

from django.db import migrations, models

PURPOSES = [
    ("newsletter", "Newsletter"),
    ("nurturing", "Nurturing"),
    ("sales", "Sales contact"),
    ("transactional", "Transactional"),
    ("tracking", "Tracking"),
    ("transfer", "Transfer to a partner"),
]


class Migration(migrations.Migration):
    dependencies = [("leads", "0011_siren")]
    operations = [
        migrations.AlterField(
            model_name="consentevent",
            name="purpose",
            field=models.CharField(choices=PURPOSES, max_length=16),
        ),
        migrations.AlterField(
            model_name="consentwording",
            name="purpose",
            field=models.CharField(choices=PURPOSES, max_length=16, verbose_name="purpose"),
        ),
    ]
