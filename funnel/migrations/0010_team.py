"""Who is told of what, and how soon somebody has to act."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0009_work")]
    operations = []
