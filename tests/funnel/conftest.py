"""Reps, verdicts and leads brought to where a test needs them, always through the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from accounts.models import User
from funnel import actions
from funnel.checklist import State
from funnel.models import Absence, Offer, Partner, Rep, Standing
from leads.models import Company, Lead
from scoring.verdict import Verdict

HOT = {"mql_gate": True, "mql_keep": True, "ready_gate": True, "ready_keep": True}
WARM = {"mql_gate": True, "mql_keep": True}
COLD: dict[str, bool] = {}


def verdict(lead: Lead, says: dict[str, bool] | None = None, **values: object) -> Verdict:
    """A verdict on a lead: HOT, WARM or COLD."""
    defaults: dict[str, object] = {
        "fit": 80_000,
        "engagement": 60_000,
        "grade": "A",
        "level": 2,
        "phase": "decision",
        "temperature": "hot",
        "completeness": 50,
        "fast_path": "",
        "priority": 100,
        "rules_version": 1,
        "changed": True,
        "band_changed": True,
    } | dict.fromkeys(HOT, False)
    return Verdict(lead_id=lead.pk, **(defaults | (says or {}) | values))  # type: ignore[arg-type]


@pytest.fixture
def make_rep(make_user: Callable[..., User]) -> Callable[..., Rep]:
    """Makes reps with a desk: ``make_rep(places=3)``; ``role="manager"``; ``away_from=day``."""
    numbers = count(1)

    def make(role: str = "rep", away_from: date | None = None, **fields: object) -> Rep:
        number = next(numbers)
        user = make_user(role, first_name="Camille", last_name=f"Martin{number}")
        rep = Rep.objects.create(user=user, **fields)
        if away_from:
            Absence.objects.create(rep=rep, first_day=away_from)
        return rep

    return make


@pytest.fixture
def make_ready(make_lead: Callable[..., Lead], now: datetime) -> Callable[..., Standing]:
    """Makes leads in the waiting room."""

    def make(priority: int = 100, **fields: object) -> Standing:
        lead = make_lead(**fields)
        actions.place({lead.pk: verdict(lead, HOT, priority=priority)}, now=now)
        return Standing.objects.get(lead=lead)

    return make


@pytest.fixture
def make_offer(make_ready: Callable[..., Standing], now: datetime) -> Callable[..., Offer]:
    """Makes a ready lead and has it offered; there must be a rep with a free place."""

    def make(**fields: object) -> Offer:
        standing = make_ready(**fields)
        actions.fill_places(now=now)
        return Offer.objects.select_related("rep__user", "lead").get(lead=standing.lead_id, status="open")

    return make


@pytest.fixture
def make_sal(make_offer: Callable[..., Offer], now: datetime) -> Callable[..., Standing]:
    """Makes leads that were accepted by the rep they were offered to."""

    def make(**fields: object) -> Standing:
        offer = make_offer(**fields)
        actions.accept(offer=offer, by=offer.rep.user, now=now)
        return Standing.objects.select_related("rep__user", "lead").get(lead=offer.lead_id)

    return make


@pytest.fixture
def make_sql(make_sal: Callable[..., Standing], now: datetime) -> Callable[..., Standing]:
    """Makes opportunities: the checklist confirmed, amount and date expected."""

    def make(**fields: object) -> Standing:
        standing = make_sal(**fields)
        confirm_all(standing, now)
        assert standing.rep
        actions.qualify(
            lead=standing.lead,
            by=standing.rep.user,
            now=now,
            product="Audit énergétique",
            expected_amount=Decimal(12000),
            expected_close=now.date() + timedelta(days=60),
        )
        standing.refresh_from_db()
        return standing

    return make


def confirm_all(standing: Standing, now: datetime) -> None:
    """Confirm the required items of the checklist."""
    assert standing.rep
    for item in ("budget", "decision_process", "authority"):
        actions.confirm(
            lead=standing.lead, item=item, by=standing.rep.user, now=now, state=State.CONFIRMED, value="oui"
        )


@pytest.fixture
def make_company(db: None, now: datetime) -> Callable[..., Company]:
    """Makes companies."""
    numbers = count(1)

    def make(**fields: object) -> Company:
        number = next(numbers)
        return Company.objects.create(
            **(
                {"name": f"Atelier {number}", "domain": f"entreprise-{number}.example", "created_at": now}
                | fields
            )
        )

    return make


@pytest.fixture
def make_partner(db: None, now: datetime) -> Callable[..., Partner]:
    """Makes partners with an address."""
    numbers = count(1)

    def make(**fields: object) -> Partner:
        number = next(numbers)
        values = {"name": f"Cabinet Lemoine {number}", "email": f"contact{number}@lemoine.example"}
        return Partner.objects.create(**(values | {"created_at": now} | fields))

    return make
