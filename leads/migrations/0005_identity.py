"""Duplicates, merges and what is compared to find them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0004_sources")]
    operations: ClassVar = []
