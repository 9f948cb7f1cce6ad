"""The example of docs/api-sales.md played from end to end: webhook, accept, qualify, won, and the feed."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone

from funnel import actions
from funnel.api import feeds
from funnel.models import Opportunity, OutsideReference, Rep, Standing
from leads.models import Lead
from leads.webhooks import outbox
from leads.webhooks.delivery import deliver_due
from leads.webhooks.manage import save_webhook
from leads.webhooks.retries import Answer
from tests.funnel.conftest import HOT, verdict

KINDS = ["offered", "offer_expired", "offer_withdrawn", "accepted", "qualified", "won"]


@pytest.fixture
def crm() -> ModuleType:
    """The example, as somebody would run it."""
    path = Path(site.BASE_DIR) / "docs" / "examples" / "outside_crm.py"
    spec = importlib.util.spec_from_file_location("outside_crm", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.django_db(transaction=True)
def test_an_outside_crm_is_the_sales_side(
    crm: ModuleType,
    live_server: Any,
    secret: str,
    make_user: Callable[..., Any],
    make_lead: Callable[..., Lead],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rep = Rep.objects.create(user=make_user("rep", first_name="Camille", last_name="Martin"))
    monkeypatch.setenv("ECLUSE", live_server.url)
    monkeypatch.setenv("SECRET", secret)
    monkeypatch.setenv("REP", rep.user.email)
    monkeypatch.setattr(feeds, "UNDO_IN_PAGE", timedelta())
    monkeypatch.setattr(feeds, "_SETTLED", "TRUE")  # other databases of the server may be busy
    save_webhook(name="CRM", url="https://crm.example/hook", kinds=KINDS, now=timezone.now())
    outbox.forget()
    told: list[dict[str, Any]] = []

    def receive(url: str, body: str, headers: dict[str, str]) -> Answer:
        told.append(json.loads(body))
        crm.on_webhook(told[-1])
        return Answer(200, "")

    lead = make_lead(first_name="Jeanne", last_name="Dupont")
    actions.place({lead.pk: verdict(lead, HOT)}, now=timezone.now())
    actions.fill_places(now=timezone.now())
    deliver_due(now=timezone.now(), send=receive)
    assert Standing.objects.get(lead=lead).stage == "sal"
    offered = told[0]["data"]["properties"]
    assert (told[0]["type"], offered["rep"]) == ("offered", rep.user.email)

    key = str(lead.public_id)
    close = (timezone.now() + timedelta(days=30)).date().isoformat()
    crm.qualify(key, product="Audit", amount="12000.00", close=close)
    crm.win(key, amount="11500.00")
    assert Opportunity.objects.get(lead=lead).outcome == "won"
    assert OutsideReference.objects.get(lead=lead).reference == f"DEAL-{offered['offer']}"

    # Decisions are told ten seconds later, once they can no longer be undone in the page.
    deliver_due(now=timezone.now() + timedelta(minutes=2), send=receive)
    facts = {one["type"]: one["data"]["properties"] for one in told}
    assert facts["accepted"]["offer"] == offered["offer"]
    assert (facts["qualified"]["expected_amount"], facts["qualified"]["product"]) == ("12000.00", "Audit")
    assert (facts["won"]["amount"], facts["won"]["by"]) == ("11500.00", rep.user.email)

    assert [one["verb"] for one in crm.follow()][-3:] == ["accept", "qualify", "win"]
    assert crm.follow() == []
    assert crm.DEALS[key]["stage"] == "customer"
