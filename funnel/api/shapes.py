"""The shapes of the funnel's API: what a verb takes, what is answered."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from funnel.models import Offer
from funnel.research import RESEARCH_FIELDS
from leads.api.fields import Line, Month, StrictInteger, StrictSerializer, Text


class DecisionIn(StrictSerializer):
    """What every verb takes: who decides, when a key calls."""

    by = Line(max_length=254, help_text="With a secret key: the email of the user who decides.")


class AcceptIn(DecisionIn):
    """Accept an offer."""

    value_rating = StrictInteger(required=False, min_value=1, max_value=5)


class ReturnIn(AcceptIn):
    """Give a lead back to marketing."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)
    wake_month = Month(required=False, help_text="YYYY-MM, where the reason asks for the project's month.")
    missing_fields = serializers.ListField(
        child=serializers.ChoiceField(choices=RESEARCH_FIELDS),
        required=False,
        max_length=len(RESEARCH_FIELDS),
    )


class DisqualifyIn(AcceptIn):
    """Reject a lead for good."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)


class QualifyIn(DecisionIn):
    """SAL to SQL: the opportunity."""

    product = Line(max_length=200, required=True, allow_blank=False)
    expected_amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    expected_close = serializers.DateField()


class WonIn(DecisionIn):
    """A sale."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    product = Line(max_length=200)


class LostIn(DecisionIn):
    """No sale."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)
    wake_month = Month(required=False)


class StandingOut(serializers.Serializer[Any]):
    """Where the lead stands now."""

    lead = serializers.UUIDField()
    stage = serializers.CharField()
    situation = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]
    cycle = serializers.IntegerField()
    since = serializers.DateTimeField()
    wake_on = serializers.DateField(allow_null=True)
    rep = serializers.EmailField(allow_null=True)


class OfferOut(serializers.ModelSerializer[Offer]):
    """An open offer: a SAL to decide."""

    lead = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    rep = serializers.EmailField(source="rep.user.email", read_only=True)

    class Meta:
        model = Offer
        fields: ClassVar = ["lead", "rep", "cycle", "offered_at", "deadline"]
        read_only_fields = fields
