"""Work on a lead over HTTP: calls, tasks, messages on networks and meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from funnel.actions.meetings import Plan, cancel_meeting, close_meeting, propose_meeting
from funnel.actions.social import log_social
from funnel.actions.work import Logged, NextStep, add_task, log_call
from funnel.api.offers import READS
from funnel.api.shapes import DecisionIn
from funnel.api.verbs import VerbView, documented
from funnel.models import Meeting, MeetingKind, Network
from funnel.refusals import Refused
from funnel.work import CallOutcome, Direction, TaskKind
from leads.api.fields import (
    Choice,
    Line,
    Moment,
    StrictBoolean,
    StrictInteger,
    StrictSerializer,
    Text,
    UuidField,
)
from leads.api.idempotency import Answer
from leads.api.schema import problems
from leads.models import Lead


class TaskIn(DecisionIn):
    """Something to do by a time."""

    kind = Choice(choices=[kind.value for kind in TaskKind])
    due_at = Moment()
    title = Line(max_length=200)


class NextIn(StrictSerializer):
    """What comes next after a call."""

    kind = Choice(choices=[kind.value for kind in TaskKind])
    due_at = Moment()
    title = Line(max_length=200)


class CallIn(DecisionIn):
    """A call that was made or taken. A lead in work needs something that comes next."""

    outcome = Choice(choices=[outcome.value for outcome in CallOutcome])
    direction = Choice(choices=[one.value for one in Direction], default=Direction.OUT.value)
    at = Moment(required=False)
    minutes = StrictInteger(required=False, min_value=0, max_value=480)
    note = Text(max_length=2000)
    contract = Line(max_length=200, help_text="The ongoing contract that allows to call a consumer.")
    next_step = NextIn(required=False)


class MessageIn(DecisionIn):
    """A message on a network."""

    network = Choice(choices=Network.values)
    direction = Choice(choices=[one.value for one in Direction], default=Direction.OUT.value)
    at = Moment(required=False)
    note = Line(max_length=1000)


class MeetingIn(DecisionIn):
    """An appointment with a lead that sales work."""

    kind = Choice(choices=MeetingKind.values, default=MeetingKind.MEETING.value)
    title = Line(max_length=120, required=True, allow_blank=False)
    starts_at = Moment()
    ends_at = Moment()
    place = Line(max_length=200)
    link = Line(max_length=500)
    is_agreed = StrictBoolean(default=False, help_text="The person has said yes already.")
    invites = StrictBoolean(default=True, help_text="Whether an invitation is sent by email.")


class MeetingActIn(DecisionIn):
    """What became of an appointment."""

    meeting = UuidField(required=True)
    act = Choice(choices=["cancel", "held", "missed"])


class DoneOut(serializers.Serializer[Any]):
    """What was written down."""

    id = serializers.CharField()


class MeetingOut(serializers.ModelSerializer[Meeting]):
    """An appointment."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    rep = serializers.EmailField(source="rep.user.email", read_only=True)
    kind = serializers.CharField(read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Meeting
        fields: ClassVar = [
            "id",
            "rep",
            "kind",
            "title",
            "starts_at",
            "ends_at",
            "place",
            "link",
            "state",
            "uid",
            "sequence",
            "answered_at",
        ]
        read_only_fields = fields


class _Noting(VerbView):
    """A verb that writes something down and answers with its id."""

    def answered(self, lead: Lead, result: object) -> Answer:
        """201, and the id."""
        number = getattr(result, "public_id", None) or getattr(result, "key", None) or result
        return Answer(201, {"id": str(number)})


@documented(CallIn, "call", DoneOut, 201)
class CallView(_Noting):
    """Log a call."""

    shape = CallIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Written down if the law allowed it."""
        given = values | {
            "outcome": CallOutcome(values["outcome"]),
            "direction": Direction(values["direction"]),
        }
        if step := values.get("next_step"):
            given["next_step"] = NextStep(TaskKind(step["kind"]), step["due_at"], step.get("title", ""))
        return log_call(lead=lead, by=by, now=now, call=Logged(**given))


@documented(TaskIn, "task", DoneOut, 201)
class TaskView(_Noting):
    """Plan something to do."""

    shape = TaskIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """For whoever works the lead."""
        return add_task(lead=lead, by=by, now=now, **values)


@documented(MessageIn, "message", DoneOut, 201)
class MessageView(_Noting):
    """Log a message on a network."""

    shape = MessageIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Sent by us, or their reply."""
        given = values | {"direction": Direction(values["direction"])}
        return log_social(lead=lead, by=by, now=now, **given)


@documented(MeetingIn, "meeting", DoneOut, 201)
class MeetingsView(_Noting):
    """Appointments of a lead."""

    shape = MeetingIn
    access: ClassVar = {**VerbView.access, "GET": READS}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Noted, and the lead invited."""
        names = ("starts_at", "ends_at", "place", "link")
        plan = Plan(**{name: values.pop(name) for name in names if name in values})
        return propose_meeting(lead=lead, by=by, now=now, plan=plan, **values)

    @extend_schema(
        operation_id="leads_meetings_list",
        responses={200: MeetingOut(many=True)} | problems(401, 403, 404, 429),
    )
    def get(self, request: Request, public_id: Any) -> Response:
        """The appointments of a lead, the latest first."""
        found = Meeting.objects.filter(lead=self.find_lead(public_id)).select_related("rep__user")
        return Response(MeetingOut(found.order_by("-starts_at")[:200], many=True).data)


@documented(MeetingActIn, "meeting_act", DoneOut, 201)
class MeetingActView(_Noting):
    """Call an appointment off, or say whether it took place."""

    shape = MeetingActIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Once, however often it is said."""
        meeting = Meeting.objects.filter(lead=lead, public_id=values["meeting"]).first()
        if meeting is None:
            raise Refused("meeting_unknown")
        if values["act"] == "cancel":
            return cancel_meeting(meeting=meeting, by=by, now=now)
        return close_meeting(meeting=meeting, by=by, now=now, was_held=values["act"] == "held")
