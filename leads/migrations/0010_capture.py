"""What capture needs to know of leads."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("leads", "0009_stage")]
    operations = []
