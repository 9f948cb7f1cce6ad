"""Companies: the list with what their people are worth together, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from accounts.models import User
from accounts.roles import Role
from dashboard import timeline
from dashboard.profile import Fact, field_label, latest, value_in_words
from leads.models import Company, CompanyDomain, CompanyMerge, Event, Lead, ProfileChange
from leads.normalise import searchable
from scoring.models import LeadScore

RECENT = Order("recent", _("Newest first"), "created_at")
ORDERS = {
    order.code: order
    for order in (RECENT, Order("oldest", _("Oldest first"), "created_at", descending=False))
}
FIELDS = ("name", "sector", "headcount", "turnover", "country", "region", "postcode", "siren")
PEOPLE_SHOWN, EVENTS_SHOWN, ALIKE_SHOWN = 100, 20, 5


@dataclass(frozen=True)
class Worth:
    """What a company's people are worth together; engagement in thousandths, the best badge among them."""

    people: int = 0
    engagement: int = 0
    grade: str = ""
    level: int | None = None


NOBODY = Worth()


def companies_for(user: User) -> QuerySet[Company]:
    """All companies; for a rep those where they may see somebody."""
    rows = Company.objects.defer("search_text", "custom")
    if user.role == Role.REP:
        seen = Lead.objects.visible_to(user).present().exclude(company=None)
        rows = rows.filter(pk__in=seen.values("company"))
    return rows


def searched(rows: QuerySet[Company], text: str) -> QuerySet[Company]:
    """Those whose name or domain holds every word of ``text``, or whose SIREN it is."""
    digits = "".join(text.split())
    if digits.isdigit() and len(digits) == 9:
        return rows.filter(siren=digits)
    for word in searchable(text).split():
        rows = rows.filter(search_text__contains=word)
    return rows


def worth_of(companies: Iterable[Company], user: User) -> dict[int, Worth]:
    """What each of these companies is worth by the people this user may see. Two queries however many."""
    ids = [company.pk for company in companies]
    people = Lead.objects.visible_to(user).present().filter(company__in=ids)
    sums = people.order_by().values("company").annotate(people=Count("pk"), engaged=Sum("score__engagement"))
    best = (
        LeadScore.objects.filter(lead__in=people)
        .order_by("lead__company", "grade", "level")
        .distinct("lead__company")
        .values_list("lead__company", "grade", "level")
    )
    badges = {company: (grade, level) for company, grade, level in best}
    return {
        row["company"]: Worth(row["people"], row["engaged"] or 0, *badges.get(row["company"], ("", None)))
        for row in sums
    }


@dataclass(frozen=True)
class CompanyPage:
    """All that the page of a company shows."""

    company: Company
    facts: list[Fact]
    domains: list[str]
    people: list[Lead]
    worth: Worth
    days: list[timeline.Day]
    alike: list[Company]
    merges: list[CompanyMerge]
    has_older: bool = field(default=False)


def company_page(company: Company, user: User) -> CompanyPage:
    """The page of one company as this user may see it."""
    people = list(
        Lead.objects.visible_to(user)
        .present()
        .filter(company=company)
        .select_related("standing", "score", "owner")
        .order_by(F("score__priority").desc(nulls_last=True), "pk")[:PEOPLE_SHOWN]
    )
    changes = ProfileChange.objects.filter(company=company).select_related("by").order_by("-at", "-id")[:200]
    events = list(_important_events(people))
    return CompanyPage(
        company=company,
        facts=_facts(company, list(changes)),
        domains=list(CompanyDomain.objects.filter(company=company).values_list("domain", flat=True)),
        people=people,
        worth=_worth(people),
        days=timeline.timeline(events[:EVENTS_SHOWN], (), (), ()),
        alike=list(_alike(company)),
        merges=list(CompanyMerge.objects.filter(kept=company, undone_at=None).select_related("by")),
        has_older=len(events) > EVENTS_SHOWN,
    )


def _facts(company: Company, changes: Sequence[ProfileChange]) -> list[Fact]:
    """Every field with its origin; the empty ones may be filled."""
    origins = latest(changes)
    return [
        Fact(
            name=name,
            label=field_label(name, Company),
            value="" if (words := value_in_words(name, getattr(company, name), Company)) == "—" else words,
            change=origins.get(name),
            is_editable=True,
        )
        for name in FIELDS
    ]


def _worth(people: Sequence[Lead]) -> Worth:
    scores = [score for lead in people if (score := getattr(lead, "score", None))]
    best = min(scores, key=lambda score: (score.grade, score.level), default=None)
    engagement = sum(score.engagement for score in scores)
    return Worth(len(people), engagement, best.grade if best else "", best.level if best else None)


def _important_events(people: Sequence[Lead]) -> QuerySet[Event]:
    """What its people did that shows intent, newest first, one more than is shown."""
    rows = Event.objects.filter(lead__in=[lead.pk for lead in people], kind__is_intent=True, voided_at=None)
    return rows.select_related("kind", "content", "lead").order_by("-occurred_at", "-id")[: EVENTS_SHOWN + 1]


def _alike(company: Company) -> QuerySet[Company]:
    """Companies that others would write the same, or that have the same SIREN."""
    alike = Q(pk__in=())
    if company.name_key:
        alike |= Q(name_key=company.name_key)
    if company.siren:
        alike |= Q(siren=company.siren)
    return Company.objects.filter(alike).exclude(pk=company.pk).order_by("pk")[:ALIKE_SHOWN]


def survivor_of(public_id: UUID) -> Company | None:
    """The company that one of this public id was merged into."""
    merged = CompanyMerge.objects.filter(away_public_id=public_id, undone_at=None)
    newest = merged.aggregate(pk=Max("pk"))["pk"]
    return Company.objects.filter(merges__pk=newest).first() if newest else None
