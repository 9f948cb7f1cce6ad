"""Preference centre and consents."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0006_webhooks")]
    operations: ClassVar = []
