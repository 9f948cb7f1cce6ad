"""Offers that a rep looks at later."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("funnel", "0004_stages")]
    operations = [
        migrations.AddField(
            model_name="offer",
            name="snoozed_at",
            field=models.DateTimeField(null=True, verbose_name="put aside"),
        ),
        migrations.AddField(
            model_name="offer",
            name="snoozed_until",
            field=models.DateTimeField(null=True, verbose_name="put aside until"),
        ),
        migrations.AddField(
            model_name="offer",
            name="woken_by",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                name="offer_snoozed",
                condition=Q(snoozed_at=None, snoozed_until=None)
                | Q(snoozed_until__gte=F("snoozed_at"), snoozed_until__lte=F("deadline")),
            ),
        ),
    ]
