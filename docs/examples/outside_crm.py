"""A CRM of your own as the sales side of Écluse, in a hundred lines of the standard library.

Set ECLUSE (where it answers), SECRET (a secret key with leads:read and funnel:write) and REP (the email of
the rep who decides). Hand each webhook's JSON to ``on_webhook``; call ``follow`` every minute for what was
missed.
"""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

DEALS: dict[str, dict[str, Any]] = {}  # your own table of deals, by the lead's id
POSITION = {"after": 0}  # the last decision you have seen; keep it in your database


def call(method: str, path: str, body: dict[str, Any] | None = None, *, once: str = "") -> Any:
    """One request; ``once`` makes a repeated one harmless."""
    request = urllib.request.Request(
        f"{os.environ['ECLUSE']}/api/v1/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={
            "Authorization": f"Bearer {os.environ['SECRET']}",
            "Content-Type": "application/json",
            **({"Idempotency-Key": once} if once else {}),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def decide(lead: str, verb: str, **body: object) -> Any:
    """A verb of sales, in the name of the rep."""
    return call("POST", f"leads/{lead}/{verb}/", {"by": os.environ["REP"], **body})


def on_webhook(message: dict[str, Any]) -> None:
    """What Écluse tells at once. The same message may come twice: nothing is done twice."""
    data = message["data"]
    lead = data["lead"]["id"]
    if message["type"] == "offered":
        take_in(lead, data["properties"]["offer"])
    elif message["type"] in {"offer_expired", "offer_withdrawn"}:
        DEALS.pop(lead, None)


def take_in(lead: str, offer: int) -> None:
    """A new lead: look at it, make a deal of it, accept it."""
    if lead in DEALS:
        return
    why = call("GET", f"offers/{offer}/")
    name = f"{why['lead']['first_name']} {why['lead']['last_name']}".strip()
    DEALS[lead] = {"name": name, "stage": "new", "id": f"DEAL-{offer}"}
    decide(lead, "accept")
    call("PUT", f"leads/{lead}/references/mycrm/deal/", {"reference": DEALS[lead]["id"]})


def qualify(lead: str, *, product: str, amount: str, close: str) -> None:
    """The checklist holds: the deal becomes an opportunity."""
    items = [item["code"] for item in call("GET", "checklist-items/") if item["is_required"]]
    known = [{"item": code, "value": "confirmed in the CRM", "evidence": DEALS[lead]["id"]} for code in items]
    decide(lead, "checklist", answers=known)
    decide(lead, "qualify", product=product, expected_amount=amount, expected_close=close)


def win(lead: str, *, amount: str) -> None:
    """Signed."""
    decide(lead, "won", amount=amount)


def follow() -> list[dict[str, Any]]:
    """All decisions since the last time, also those that were made elsewhere."""
    news = []
    while page := call("GET", f"decisions/?after={POSITION['after']}&limit=200")["results"]:
        for decision in page:
            if decision["lead"] in DEALS:
                DEALS[decision["lead"]]["stage"] = decision["to_stage"]
        news += page
        POSITION["after"] = page[-1]["id"]
    return news
