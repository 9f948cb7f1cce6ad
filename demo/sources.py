"""By which campaigns people came to Valbrume, how a visit looks that they brought, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from accounts.models import User
from demo.story import DAYS, Arrival
from leads.actions.sources import RuleDraft, save_rule, set_costs
from leads.actions.touches import Arriving
from leads.channel_rules import Condition, marks_of
from leads.channels import Acquisition, Channel
from leads.models import Campaign
from leads.partitions import month_after


@dataclass(frozen=True, slots=True)
class Effort:
    """One campaign: from which day to which, what part of its channel's arrivals it brings, euros a month."""

    code: str
    name: str
    channel: Channel
    first_day: int
    last_day: int
    share: float
    euros: int
    acquisition: Acquisition = Acquisition.INDIRECT


EFFORTS: tuple[Effort, ...] = (
    Effort("sea-maintenance", "SEA maintenance prédictive", Channel.PAID_SEARCH, 0, DAYS - 1, 0.55, 1450),
    Effort("sea-energie", "SEA audit énergétique", Channel.PAID_SEARCH, 90, DAYS - 1, 0.7, 980),
    Effort("linkedin-directeurs", "LinkedIn directeurs de site", Channel.SOCIAL, 40, 250, 0.6, 1200),
    Effort("linkedin-hse", "LinkedIn responsables HSE", Channel.SOCIAL, 200, DAYS - 1, 0.5, 850),
    Effort("banniere-usine", "Bannières Usine d’aujourd’hui", Channel.ONLINE_AD, 60, 300, 0.75, 1600),
    Effort("emailing-cout-arret", "E-mailing Le vrai coût d’un arrêt", Channel.EMAILING, 30, 150, 0.6, 420),
    Effort("emailing-energie", "E-mailing hiver et énergie", Channel.EMAILING, 220, DAYS - 1, 0.65, 420),
    Effort("webinaire-gmao", "Webinaires GMAO", Channel.WEBINAR, 0, DAYS - 1, 0.5, 380),
    Effort("chaine-atelier", "Partenariat La chaîne de l’atelier", Channel.INFLUENCER, 110, 290, 0.9, 700),
    Effort("salon-printemps", "Salon de l’industrie, printemps", Channel.TRADE_SHOW, 110, 130, 1.0, 9800,
           Acquisition.DIRECT),
    Effort("salon-automne", "Salon de la maintenance, automne", Channel.TRADE_SHOW, 308, 326, 1.0, 11400,
           Acquisition.DIRECT),
    Effort("phoning-rhone", "Phoning Rhône-Alpes", Channel.PHONE_CAMPAIGN, 150, 330, 0.7, 900),
)  # fmt: skip
# What a channel costs as a whole each month, in euros: writing, tools, the agency.
SPENDING: dict[Channel, int] = {
    Channel.ORGANIC_SEARCH: 1100,
    Channel.CONTENT: 1400,
    Channel.NEWSLETTER: 260,
    Channel.WHITE_PAPER: 650,
    Channel.VIDEO: 400,
}
# How a visit by such a channel looks: utm_source, utm_medium; or the host of the page before.
_UTM: dict[Channel, tuple[str, str]] = {
    Channel.PAID_SEARCH: ("google", "cpc"),
    Channel.SOCIAL: ("linkedin", "social"),
    Channel.ONLINE_AD: ("usine", "display"),
    Channel.EMAILING: ("emailing", "email"),
    Channel.NEWSLETTER: ("lettre", "email"),
    Channel.WEBINAR: ("webinaire", "webinar"),
    Channel.INFLUENCER: ("chaine-atelier", "influence"),
}
_REFERRERS: dict[Channel, str] = {
    Channel.ORGANIC_SEARCH: "https://www.google.com/",
    Channel.VIDEO: "https://www.youtube.com/",
    Channel.REFERRAL: "https://www.annuaire-industrie.example/",
    Channel.PARTNER: "https://www.partenaire-outillage.example/",
    Channel.MARKETPLACE: "https://www.place-industrie.example/",
}


def effort_behind(arrival: Arrival) -> Effort | None:
    """The campaign that brought this arrival; the same one each time it is asked."""
    running = [
        effort
        for effort in EFFORTS
        if effort.channel == arrival.way.channel and effort.first_day <= arrival.day <= effort.last_day
    ]
    luck = Random(f"effort/{arrival.person}/{arrival.day}")
    found = luck.choice(running) if running else None
    return found if found and luck.random() < found.share else None


def touch_of(arrival: Arrival, *, lead_id: int, at: datetime, campaigns: Mapping[str, int]) -> Arriving:
    """The arrival as a source that is noted; ``campaigns`` are their ids by code."""
    channel, effort = arrival.way.channel, effort_behind(arrival)
    source, medium = _UTM.get(channel, ("", ""))
    utm = {"source": source, "medium": medium, "campaign": effort.code if effort else ""} if source else {}
    return Arriving(
        at=at,
        marks=marks_of(utm=utm, referrer=_REFERRERS.get(channel, ""), page=arrival.way.landing_page),
        lead_id=lead_id,
        channel=channel,
        campaign_id=campaigns[effort.code] if effort else None,
    )


def set_up(*, today: date, by: User, now: datetime) -> dict[str, int]:
    """The campaigns with what they and the channels cost each month, and a rule of Valbrume's own; the
    campaigns' ids by code."""
    begin = today - timedelta(days=DAYS)
    rows = Campaign.objects.bulk_create(_campaign(effort, begin, now) for effort in EFFORTS)
    campaigns = {row.code: row.pk for row in rows}
    set_costs(amounts=_costs(begin, today, campaigns), by=by, now=now)
    influence = [Condition("utm_source", "is", ("chaine-atelier",))]
    save_rule(
        rule=None, draft=RuleDraft(influence, Channel.INFLUENCER, campaign_id=campaigns["chaine-atelier"])
    )
    return campaigns


def _campaign(effort: Effort, begin: date, now: datetime) -> Campaign:
    is_over = effort.last_day < DAYS - 1
    return Campaign(
        code=effort.code,
        name=effort.name,
        channel=effort.channel,
        acquisition=effort.acquisition,
        starts_on=begin + timedelta(days=effort.first_day),
        ends_on=begin + timedelta(days=effort.last_day) if is_over else None,
        is_active=not is_over,
        created_at=now,
    )


def _costs(
    begin: date, today: date, campaigns: Mapping[str, int]
) -> dict[tuple[date, str, int | None], Decimal | None]:
    """Every month's amounts; they grow a little in the course of the year."""
    amounts: dict[tuple[date, str, int | None], Decimal | None] = {}
    for number, month in enumerate(_months(begin, today)):
        for channel, euros in SPENDING.items():
            amounts[month, channel, None] = Decimal(euros + 15 * number)
        for effort in EFFORTS:
            first, last = (begin + timedelta(days=day) for day in (effort.first_day, effort.last_day))
            if month_after(month, 1) > first and month <= last:
                amounts[month, effort.channel, campaigns[effort.code]] = Decimal(effort.euros)
    return amounts


def _months(begin: date, today: date) -> Sequence[date]:
    """The first day of each month from ``begin`` to ``today``."""
    months = [begin.replace(day=1)]
    while (following := month_after(months[-1], 1)) <= today:
        months.append(following)
    return months
