"""Where a lead stands, as a fact that rules may ask for."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_ingest")]
    operations = []
