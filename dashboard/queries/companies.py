"""Companies: the list with what their people are worth together, and the page of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from accounts.models import User
from accounts.roles import Role
from dashboard import timeline
from dashboard.custom_values import custom_facts
from dashboard.profile import Fact, field_label, latest, value_in_words
from leads.custom_fields import About
from leads.models import Company, CompanyDomain, CompanyMerge, CustomField, Event, Lead, ProfileChange
from leads.normalise import searchable
from scoring.company_scores import MOST_ENGAGED, company_worth
from scoring.engine.rules import FULL, Matrix
from scoring.models import CompanyScore, LeadScore
from scoring.queries import live_matrix

RECENT = Order("recent", _("Newest first"), "created_at")
# By what a company is worth: only those where somebody is known have a score.
BY_SCORE = (
    Order("engaged", _("Most engaged first"), "score__engagement", is_time=False),
    Order("fit", _("Best fit first"), "score__fit", is_time=False),
)
ORDERS = {
    order.code: order
    for order in (RECENT, Order("oldest", _("Oldest first"), "created_at", descending=False), *BY_SCORE)
}
FIELDS = ("name", "sector", "headcount", "turnover", "country", "region", "postcode", "siren")
PEOPLE_SHOWN, EVENTS_SHOWN, ALIKE_SHOWN = 100, 20, 5


@dataclass(frozen=True)
class Worth:
    """What a company is worth by its people; fit and engagement in thousandths."""

    people: int = 0
    engagement: int = 0
    grade: str = ""
    level: int | None = None
    fit: int = 0
    active: int = 0
    hot: int = 0


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


def narrowed(rows: QuerySet[Company], *, order: Order, hot: bool) -> QuerySet[Company]:
    """Those that the order can place, and only those with hot people where asked."""
    if hot:
        rows = rows.filter(score__hot__gt=0)
    return rows.filter(score__isnull=False) if order in BY_SCORE else rows


def worth_of(companies: Iterable[Company], user: User) -> dict[int, Worth]:
    """What each of these companies is worth; to a rep by the people that they may see."""
    ids = [company.pk for company in companies]
    if user.role != Role.REP:
        return {row.company_id: _stored(row) for row in CompanyScore.objects.filter(company__in=ids)}
    people: dict[int, list[LeadScore]] = defaultdict(list)
    seen = Lead.objects.visible_to(user).present().filter(company__in=ids)
    for score in LeadScore.objects.filter(lead__in=seen).select_related("lead"):
        people[score.lead.company_id or 0].append(score)
    matrix = live_matrix()
    return {company: _worth(scores, matrix) for company, scores in people.items()}


def _stored(row: CompanyScore) -> Worth:
    return Worth(row.people, row.engagement, row.grade, row.level, row.fit, row.active, row.hot)


def _worth(scores: Sequence[LeadScore], matrix: Matrix) -> Worth:
    """The same formula over some people only."""
    if not scores:
        return NOBODY
    found = company_worth(((score.fit, score.engagement) for score in scores), matrix)
    hot = sum(score.temperature == "hot" for score in scores)
    return Worth(len(scores), found.engagement, found.grade, found.level, found.fit, hot=hot)


@dataclass(frozen=True)
class CompanyPage:
    """All that the page of a company shows."""

    company: Company
    facts: list[Fact]
    domains: list[str]
    people: list[Lead]
    worth: Worth
    best: LeadScore | None
    engaged: list[LeadScore]
    days: list[timeline.Day]
    alike: list[Company]
    merges: list[CompanyMerge]
    has_older: bool = field(default=False)

    @property
    def over(self) -> int:
        """What the cap of 100 takes away, in thousandths: 0 or less."""
        return min(0, FULL - sum(score.engagement for score in self.engaged))


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
        worth=_worth_seen(company, people, user),
        best=_best(people),
        engaged=_most_engaged(people),
        days=timeline.timeline(events[:EVENTS_SHOWN], (), (), ()),
        alike=list(_alike(company)),
        merges=list(CompanyMerge.objects.filter(kept=company, undone_at=None).select_related("by")),
        has_older=len(events) > EVENTS_SHOWN,
    )


def _facts(company: Company, changes: Sequence[ProfileChange]) -> list[Fact]:
    """Every field with its origin, the empty ones too; then what is known of the site's own fields."""
    origins = latest(changes)
    fields = CustomField.objects.of(About.COMPANY)
    return [
        *_standard_facts(company, origins),
        *(fact for fact in custom_facts(company, fields, changes, ()) if fact.value),
    ]


def _standard_facts(company: Company, origins: Mapping[str, ProfileChange]) -> list[Fact]:
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


def _worth_seen(company: Company, people: Sequence[Lead], user: User) -> Worth:
    """As it is kept; to a rep by the people that they see."""
    if user.role == Role.REP:
        return _worth([score for lead in people if (score := getattr(lead, "score", None))], live_matrix())
    row = CompanyScore.objects.filter(company=company).first()
    return _stored(row) if row else Worth(people=len(people))


def _most_engaged(people: Sequence[Lead]) -> list[LeadScore]:
    """Whose engagement is added up."""
    scores = [lead.score for lead in people if getattr(lead, "score", None)]
    return sorted(scores, key=lambda score: (-score.engagement, score.lead_id))[:MOST_ENGAGED]


def _best(people: Sequence[Lead]) -> LeadScore | None:
    """Whose fit is the company's."""
    scores = [lead.score for lead in people if getattr(lead, "score", None)]
    return min(scores, key=lambda score: (-score.fit, score.lead_id), default=None)


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
