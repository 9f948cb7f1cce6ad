"""Messages to addresses that are no lead's: confirmations, deliveries, notifications."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("nurturing", "0001_initial")]
    operations: ClassVar = []
