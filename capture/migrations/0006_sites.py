"""Sites and their tracker."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("capture", "0005_builder")]
    operations: ClassVar = []
