"""Meetings and demonstrations."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0010_team")]
    operations = []
