"""What is known before a lead is an opportunity, and how it ends."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0007_lock")]
    operations = []
