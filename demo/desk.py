"""How the reps of the demonstration spend their days: offers first, then the leads they work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import User
from demo.cast import Person
from demo.fates import (
    CALL_NOTES,
    CHECKLIST,
    NEXT_STEPS,
    NOTES,
    PARTNERS,
    Choice,
    End,
    Fate,
    Manner,
    fate,
)
from demo.newcomers import whole_story
from funnel.actions.calls import Logged, log_call
from funnel.actions.checklist import Answer, confirm_all
from funnel.actions.decisions import accept, decline, disqualify, research, return_to_marketing
from funnel.actions.referrals import record_transfer_consent
from funnel.actions.sales import lose, qualify, refer, win
from funnel.actions.tasks import NextStep, add_task, complete_task
from funnel.call_rules import may_call
from funnel.checklist import State
from funnel.models import Offer, Partner
from funnel.queries.work import callee_of
from funnel.stages import Stage
from funnel.work import CallOutcome, TaskKind
from leads.models import Lead
from leads.partitions import month_after

BETWEEN_DECISIONS = timedelta(minutes=6)
REQUIRED = ("budget", "decision_process", "authority")


def _with_standing(lead_ids: Iterable[int]) -> dict[int, Lead]:
    """These leads as they stand now, by id."""
    return Lead.objects.select_related("standing").in_bulk(list(lead_ids))


@dataclass(slots=True)
class Desk:
    """One rep's work. ``plan``: what to do on which day, as (lead id, step)."""

    user: User
    seed: int
    manner: Manner
    people: Mapping[int, Person]
    plan: dict[date, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    fates: dict[int, Fate] = field(default_factory=dict)

    def work(self, *, now: datetime, today: date) -> int:
        """A working day that begins at ``now``: all open offers, then what is planned; how many decisions."""
        clock, done = now, 0
        for offer in (
            Offer.objects.open().filter(rep=self.user.pk).select_related("lead").order_by("deadline", "pk")
        ):
            clock += BETWEEN_DECISIONS
            done += self._decide(offer, clock, today)
        steps = [
            step for day in sorted(day for day in self.plan if day <= today) for step in self.plan.pop(day)
        ]
        looked_up = _with_standing(lead_id for lead_id, _step in steps)
        for lead_id, step in steps:
            clock += BETWEEN_DECISIONS
            # The second step of a day with one lead needs it as the first one left it.
            lead = looked_up.pop(lead_id, None) or _with_standing([lead_id])[lead_id]
            done += self._go_on(lead, step, clock, today)
        return done

    def _decide(self, offer: Offer, now: datetime, today: date) -> bool:
        """One offer, as the person's fate has it."""
        found = fate(self.seed, self.people[offer.lead_id], offer.cycle, self.manner)
        match found.choice:
            case Choice.FORGET:
                return False
            case Choice.RESEARCH if offer.research_until is None:
                research(offer=offer, by=self.user, now=now, fields=self._found_out(offer.lead, today))
            case Choice.RETURN:
                self._return(offer.lead, found, now, rating=found.value_rating)
            case Choice.DISQUALIFY:
                disqualify(
                    lead=offer.lead,
                    by=self.user,
                    now=now,
                    reason=found.reason,
                    note=found.note,
                    value_rating=found.value_rating,
                )
            case Choice.DECLINE:
                decline(offer=offer, by=self.user, now=now, reason=found.reason)
            case _:
                self._accept(offer, found, now, today)
        return True

    def _found_out(self, lead: Lead, today: date) -> dict[str, object]:
        """What the rep learns on the phone: only what nobody had noted."""
        whole = whole_story(self.people[lead.pk], month_after(today.replace(day=1), 3))
        names = ("company_role", "need", "budget_range", "project_month", "pain_point")
        return {name: whole[name] for name in names if not getattr(lead, name) and whole[name]}

    def _accept(self, offer: Offer, found: Fate, now: datetime, today: date) -> None:
        accept(offer=offer, by=self.user, now=now, value_rating=found.value_rating)
        self.fates[offer.lead_id] = found
        self.plan[today].append((offer.lead_id, "contact"))
        self.plan[today + timedelta(days=1)].append((offer.lead_id, "call"))
        if found.qualified_after is not None:
            self.plan[today + timedelta(days=found.qualified_after)].append((offer.lead_id, "qualify"))
        self.plan[today + timedelta(days=found.ends_after)].append((offer.lead_id, "end"))

    def _go_on(self, lead: Lead, step: str, now: datetime, today: date) -> bool:
        """The next step with a lead, if it is still this rep's."""
        if lead.standing.rep_id != self.user.pk:
            return False
        found, number = self.fates[lead.pk], self.people[lead.pk].number
        if step == "contact":
            self._contact(lead, found, now)
        elif step == "call":
            self._note(lead, ("need", "budget") if number % 2 else ("authority", "timing"), now)
        elif step == "qualify":
            self._qualify(lead, found, now, today)
        else:
            self._end(lead, found, now)
        return True

    def _contact(self, lead: Lead, found: Fate, now: datetime) -> None:
        """The first contact, on the phone; who may not be called is written to. Then the next step is set."""
        number = self.people[lead.pk].number
        then = self._next_step(number, now + timedelta(days=found.qualified_after or found.ends_after))
        told = CALL_NOTES[number % len(CALL_NOTES)]
        if may_call(callee_of(lead, now=now), now).allowed:
            call = Logged(CallOutcome.REACHED, minutes=3 + number % 9, note=told, next_step=then)
            log_call(lead=lead, by=self.user, now=now, call=call)
        else:
            self._do(lead, now)
            self._plan_step(lead, then, now)

    def _do(self, lead: Lead, now: datetime) -> None:
        """Everything planned with this lead is done."""
        for task in lead.tasks.filter(cycle=lead.standing.cycle, done_at=None):
            complete_task(task=task, by=self.user, now=now)

    def _plan_step(self, lead: Lead, step: NextStep, now: datetime) -> None:
        add_task(lead=lead, by=self.user, now=now, kind=step.kind, due_at=step.due_at, title=step.title)

    @staticmethod
    def _next_step(number: int, due_at: datetime) -> NextStep:
        kind, title = NEXT_STEPS[number % len(NEXT_STEPS)]
        return NextStep(TaskKind(kind), due_at, title)

    def _note(self, lead: Lead, items: tuple[str, ...], now: datetime) -> None:
        """Answers to the checklist; the timing stays an assumption."""
        answers = [
            Answer(item, State.ASSUMED if item == "timing" else State.CONFIRMED, *CHECKLIST[item])
            for item in items
        ]
        if answers:
            confirm_all(lead=lead, answers=answers, by=self.user, now=now)

    def _qualify(self, lead: Lead, found: Fate, now: datetime, today: date) -> None:
        known = lead.checklist_answers.filter(cycle=lead.standing.cycle, state=State.CONFIRMED)
        answered = set(known.values_list("item__code", flat=True))
        self._note(lead, tuple(item for item in REQUIRED if item not in answered), now)
        qualify(
            lead=lead,
            by=self.user,
            now=now,
            product=found.product,
            expected_amount=Decimal(found.amount),
            expected_close=today
            + timedelta(days=max(1, found.ends_after - (found.qualified_after or 0) + 5)),
        )
        self._do(lead, now)
        ahead = timedelta(days=max(1, found.ends_after - (found.qualified_after or 0)))
        step = self._next_step(self.people[lead.pk].number + 1, now + ahead)
        self._plan_step(lead, step, now)

    def _end(self, lead: Lead, found: Fate, now: datetime) -> None:
        """Won, lost, given back, given up or passed to a partner."""
        is_opportunity = lead.standing.stage == Stage.SQL
        match found.end:
            case End.WIN:
                win(lead=lead, by=self.user, now=now, amount=Decimal(found.amount), product=found.product)
            case End.LOSE if is_opportunity:
                month = self._month(found, now) if found.end_reason == "project_far" else None
                lose(lead=lead, by=self.user, now=now, reason=found.end_reason, wake_month=month)
            case End.REFER:
                self._refer(lead, now)
            case End.DISQUALIFY:
                disqualify(lead=lead, by=self.user, now=now, reason=found.end_reason)
            case _:
                self._return(lead, found, now)

    def _refer(self, lead: Lead, now: datetime) -> None:
        """To a partner, after the lead has agreed on the phone. The directory grows as it is needed."""
        name = PARTNERS[self.people[lead.pk].number % len(PARTNERS)]
        partner, _made = Partner.objects.get_or_create(name=name, defaults={"created_at": now})
        record_transfer_consent(lead=lead, way="phone", by=self.user, now=now)
        refer(lead=lead, by=self.user, now=now, partner=partner)

    def _return(self, lead: Lead, found: Fate, now: datetime, rating: int | None = None) -> None:
        """Back to marketing, with what the reason asks for."""
        reason = found.reason or found.end_reason
        return_to_marketing(
            lead=lead,
            by=self.user,
            now=now,
            reason=reason,
            note=found.note or NOTES.get(reason, ""),
            wake_month=self._month(found, now) if reason == "project_far" else None,
            missing_fields=["need", "budget_range"] if reason == "information_missing" else (),
            value_rating=rating,
        )

    @staticmethod
    def _month(found: Fate, now: datetime) -> date:
        return month_after(now.date().replace(day=1), max(3, found.months_ahead))
