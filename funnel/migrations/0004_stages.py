"""How stages are called and how long they usually take; decisions that are undone."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0003_scoring")]
    operations = []
