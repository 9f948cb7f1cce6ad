"""What is known before a lead is an opportunity, and how it ends."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import funnel.checklist

# How the items that were there before are answered, and from what they may be assumed.
KINDS = {"decision_process": "actions", "authority": "person"}
SOURCES = {
    "budget": ["budget_range"],
    "authority": ["company_role", "seniority"],
    "need": ["need", "pain_point", "intent"],
    "timing": ["project_month"],
}


def tell_kinds(apps, schema_editor):
    items = apps.get_model("funnel", "ChecklistItem").objects.using(schema_editor.connection.alias)
    for item in items.filter(code__in=[*KINDS, *SOURCES]):
        item.kind, item.sources = KINDS.get(item.code, "text"), SOURCES.get(item.code, [])
        item.save(update_fields=["kind", "sources"])


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0007_lock"),
        ("leads", "0012_transfer"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgeingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_on", models.BooleanField(default=False, verbose_name="on")),
                ("days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="days")),
                ("cycles", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="cycles")),
                ("changed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "ageing rule",
                "verbose_name_plural": "ageing rule",
            },
        ),
        migrations.CreateModel(
            name="AnswerVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (funnel.checklist.State["UNKNOWN"], "Unknown"),
                            (funnel.checklist.State["ASSUMED"], "Assumed"),
                            (funnel.checklist.State["CONFIRMED"], "Confirmed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=500)),
                ("evidence", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "earlier answer",
                "verbose_name_plural": "earlier answers",
            },
        ),
        migrations.CreateModel(
            name="ConversionGoal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "only_property",
                    models.CharField(blank=True, max_length=60, verbose_name="only when this property"),
                ),
                ("only_value", models.CharField(blank=True, max_length=120, verbose_name="has this value")),
                (
                    "least_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="only from this amount (€)",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "conversion goal",
                "verbose_name_plural": "conversion goals",
                "ordering": ["kind", "id"],
            },
        ),
        migrations.CreateModel(
            name="NamedPerson",
            fields=[
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="named",
                        serialize=False,
                        to="funnel.checklistanswer",
                    ),
                ),
            ],
            options={
                "verbose_name": "person named",
                "verbose_name_plural": "persons named",
            },
        ),
        migrations.CreateModel(
            name="OpportunityChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(max_length=16)),
                ("old", models.JSONField(null=True)),
                ("new", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "revised expectation",
                "verbose_name_plural": "revised expectations",
            },
        ),
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True, verbose_name="name")),
                ("contact", models.CharField(blank=True, max_length=120, verbose_name="contact")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("en", "English")],
                        default="fr",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "sectors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("industry", "Industry"),
                                ("food", "Food industry"),
                                ("construction", "Construction"),
                                ("energy", "Energy and water"),
                                ("logistics", "Transport and logistics"),
                                ("retail", "Trade and retail"),
                                ("software", "Software and IT services"),
                                ("consulting", "Consulting and services"),
                                ("finance", "Banking and insurance"),
                                ("health", "Health"),
                                ("education", "Education and research"),
                                ("public", "Public sector"),
                                ("hospitality", "Hotels and restaurants"),
                                ("agriculture", "Agriculture"),
                                ("other", "Other"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="sectors",
                    ),
                ),
                (
                    "territories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="territories",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(verbose_name="created")),
            ],
            options={
                "verbose_name": "partner",
                "verbose_name_plural": "partners",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label_fr", models.CharField(max_length=120, unique=True, verbose_name="label in French")),
                ("label_en", models.CharField(blank=True, max_length=120, verbose_name="label in English")),
                (
                    "usual_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="usual amount (€)",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="position")),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["position", "label_fr"],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("sent", models.JSONField(default=dict)),
                (
                    "notice",
                    models.CharField(
                        choices=[
                            ("none", "Not sent by Écluse"),
                            ("due", "About to be sent"),
                            ("claimed", "Being sent"),
                            ("sent", "Sent"),
                            ("unknown", "Perhaps sent"),
                            ("cancelled", "Taken back"),
                        ],
                        default="due",
                        max_length=9,
                    ),
                ),
                ("notice_due_at", models.DateTimeField()),
                ("notice_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("won", "Won"), ("lost", "Lost")],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name="amount"),
                ),
                ("outcome_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "referral",
                "verbose_name_plural": "referrals",
            },
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "In words"),
                    ("choice", "One of several options"),
                    ("person", "A person of the company"),
                    ("actions", "In words, with next actions"),
                ],
                default="text",
                max_length=8,
                verbose_name="answer",
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="options_en",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(blank=True, max_length=80),
                blank=True,
                default=list,
                size=None,
                verbose_name="options in English",
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="options_fr",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80),
                blank=True,
                default=list,
                size=None,
                verbose_name="options in French",
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="sources",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                default=list,
                size=None,
                verbose_name="assumed from",
            ),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="competitor",
            field=models.CharField(blank=True, max_length=200, verbose_name="competitor"),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("competitor", ""), _negated=True),
                fields=["competitor"],
                name="opportunity_competitor",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["text", "choice", "person", "actions"])),
                name="checklist_item_kind",
            ),
        ),
        migrations.AddField(
            model_name="ageingrule",
            name="changed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="answerversion",
            name="answer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="funnel.checklistanswer",
            ),
        ),
        migrations.AddField(
            model_name="answerversion",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="conversiongoal",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="leads.eventkind",
                verbose_name="event",
            ),
        ),
        migrations.AddField(
            model_name="namedperson",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"
            ),
        ),
        migrations.AddField(
            model_name="opportunitychange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="opportunitychange",
            name="opportunity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="funnel.opportunity"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("usual_amount", None), ("usual_amount__gte", 0), _connector="OR"),
                name="product_amount",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="leads.lead"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="outcome_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="funnel.partner"
            ),
        ),
        migrations.AddConstraint(
            model_name="ageingrule",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_ageing_rule"),
        ),
        migrations.AddConstraint(
            model_name="ageingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_on", False), ("days__isnull", False), ("cycles__isnull", False), _connector="OR"
                ),
                name="ageing_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="ageingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("days", None), ("days__gte", 30), _connector="OR"),
                    models.Q(("cycles", None), ("cycles__gte", 1), _connector="OR"),
                ),
                name="ageing_limits",
            ),
        ),
        migrations.AddIndex(
            model_name="answerversion",
            index=models.Index(fields=["answer", "-id"], name="answer_versions"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="answerversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3fc137c6382ad274dd5a81c2d45f0bfdde2485e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ce3f3",
                    table="funnel_answerversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="conversiongoal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("only_property", ""), ("only_value", "")),
                    models.Q(
                        models.Q(("only_property", ""), _negated=True),
                        models.Q(("only_value", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="goal_condition",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversiongoal",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_amount", None), ("least_amount__gte", 0), _connector="OR"),
                name="goal_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunitychange",
            index=models.Index(fields=["opportunity", "-id"], name="opportunity_changes"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunitychange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0c62321c90ce56c5ae906db8333dd9f1ae4b431d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_30504",
                    table="funnel_opportunitychange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("notice", "due")), fields=["notice_due_at"], name="referral_due"
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["partner", "-at"], name="referral_of_partner"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount", None), ("outcome", ""), ("outcome_at", None)),
                    models.Q(("outcome__in", ["won", "lost"]), ("outcome_at__isnull", False)),
                    _connector="OR",
                ),
                name="referral_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount", None), models.Q(("amount__gte", 0), ("outcome", "won")), _connector="OR"
                ),
                name="referral_amount",
            ),
        ),
        migrations.RunPython(tell_kinds, migrations.RunPython.noop),
    ]
