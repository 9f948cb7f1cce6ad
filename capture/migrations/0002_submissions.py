"""What sending a form needs besides: confirmations and downloads."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("capture", "0001_initial")]
    operations: ClassVar = []
