"""Who may take which lead, when they work, and what the allocation decided."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0005_inbox"),
        ("leads", "0011_siren"),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="last day away")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "hands_over",
                    models.BooleanField(default=False, verbose_name="hands over the leads being worked"),
                ),
                ("begun_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "absence",
                "verbose_name_plural": "absences",
                "ordering": ["first_day", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AllocationDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("cycle", models.PositiveSmallIntegerField()),
                ("rule", models.CharField(blank=True, max_length=16, verbose_name="rule")),
                ("why_not", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "allocation decision",
                "verbose_name_plural": "allocation decisions",
            },
        ),
        migrations.CreateModel(
            name="AllocationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("country", "Countries"),
                            ("region", "Regions"),
                            ("department", "Departments"),
                            ("postcode", "Postcodes"),
                            ("sector", "Sectors"),
                            ("language", "Languages"),
                            ("size", "Company sizes"),
                            ("product", "Products"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "values",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), size=500, verbose_name="values"
                    ),
                ),
                (
                    "takes_unknown",
                    models.BooleanField(default=True, verbose_name="also where it is not known"),
                ),
            ],
            options={
                "verbose_name": "allocation rule",
                "verbose_name_plural": "allocation rules",
            },
        ),
        migrations.CreateModel(
            name="SalesPolicy",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "decide_hours",
                    models.PositiveSmallIntegerField(
                        default=8,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="Hours to decide on an offer",
                    ),
                ),
                (
                    "research_hours",
                    models.PositiveSmallIntegerField(
                        default=8,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="Hours more to find out what is missing, once",
                    ),
                ),
                (
                    "first_contact_hours",
                    models.PositiveSmallIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="Hours from acceptance to the first contact",
                    ),
                ),
                (
                    "reminder_hours",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="Hours before the deadline for the reminder (0: none)",
                    ),
                ),
                (
                    "take_back_minutes",
                    models.PositiveSmallIntegerField(
                        default=60,
                        validators=[django.core.validators.MaxValueValidator(480)],
                        verbose_name="Minutes to take back an offer that was passed on or not decided in time (0: never)",
                    ),
                ),
                (
                    "reps_before_manager",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20),
                        ],
                        verbose_name="Reps who may let a lead pass before it goes to the manager",
                    ),
                ),
            ],
            options={
                "verbose_name": "sales policy",
                "verbose_name_plural": "sales policy",
            },
        ),
        migrations.AddField(
            model_name="offer",
            name="remind_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rep",
            name="region",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "France, national holidays"),
                    ("57", "Alsace and Moselle"),
                    ("971", "Guadeloupe"),
                    ("972", "Martinique"),
                    ("973", "French Guiana"),
                    ("974", "Réunion"),
                    ("976", "Mayotte"),
                    ("BL", "Saint Barthélemy"),
                    ("MF", "Saint Martin"),
                    ("PM", "Saint Pierre and Miquelon"),
                    ("NC", "New Caledonia"),
                    ("PF", "French Polynesia"),
                    ("WF", "Wallis and Futuna"),
                ],
                default="",
                max_length=4,
                verbose_name="public holidays of",
            ),
        ),
        migrations.AddField(
            model_name="rep",
            name="sal_cap",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="SAL at the same time"
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["remind_at"], name="offer_to_remind"
            ),
        ),
        migrations.AddConstraint(
            model_name="rep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "region__in",
                        ["", "57", "971", "972", "973", "974", "976", "BL", "MF", "PM", "NC", "PF", "WF"],
                    )
                ),
                name="rep_region",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="deputy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="funnel.rep",
                verbose_name="to whom",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="rep",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="absences", to="funnel.rep"
            ),
        ),
        migrations.AddField(
            model_name="allocationdecision",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="allocation_decisions",
                to="leads.lead",
            ),
        ),
        migrations.AddField(
            model_name="allocationdecision",
            name="rep",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="funnel.rep"
            ),
        ),
        migrations.AddField(
            model_name="allocationrule",
            name="rep",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="funnel.rep"
            ),
        ),
        migrations.AddConstraint(
            model_name="salespolicy",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_sales_policy"),
        ),
        migrations.AddConstraint(
            model_name="salespolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decide_hours__range", (1, 200)),
                    ("research_hours__range", (1, 200)),
                    ("first_contact_hours__range", (1, 200)),
                    ("reminder_hours__range", (0, 200)),
                    ("take_back_minutes__range", (0, 480)),
                    ("reps_before_manager__range", (1, 20)),
                ),
                name="sales_policy_positive",
            ),
        ),
        migrations.AddIndex(
            model_name="absence",
            index=models.Index(
                condition=models.Q(("begun_at", None)), fields=["first_day"], name="absence_to_begin"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_day", None), ("last_day__gte", models.F("first_day")), _connector="OR"
                ),
                name="absence_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.UniqueConstraint(fields=("rep", "first_day"), name="one_absence_a_first_day"),
        ),
        migrations.AddIndex(
            model_name="allocationdecision",
            index=models.Index(fields=["lead", "-id"], name="allocation_of_lead"),
        ),
        migrations.AddIndex(
            model_name="allocationdecision",
            index=models.Index(fields=["-at", "-id"], name="allocation_newest"),
        ),
        migrations.AddConstraint(
            model_name="allocationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rep", None), ("rule", "")),
                    models.Q(("rep__isnull", False), models.Q(("rule", ""), _negated=True)),
                    _connector="OR",
                ),
                name="allocation_has_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.UniqueConstraint(fields=("rep", "kind"), name="one_rule_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "country",
                            "region",
                            "department",
                            "postcode",
                            "sector",
                            "language",
                            "size",
                            "product",
                        ],
                    )
                ),
                name="allocation_rule_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("values__len__gte", 1)), name="allocation_rule_values"
            ),
        ),
        migrations.RunSQL(
            sql="INSERT INTO funnel_absence (rep_id, first_day, last_day, note, hands_over, begun_at) SELECT user_id, absent_from, absent_until, '', false, NULL FROM funnel_rep WHERE absent_from IS NOT NULL",
            reverse_sql="UPDATE funnel_rep SET absent_from = one.first_day, absent_until = one.last_day FROM (SELECT DISTINCT ON (rep_id) * FROM funnel_absence ORDER BY rep_id, first_day DESC) AS one WHERE one.rep_id = user_id",
        ),
        migrations.RemoveConstraint(
            model_name="rep",
            name="rep_absence",
        ),
        migrations.RemoveField(
            model_name="rep",
            name="absent_from",
        ),
        migrations.RemoveField(
            model_name="rep",
            name="absent_until",
        ),
    ]
