"""Histories of leads that were merged."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

import funnel.stages


class Migration(migrations.Migration):
    dependencies = [
        ("funnel", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="passage",
            name="merged_from",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="passage",
            name="verb",
            field=models.CharField(
                choices=[
                    (funnel.stages.Verb["ENTER"], "Entered the funnel"),
                    (funnel.stages.Verb["GATE"], "Passed the MQL gate"),
                    (funnel.stages.Verb["COOL"], "Cooled down"),
                    (funnel.stages.Verb["READY"], "Became ready for sales"),
                    (funnel.stages.Verb["UNREADY"], "No longer ready for sales"),
                    (funnel.stages.Verb["OFFER"], "Offered to sales"),
                    (funnel.stages.Verb["EXPIRE"], "Offer not decided in time"),
                    (funnel.stages.Verb["WITHDRAW"], "Offer withdrawn"),
                    (funnel.stages.Verb["CONVERT"], "Converted"),
                    (funnel.stages.Verb["WAKE"], "Woken up"),
                    (funnel.stages.Verb["PROMOTE"], "Made an MQL"),
                    (funnel.stages.Verb["ACCEPT"], "Accepted"),
                    (funnel.stages.Verb["DECLINE"], "Passed on to another rep"),
                    (funnel.stages.Verb["RETURN"], "Returned to marketing"),
                    (funnel.stages.Verb["DISQUALIFY"], "Disqualified"),
                    (funnel.stages.Verb["QUALIFY"], "Qualified"),
                    (funnel.stages.Verb["WIN"], "Won"),
                    (funnel.stages.Verb["LOSE"], "Lost"),
                    (funnel.stages.Verb["REFER"], "Referred to a partner"),
                    (funnel.stages.Verb["REOPEN"], "Reopened"),
                    (funnel.stages.Verb["MERGE"], "Merged with a lead that stood further"),
                ],
                max_length=12,
                verbose_name="decision",
            ),
        ),
        migrations.AlterField(
            model_name="reason",
            name="verbs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        (funnel.stages.Verb["ENTER"], "Entered the funnel"),
                        (funnel.stages.Verb["GATE"], "Passed the MQL gate"),
                        (funnel.stages.Verb["COOL"], "Cooled down"),
                        (funnel.stages.Verb["READY"], "Became ready for sales"),
                        (funnel.stages.Verb["UNREADY"], "No longer ready for sales"),
                        (funnel.stages.Verb["OFFER"], "Offered to sales"),
                        (funnel.stages.Verb["EXPIRE"], "Offer not decided in time"),
                        (funnel.stages.Verb["WITHDRAW"], "Offer withdrawn"),
                        (funnel.stages.Verb["CONVERT"], "Converted"),
                        (funnel.stages.Verb["WAKE"], "Woken up"),
                        (funnel.stages.Verb["PROMOTE"], "Made an MQL"),
                        (funnel.stages.Verb["ACCEPT"], "Accepted"),
                        (funnel.stages.Verb["DECLINE"], "Passed on to another rep"),
                        (funnel.stages.Verb["RETURN"], "Returned to marketing"),
                        (funnel.stages.Verb["DISQUALIFY"], "Disqualified"),
                        (funnel.stages.Verb["QUALIFY"], "Qualified"),
                        (funnel.stages.Verb["WIN"], "Won"),
                        (funnel.stages.Verb["LOSE"], "Lost"),
                        (funnel.stages.Verb["REFER"], "Referred to a partner"),
                        (funnel.stages.Verb["REOPEN"], "Reopened"),
                        (funnel.stages.Verb["MERGE"], "Merged with a lead that stood further"),
                    ],
                    max_length=12,
                ),
                size=None,
                verbose_name="decisions",
            ),
        ),
    ]
