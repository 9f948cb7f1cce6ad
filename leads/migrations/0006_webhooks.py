"""Webhooks: who wants to be told, and what was told."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0005_identity")]
    operations: ClassVar = []
