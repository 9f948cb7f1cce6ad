"""The likelihood of reaching SQL."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_companies_and_alerts")]
    operations = []
