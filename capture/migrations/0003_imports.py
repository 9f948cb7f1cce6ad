"""Imports: files, their rows and what they changed."""

from __future__ import annotations

import uuid
from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("capture", "0002_submissions"),
        ("leads", "0003_custom_fields_and_campaigns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                ("shape", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("mapping", models.JSONField()),
                ("used_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "To be set up"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("waking", "Being scored"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("reverting", "Being taken back"),
                            ("reverted", "Taken back"),
                        ],
                        default="uploaded",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("file", models.FileField(blank=True, max_length=200, upload_to="")),
                ("rejects", models.FileField(blank=True, max_length=200, upload_to="")),
                ("file_name", models.CharField(max_length=160, verbose_name="file")),
                ("file_size", models.BigIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("is_workbook", models.BooleanField(default=False)),
                ("encoding", models.CharField(default="utf-8", max_length=16)),
                ("delimiter", models.CharField(default=";", max_length=1)),
                ("has_header", models.BooleanField(default=True)),
                (
                    "header",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120), default=list, size=None
                    ),
                ),
                ("samples", models.JSONField(default=list)),
                ("shape", models.CharField(blank=True, max_length=64)),
                ("mapping", models.JSONField(default=list)),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("organic_search", "Organic search"),
                            ("paid_search", "Paid search"),
                            ("social", "Social network"),
                            ("online_ad", "Online ad"),
                            ("marketplace", "Marketplace"),
                            ("content", "Blog and content"),
                            ("video", "Video"),
                            ("landing_page", "Landing page"),
                            ("newsletter", "Newsletter"),
                            ("emailing", "Emailing"),
                            ("webinar", "Webinar"),
                            ("white_paper", "White paper"),
                            ("influencer", "Influencer"),
                            ("referral", "Referral"),
                            ("direct_traffic", "Direct traffic"),
                            ("partner", "Partner"),
                            ("trade_show", "Trade show"),
                            ("event", "Event"),
                            ("point_of_sale", "Point of sale"),
                            ("in_store_offer", "In-store offer"),
                            ("prize_draw", "Prize draw"),
                            ("phone_campaign", "Phone campaign"),
                            ("inbound_call", "Inbound call"),
                            ("paper_form", "Paper form"),
                            ("prospecting", "Prospecting"),
                            ("social_selling", "Social selling"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                        verbose_name="channel",
                    ),
                ),
                (
                    "acquisition",
                    models.CharField(
                        choices=[("direct", "Direct"), ("indirect", "Indirect")],
                        default="indirect",
                        max_length=8,
                        verbose_name="acquisition",
                    ),
                ),
                (
                    "notice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first_mail", "By our first message to them"),
                            ("informed", "They were informed by who gave us the data"),
                            ("direct", "They gave us the data themselves and were informed then"),
                        ],
                        max_length=10,
                        verbose_name="how they are informed",
                    ),
                ),
                (
                    "notice_source",
                    models.CharField(blank=True, max_length=200, verbose_name="where the data comes from"),
                ),
                ("overwrite", models.BooleanField(default=False)),
                ("again", models.BooleanField(default=False)),
                ("track_code", models.SlugField(blank=True, max_length=60)),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "French"), ("en", "English")],
                        default="fr",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "region",
                    models.CharField(default="FR", max_length=2, verbose_name="country of phone numbers"),
                ),
                ("report", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                ("next_offset", models.BigIntegerField(default=0)),
                ("next_line", models.PositiveIntegerField(default=1)),
                ("woken_line", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(verbose_name="uploaded")),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("reverted_at", models.DateTimeField(null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "joins",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.list",
                    ),
                ),
                (
                    "reverted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
            },
        ),
        migrations.CreateModel(
            name="ImportedCompany",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_new", models.BooleanField()),
                ("before", models.JSONField(default=dict)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="companies",
                        to="capture.import",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.company"
                    ),
                ),
            ],
            options={
                "verbose_name": "company of an import",
                "verbose_name_plural": "companies of an import",
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                (
                    "state",
                    models.SmallIntegerField(
                        choices=[
                            (1, "New leads"),
                            (2, "Known leads, completed"),
                            (3, "Known leads, nothing new"),
                            (4, "Same person again in the file"),
                            (5, "Not valid"),
                            (6, "Opposed"),
                            (7, "Already imported"),
                        ]
                    ),
                ),
                ("before", models.JSONField(null=True)),
                ("code", models.CharField(blank=True, db_default="", max_length=40)),
                ("reason", models.CharField(blank=True, db_default="", max_length=300)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="capture.import",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="import_rows",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of an import",
                "verbose_name_plural": "rows of an import",
            },
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["-created_at", "-id"], name="import_newest"),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(
                condition=models.Q(("state__in", ["checking", "queued", "running", "waking", "reverting"])),
                fields=["id"],
                name="import_at_work",
            ),
        ),
        migrations.AddIndex(
            model_name="importedcompany",
            index=models.Index(fields=["batch", "id"], name="company_of_import"),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("lead", None), _negated=True), fields=["lead"], name="import_row_of_lead"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("batch", "line"), name="one_fate_per_row"),
        ),
    ]
