"""Calls, tasks and notes."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0008_qualification")]
    operations = []
