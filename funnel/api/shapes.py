"""The shapes of the funnel's API: what a verb takes, what is answered."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from funnel.checklist import State
from funnel.models import Offer
from funnel.research import RESEARCH_FIELDS
from leads.api.fields import Choice, Line, Moment, Month, StrictInteger, StrictSerializer, Text


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
    competitor = Line(max_length=200)


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
    decision = serializers.IntegerField(
        allow_null=True, help_text="The id of what brought it there, as in the feed."
    )


class OfferOut(serializers.ModelSerializer[Offer]):
    """An offer: a SAL to decide, or what became of it."""

    lead = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    rep = serializers.EmailField(source="rep.user.email", read_only=True)
    status = serializers.CharField(read_only=True)
    decided_by = serializers.EmailField(
        source="decided_by.email", read_only=True, allow_null=True, default=None
    )
    reason = serializers.CharField(source="reason.code", read_only=True, allow_null=True, default=None)
    changed_at = serializers.DateTimeField(
        read_only=True, help_text="When it was made or decided; ?since= asks by it."
    )

    class Meta:
        model = Offer
        fields: ClassVar = [
            "id",
            "lead",
            "rep",
            "status",
            "cycle",
            "offered_at",
            "deadline",
            "snoozed_until",
            "decided_at",
            "decided_by",
            "reason",
            "value_rating",
            "changed_at",
        ]
        read_only_fields = fields


class PassOnIn(DecisionIn):
    """Pass an offer on to another rep."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)


class ResearchIn(DecisionIn):
    """What was found out; an empty value says nothing."""

    first_name = Line(max_length=100)
    last_name = Line(max_length=100)
    phone = Line(max_length=60)
    job_title = Line(max_length=120)
    department = Line(max_length=80)
    seniority = Line(max_length=12)
    company_role = Line(max_length=16)
    need = Text(max_length=2000)
    project_month = Month(required=False)
    budget_range = Line(max_length=12)
    pain_point = Text(max_length=2000)


class SnoozeIn(DecisionIn):
    """Look at an offer later; its deadline stays."""

    until = Moment()


class UndoIn(DecisionIn):
    """Take the last decision back, within five minutes."""

    decision = StrictInteger(required=False, help_text="Its id, as in the feed; else the lead's last one.")


class ReferIn(DecisionIn):
    """To a partner who serves it better."""

    partner = Line(max_length=200, required=True, allow_blank=False, help_text="The partner's name.")
    reason = Line(max_length=40)
    note = Text(max_length=2000)


class ReopenIn(DecisionIn):
    """A customer or a disqualified lead begins a new cycle."""

    reason = Line(max_length=40, required=True, allow_blank=False)
    note = Text(max_length=2000)


class AnswerIn(StrictSerializer):
    """What is known about one item of the checklist."""

    item = Line(max_length=40, required=True, allow_blank=False)
    state = Choice(choices=[state.value for state in State], default=State.CONFIRMED.value)
    value = Line(max_length=500)
    evidence = Line(max_length=500)


class ChecklistIn(DecisionIn):
    """Answers to items of the checklist, all or none."""

    answers = serializers.ListField(child=AnswerIn(), min_length=1, max_length=50)
