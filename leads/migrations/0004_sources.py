"""Touches, costs, channel rules and the verdicts on events."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0003_custom_fields_and_campaigns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="visitor",
            name="lead_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="visitor",
            name="verdict",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="visitor",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="ChannelRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("conditions", models.JSONField()),
                (
                    "channel",
                    models.CharField(
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
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="leads.campaign",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "channel rule",
                "verbose_name_plural": "channel rules",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ChannelRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rules", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("undone", "Undone")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("after_id", models.BigIntegerField(default=0)),
                ("until_id", models.BigIntegerField(default=0)),
                ("touches_changed", models.PositiveIntegerField(default=0)),
                ("leads_changed", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EventVerdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField()),
                ("occurred_at", models.DateTimeField()),
                ("verdict", models.SmallIntegerField(choices=[(0, "Unknown"), (1, "Human"), (2, "Machine")])),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), default=list, size=None
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "verdict",
                "verbose_name_plural": "verdicts",
            },
        ),
        migrations.CreateModel(
            name="SourceCost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                (
                    "channel",
                    models.CharField(
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
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount")),
                ("updated_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="costs",
                        to="leads.campaign",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost of a source",
                "verbose_name_plural": "costs of sources",
            },
        ),
        migrations.CreateModel(
            name="Touch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
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
                ("utm", models.JSONField(default=dict)),
                ("referrer", models.CharField(blank=True, max_length=255)),
                ("page", models.CharField(blank=True, max_length=500)),
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), blank=True, default=list, size=None
                    ),
                ),
                ("was_channel", models.CharField(blank=True, max_length=16)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="touches",
                        to="leads.campaign",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="touches",
                        to="leads.lead",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="leads.channelrun",
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="touches",
                        to="leads.visitor",
                    ),
                ),
                (
                    "was_campaign",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "touch",
                "verbose_name_plural": "touches",
            },
        ),
        migrations.AddConstraint(
            model_name="channelrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("state",), name="one_channel_run_at_a_time"
            ),
        ),
        migrations.AddIndex(
            model_name="eventverdict",
            index=models.Index(fields=["key", "-at", "-id"], name="verdict_on_event"),
        ),
        migrations.AddIndex(
            model_name="eventverdict",
            index=models.Index(fields=["-at", "-id"], name="verdict_newest"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="eventverdict",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6a251987085121f15676f816cb6e82e3b4d7a2b9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f53b6",
                    table="leads_eventverdict",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcecost",
            constraint=models.UniqueConstraint(
                fields=("month", "channel", "campaign"), name="one_cost_per_month", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcecost",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__day", 1), ("amount__gte", 0)), name="cost_is_of_a_month"
            ),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(
                condition=models.Q(("lead", None), _negated=True), fields=["lead", "at"], name="touch_of_lead"
            ),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(
                condition=models.Q(("visitor", None), _negated=True),
                fields=["visitor", "at"],
                name="touch_of_visitor",
            ),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(
                condition=models.Q(("campaign", None), _negated=True),
                fields=["campaign"],
                name="touch_of_campaign",
            ),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(
                condition=models.Q(("run", None), _negated=True), fields=["run"], name="touch_of_run"
            ),
        ),
    ]
