"""What sales can take, and the threshold that keeps to it."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0006_allocation")]
    operations = []
