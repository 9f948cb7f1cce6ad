"""What sales decided, for scoring."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0002_merges")]
    operations = []
