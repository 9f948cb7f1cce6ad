"""How events come in."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("leads", "0007_consents")]
    operations = []
