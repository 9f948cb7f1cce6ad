"""Views of forms."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("capture", "0007_imports")]
    operations = []
