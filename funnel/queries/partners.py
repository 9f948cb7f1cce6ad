"""Partners with what came of the leads that were passed on to them."""

from __future__ import annotations

import rules
from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from funnel.choices import Outcome
from funnel.handing_over import fits
from funnel.models import Notice, Partner, Referral
from leads.models import Lead

MOST = 100


def partners_with_counts() -> QuerySet[Partner]:
    """All of them with ``referred``, ``won``, ``lost`` and ``value`` (euros), without what was taken back."""
    real = ~Q(referrals__notice=Notice.CANCELLED)
    return Partner.objects.annotate(
        referred=Count("referrals", filter=real),
        won=Count("referrals", filter=real & Q(referrals__outcome=Outcome.WON)),
        lost=Count("referrals", filter=real & Q(referrals__outcome=Outcome.LOST)),
        value=Sum("referrals__amount", filter=real),
    ).order_by("-is_active", "name")


def partners_for(lead: Lead) -> list[tuple[str, list[Partner]]]:
    """The active partners, those who name the lead's sector and place first: group → partners."""
    sector = lead.company.sector if lead.company else ""
    groups: dict[bool, list[Partner]] = {True: [], False: []}
    for partner in Partner.objects.filter(is_active=True):
        suits = fits(partner.sectors, partner.territories, sector=sector, postcode=lead.postcode)
        groups[suits].append(partner)
    return [("suits", groups[True]), ("others", groups[False])]


def visible_referrals(user: User) -> QuerySet[Referral]:
    """Those the user made; all of them for who manages sales. With lead, partner and people."""
    rows = Referral.objects.select_related("lead", "partner", "by", "outcome_by")
    return rows if rules.has_perm("funnel.manage_sales", user) else rows.filter(by=user)


def passed_on_by(user: User) -> QuerySet[Referral]:
    """The visible ones, the newest first; at most a hundred."""
    return visible_referrals(user).order_by("-at", "-pk")[:MOST]


def referrals_of(partner: Partner, user: User) -> QuerySet[Referral]:
    """The leads that were passed on to one partner, the newest first; at most a hundred."""
    return visible_referrals(user).filter(partner=partner).order_by("-at", "-pk")[:MOST]
