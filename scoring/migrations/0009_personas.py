"""Personas."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_likelihood")]
    operations = []
