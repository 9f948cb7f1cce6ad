"""Touches, costs, channel rules and the verdicts on events."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0003_custom_fields_and_campaigns")]
    operations: ClassVar = []
