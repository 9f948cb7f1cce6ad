"""Who may take which lead, when they work, and what the allocation decided."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funnel", "0005_inbox")]
    operations = []
