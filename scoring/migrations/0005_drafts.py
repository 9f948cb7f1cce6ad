"""Drafts that people edit."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_engine")]
    operations = []
