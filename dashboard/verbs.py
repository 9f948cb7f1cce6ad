"""What the reader may do with a lead from its page; the pages behind are the funnel's."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.pages import may
from funnel.models import Offer, Standing
from funnel.stages import Stage


@dataclass(frozen=True)
class VerbLink:
    """A verb, its key, and what follows from it in words."""

    label: str | Promise
    url: str
    icon: str
    key: str
    hint: str | Promise = ""
    tone: str = ""


def verbs_for(user: User, standing: Standing | None, offer: Offer | None) -> list[VerbLink]:
    """The verbs of sales that this user may use on this lead now; none for anybody else."""
    if standing is None or not may(user, "funnel.decide_offers"):
        return []
    manages = may(user, "funnel.manage_sales")
    if offer is not None and (manages or offer.rep_id == user.pk):
        return [_decide(offer)]
    if standing.stage in (Stage.SAL, Stage.SQL) and (manages or standing.rep_id == user.pk):
        return _work(standing)
    return []


def _decide(offer: Offer) -> VerbLink:
    hint = _("Accept, return or disqualify it in the inbox.")
    return VerbLink(_("Decide"), reverse("funnel:offer", args=[offer.pk]), "inbox", "a", hint, "primary")


def _work(standing: Standing) -> list[VerbLink]:
    def to(name: str) -> str:
        return reverse(f"funnel:{name}", args=[standing.lead.public_id])

    is_opportunity = standing.stage == Stage.SQL
    first = _("Checklist") if is_opportunity else _("Checklist and SQL")
    lost = [VerbLink(_("Lost"), to("lose"), "circle-x", "l", _("With the reason."))] if is_opportunity else []
    return [
        VerbLink(first, to("my_lead"), "checklist", "b", _("What is confirmed, what is missing."), "primary"),
        VerbLink(_("Won"), to("win"), "trophy", "w", _("Becomes a customer.")),
        *lost,
        VerbLink(_("Return to marketing"), to("return_lead"), "arrow-back-up", "r", tone="quiet"),
        VerbLink(_("Refer to a partner"), to("refer"), "external-link", "p", tone="quiet"),
        VerbLink(_("Disqualify"), to("disqualify_lead"), "ban", "x", tone="quiet"),
    ]
