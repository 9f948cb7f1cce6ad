"""Offers that a rep looks at later."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0004_stages")]
    operations = []
