"""Sites and their tracker."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import capture.models.site


class Migration(migrations.Migration):
    dependencies = [("capture", "0005_builder"), ("accounts", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Site",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "pricing_patterns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="pricing pages",
                    ),
                ),
                (
                    "ignored_patterns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="pages to ignore",
                    ),
                ),
                (
                    "download_extensions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=capture.models.site.downloads,
                        size=None,
                        verbose_name="files that count as downloads",
                    ),
                ),
                (
                    "session_minutes",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="a new visit begins after (minutes)",
                    ),
                ),
                (
                    "consent_cookie",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="cookie of your consent banner"
                    ),
                ),
                ("trap_path", models.CharField(blank=True, max_length=200, verbose_name="trap page")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("updated_at", models.DateTimeField(verbose_name="changed")),
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tracked_site",
                        to="accounts.apikey",
                    ),
                ),
            ],
            options={
                "verbose_name": "site",
                "verbose_name_plural": "sites",
                "ordering": ["name", "id"],
            },
        ),
    ]
