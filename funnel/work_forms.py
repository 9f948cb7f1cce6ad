"""What people type about calls, tasks and notes. The actions decide; forms only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from funnel.actions.work import Logged, NextStep
from funnel.choices import CALL_OUTCOMES, DIRECTIONS, TASK_KINDS
from funnel.work import EVIDENCE_LIMIT, NOTE_LIMIT, TITLE_LIMIT, CallOutcome, Direction, TaskKind

KEEP = "keep"
# The verbs that end the work on a lead, asked for right after the call.
LEAVING = {
    "return": _("Return to marketing"),
    "disqualify": _("Disqualify"),
    "win": pgettext_lazy("decision", "Won"),
}


class Pills(forms.RadioSelect):
    """Few choices side by side, each one press away."""

    template_name = "funnel/_pills.html"


class MomentField(forms.DateTimeField):
    """A day and time, as browsers send it, in the reader's time zone."""

    def __init__(self, **options: object) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        options.setdefault("widget", widget)
        options.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"])
        super().__init__(**options)  # type: ignore[arg-type]  # options of DateTimeField


def next_morning(now: datetime, *, days: int = 1) -> datetime:
    """Ten o'clock after so many days in the reader's time zone, never on a weekend."""
    day = timezone.localtime(now) + timedelta(days=days)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


class CallForm(forms.Form):
    """How a call ended, and what comes next. ``kept``: what is planned anyway, in words."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    task = forms.IntegerField(widget=forms.HiddenInput, required=False)
    direction = forms.ChoiceField(
        label=_("Who called?"), choices=list(DIRECTIONS.items()), initial=Direction.OUT, widget=Pills
    )
    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=list(CALL_OUTCOMES.items()),
        widget=Pills(attrs={"digits": True}),
        error_messages={"required": _("Say how the call ended.")},
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=480)
    contract = forms.CharField(
        label=_("Ongoing contract the call is about"),
        required=False,
        max_length=EVIDENCE_LIMIT,
        help_text=_("Its number or date: without consent, only this allows a call to a consumer."),
    )
    then = forms.ChoiceField(
        label=_("What comes next?"),
        required=False,
        widget=Pills,
        error_messages={"required": _("Say what comes next: no lead in work without a next action.")},
    )
    due_at = MomentField(label=_("By when"), required=False)
    title = forms.CharField(label=_("What exactly"), required=False, max_length=TITLE_LIMIT)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        now: datetime,
        kept: str = "",
        is_worked: bool = True,
        asks_contract: bool = False,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        usual = {"key": uuid4(), "due_at": next_morning(now), "then": KEEP if kept else ""}
        super().__init__(data, initial=usual | dict(initial or {}))
        then = self.fields["then"]
        assert isinstance(then, forms.ChoiceField)
        tasks = [(code.value, TASK_KINDS[code]) for code in TaskKind]
        then.choices = [*([(KEEP, kept)] if kept else []), *tasks, *_leaving(is_worked)]
        then.required = is_worked
        if not asks_contract:
            del self.fields["contract"]

    @property
    def leaves_by(self) -> str:
        """The verb by which the lead is to leave, or ""."""
        then = self.cleaned_data.get("then", "")
        return then if then in LEAVING else ""

    @property
    def logged(self) -> Logged:
        """The call as typed."""
        typed = self.cleaned_data
        then = typed.get("then") or ""
        step = NextStep(TaskKind(then), typed["due_at"], typed["title"]) if then in list(TaskKind) else None
        return Logged(
            outcome=CallOutcome(typed["outcome"]),
            direction=Direction(typed["direction"]),
            minutes=typed.get("minutes") or 0,
            note=typed["note"],
            contract=typed.get("contract", ""),
            next_step=step,
            leaves=bool(self.leaves_by),
        )

    def clean(self) -> dict[str, object]:
        """What comes next needs a time."""
        typed = super().clean() or {}
        if typed.get("then") in list(TaskKind) and not typed.get("due_at") and "due_at" not in self.errors:
            self.add_error("due_at", _("Say by when."))
        return typed


def _leaving(is_worked: bool) -> list[tuple[str, object]]:
    """An offered lead can leave as well, but nobody has won it yet."""
    return [(code, label) for code, label in LEAVING.items() if is_worked or code != "win"]


class TaskForm(forms.Form):
    """Something to do by a time."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("What"), choices=list(TASK_KINDS.items()), initial=TaskKind.CALL, widget=Pills
    )
    title = forms.CharField(label=_("What exactly"), required=False, max_length=TITLE_LIMIT)
    due_at = MomentField(label=_("By when"), error_messages={"required": _("Say by when.")})
    assignee = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        now: datetime,
        colleagues: Sequence[User],
        initial: Mapping[str, object] | None = None,
    ) -> None:
        usual = {"key": uuid4(), "due_at": next_morning(now)}
        super().__init__(data, initial=usual | dict(initial or {}))
        field = self.fields["assignee"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            ("", _("Whoever works the lead")),
            *((one.pk, one.full_name) for one in colleagues),
        ]


class PostponeForm(forms.Form):
    """A later time for a task."""

    due_at = MomentField(label=_("By when"), error_messages={"required": _("Say by when.")})


class NoteForm(forms.Form):
    """A note."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Note"),
        max_length=NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        help_text=_("Write @ and a name to tell a colleague who may see this lead."),
        error_messages={"required": _("The note says nothing.")},
    )
