"""The decisions of sales over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q

from accounts.models import User
from accounts.scopes import Scope
from funnel.actions import decisions, marketing, sales, snoozing, undoing
from funnel.actions.checklist import Answer, confirm_all
from funnel.actions.passages import last_passage
from funnel.actions.taking_back import take_back
from funnel.api.shapes import (
    AcceptIn,
    ChecklistIn,
    DecisionIn,
    DisqualifyIn,
    LostIn,
    PassOnIn,
    QualifyIn,
    ReferIn,
    ReopenIn,
    ResearchIn,
    ReturnIn,
    SnoozeIn,
    UndoIn,
    WonIn,
)
from funnel.api.verbs import SALES, VerbView, documented
from funnel.checklist import State
from funnel.models import Offer, Passage
from funnel.refusals import Refused
from leads.api.keys import KeyCaller
from leads.api.permissions import access
from leads.models import Lead


def newest_offer(lead: Lead) -> Offer:
    """The offer that is meant when a lead is named. Raises Refused when it never was offered."""
    offers = Offer.objects.select_related("rep__user", "lead").filter(lead=lead)
    offer = offers.order_by("-id").first()
    if offer is None:
        raise Refused("not_offered")
    return offer


@documented(AcceptIn, "accept")
class AcceptView(VerbView):
    """Accept: the lead becomes a SAL, the decider its owner."""

    shape = AcceptIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """The lead's newest offer is the one that is meant."""
        return decisions.accept(offer=newest_offer(lead), by=by, now=now, **values)


@documented(ReturnIn, "return")
class ReturnView(VerbView):
    """Return to marketing, with a reason."""

    shape = ReturnIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Recycle it."""
        return decisions.return_to_marketing(lead=lead, by=by, now=now, **values)


@documented(DisqualifyIn, "disqualify")
class DisqualifyView(VerbView):
    """Disqualify, with a reason."""

    shape = DisqualifyIn
    access: ClassVar = {"POST": access(Scope.FUNNEL_WRITE, permissions=(*SALES, "funnel.move_leads"))}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Reject it."""
        return decisions.disqualify(lead=lead, by=by, now=now, **values)


@documented(QualifyIn, "qualify")
class QualifyView(VerbView):
    """Qualify: a SAL whose checklist holds becomes an SQL."""

    shape = QualifyIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Open the opportunity."""
        return sales.qualify(lead=lead, by=by, now=now, **values)


@documented(WonIn, "won")
class WonView(VerbView):
    """Won: a SAL or SQL becomes a customer."""

    shape = WonIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Close the opportunity as won."""
        return sales.win(lead=lead, by=by, now=now, **values)


@documented(LostIn, "lost")
class LostView(VerbView):
    """Lost: the reason says whether it is recycled or disqualified."""

    shape = LostIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Close the opportunity as lost."""
        return sales.lose(lead=lead, by=by, now=now, **values)


@documented(PassOnIn, "decline")
class DeclineView(VerbView):
    """Pass an offer on: the lead stays ready, for another rep."""

    shape = PassOnIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Close the offer."""
        return decisions.decline(offer=newest_offer(lead), by=by, now=now, **values)


@documented(ResearchIn, "research")
class ResearchView(VerbView):
    """Fill in what was missing; the first time an open offer's deadline is extended."""

    shape = ResearchIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Take the fields over as found by sales."""
        return decisions.research(offer=newest_offer(lead), by=by, now=now, fields=values)


@documented(SnoozeIn, "snooze")
class SnoozeView(VerbView):
    """Put an offer aside until a moment before its deadline."""

    shape = SnoozeIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Out of sight until then."""
        return snoozing.snooze(offer=newest_offer(lead), by=by, now=now, until=values["until"])


class _Afterwards(VerbView):
    """A verb about a lead that may no longer be the caller's: one they had or moved before."""

    def lead_of(self, public_id: Any) -> Lead:
        """For people, any lead that was offered to them or that they decided on. Raises NotFound."""
        if isinstance(self.request.auth, KeyCaller):
            return self.find_lead(public_id)
        user = self.request.user
        had = Q(pk__in=Offer.objects.filter(rep=user.pk).values("lead"))
        moved = Q(pk__in=Passage.objects.filter(actor=user.pk).values("lead"))
        lead = Lead.objects.all().present().filter(had | moved, public_id=public_id).first()
        return lead or self.find_lead(public_id)


@documented(DecisionIn, "take_back")
class TakeBackView(_Afterwards):
    """Have a lead back whose offer expired or was passed on a short while ago."""

    shape = DecisionIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Offered to the same rep again."""
        own = Offer.objects.select_related("rep__user", "lead").filter(lead=lead, rep=by.pk)
        offer = own.order_by("-id").first()
        if offer is None:
            raise Refused("not_offered")
        return take_back(offer=offer, by=by, now=now)


@documented(UndoIn, "undo")
class UndoView(_Afterwards):
    """Take the last decision about a lead back, within five minutes."""

    shape = UndoIn
    access: ClassVar = {"POST": access(Scope.FUNNEL_WRITE, permissions=(*SALES, "funnel.move_leads"))}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Everything stands again as before it."""
        found = Passage.objects.filter(lead=lead)
        wanted = values.get("decision")
        passage = found.filter(pk=wanted).first() if wanted else last_passage(lead.pk)
        if passage is None:
            raise Refused("no_such_passage")
        return undoing.undo(passage=passage, by=by, now=now)


@documented(ReferIn, "refer")
class ReferView(VerbView):
    """To a partner who serves it better: neither lost nor negative."""

    shape = ReferIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """End the business here."""
        given = {name: value for name, value in values.items() if value}
        return sales.refer(lead=lead, by=by, now=now, **given)


@documented(ReopenIn, "reopen")
class ReopenView(VerbView):
    """A customer or a disqualified lead begins a new cycle."""

    shape = ReopenIn
    access: ClassVar = {"POST": access(Scope.FUNNEL_WRITE, permissions=("funnel.move_leads", *SALES[1:]))}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Back to the beginning."""
        return marketing.reopen(lead=lead, by=by, now=now, **values)


@documented(ChecklistIn, "checklist")
class ChecklistView(VerbView):
    """Note what is known about items of the checklist, all or none."""

    shape = ChecklistIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Keep the answers."""
        answers = [Answer(**(one | {"state": State(one["state"])})) for one in values["answers"]]
        return confirm_all(lead=lead, answers=answers, by=by, now=now)
