"""Scores of companies, alerts."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_publishing")]
    operations = []
