"""Imports, set by set."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("capture", "0006_sites")]
    operations = []
