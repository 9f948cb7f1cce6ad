"""The decisions of sales over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from accounts.models import User
from accounts.scopes import Scope
from funnel.actions import decisions, sales
from funnel.api.shapes import AcceptIn, DisqualifyIn, LostIn, QualifyIn, ReturnIn, WonIn
from funnel.api.verbs import SALES, VerbView, documented
from funnel.models import Offer
from funnel.refusals import Refused
from leads.api.permissions import access
from leads.models import Lead


@documented(AcceptIn, "accept")
class AcceptView(VerbView):
    """Accept: the lead becomes a SAL, the decider its owner."""

    shape = AcceptIn

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """The lead's newest offer is the one that is meant."""
        offer = Offer.objects.select_related("rep").filter(lead=lead).order_by("-id").first()
        if offer is None:
            raise Refused("not_offered")
        return decisions.accept(offer=offer, by=by, now=now, **values)


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
