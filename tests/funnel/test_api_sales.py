"""The API as the sales side of another system uses it: lists, feeds, verbs, references."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from funnel.models import Meeting, Offer, Passage, Reason, Rep, SocialMessage, Standing
from tests.api_fixtures import Call, codes, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """The API reads the real clock, so its leads live now."""
    return timezone.now()


@pytest.fixture
def offer(make_rep: Callable[..., Rep], make_offer: Callable[..., Offer]) -> Offer:
    """An offer on a rep's table."""
    make_rep()
    return make_offer(first_name="Jeanne", last_name="Dupont")


@pytest.fixture
def verb(call: Call, secret: str, offer: Offer) -> Callable[..., Any]:
    """``verb("accept", …)``: a verb about the offer's lead, decided by its rep."""

    def post(name: str, status: int = 200, **body: object) -> Any:
        path = f"/api/v1/leads/{offer.lead.public_id}/{name}/"
        answer = call("POST", path, {"by": offer.rep.user.email} | body, key=secret)
        assert answer.status_code == status, answer.content
        return answer.json()

    return post


def browser(user: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def reason_for(verb: str) -> str:
    """A shipped reason for a decision that asks for nothing else."""
    found = Reason.objects.filter(verbs__contains=[verb], is_active=True, needs_note=False)
    return str(found.filter(needs_month=False, needs_fields=False).first().code)  # type: ignore[union-attr]


def test_an_offer_with_its_why(call: Call, secret: str, offer: Offer) -> None:
    body = call("GET", f"/api/v1/offers/{offer.pk}/", key=secret).json()
    assert (body["lead"]["public_id"], body["rep"]) == (str(offer.lead.public_id), offer.rep.user.email)
    assert "job_title" in body["missing"]
    assert {"pros", "cons", "rule", "deadline", "changed_at"} <= body.keys()


def test_offers_by_status_rep_and_change(
    call: Call, secret: str, offer: Offer, verb: Callable[..., Any], now: datetime
) -> None:
    def listed(query: str) -> list[str]:
        found = call("GET", f"/api/v1/offers/?{query}", key=secret).json()["results"]
        return [one["status"] for one in found]

    past = (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = (now + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert listed(f"since={past}") == ["open"]
    verb("accept")
    assert (listed(""), listed("status=accepted"), listed(f"since={past}")) == (
        [],
        ["accepted"],
        ["accepted"],
    )
    assert listed(f"since={later}") == []
    assert listed(f"status=all&rep={offer.rep.user.email}") == ["accepted"]
    assert listed("status=all&rep=nobody@ecluse.example") == []
    for query, error in (("status=x", "status"), ("since=tuesday", "since"), ("stage=sal", "stage")):
        found = problem(call("GET", f"/api/v1/offers/?{query}", key=secret), 400, "invalid")
        assert {field for field, _code in codes(found)} == {error}


def test_what_another_system_has_to_know(call: Call, secret: str, offer: Offer) -> None:
    reasons = call("GET", "/api/v1/reasons/", key=secret).json()
    assert {"code", "verbs", "needs_month"} <= reasons[0].keys()
    [rep] = call("GET", "/api/v1/reps/", key=secret).json()
    assert (rep["email"], rep["offers"], rep["free"]) == (offer.rep.user.email, 1, rep["places"] - 1)
    assert call("GET", "/api/v1/checklist-items/", key=secret).json()
    assert call("GET", "/api/v1/partners/", key=secret).json() == []


def test_declined_and_snoozed(verb: Callable[..., Any], offer: Offer, now: datetime) -> None:
    assert verb("snooze", until=(now + timedelta(minutes=5)).isoformat())["situation"] == "offered"
    assert verb("decline", reason=reason_for("decline"))["situation"] == "ready"
    offer.refresh_from_db()
    assert offer.status == "refused"


def test_researched(verb: Callable[..., Any], offer: Offer) -> None:
    verb("research", job_title="Directrice", project_month="2030-03")
    offer.lead.refresh_from_db()
    assert (offer.lead.job_title, offer.lead.project_month.month) == ("Directrice", 3)  # type: ignore[union-attr]
    assert ("phone", "phone_impossible") in codes(verb("research", 400, phone="12"))
    assert ("job", "unknown_field") in codes(verb("research", 400, job="x"))


def test_undone(verb: Callable[..., Any], offer: Offer) -> None:
    accepted = verb("accept")
    undone = verb("undo", decision=accepted["decision"])
    assert (undone["stage"], undone["situation"]) == ("mql", "offered")
    offer.refresh_from_db()
    assert offer.status == "open"
    assert verb("undo", 409, decision=1)["code"] in {"no_such_passage", "undo_moved_on"}


def test_a_rep_undoes_what_is_no_longer_theirs(call: Call, offer: Offer) -> None:
    client, path = browser(offer.rep.user), f"/api/v1/leads/{offer.lead.public_id}/"
    answer = call("POST", f"{path}return/", {"reason": reason_for("return")}, client=client)
    assert answer.status_code == 200, answer.content
    assert call("POST", f"{path}undo/", {}, client=client).json()["situation"] == "offered"


def test_to_the_end_and_round_again(
    verb: Callable[..., Any], call: Call, secret: str, make_user: Any
) -> None:
    verb("accept")
    items = [
        one["code"]
        for one in call("GET", "/api/v1/checklist-items/", key=secret).json()
        if one["is_required"]
    ]
    unknown = verb("checklist", 400, answers=[{"item": "weather", "value": "fine"}])
    assert ("item", "item_unknown") in codes(unknown)
    verb("checklist", answers=[{"item": one, "value": "yes", "evidence": "call"} for one in items])
    close = (timezone.now() + timedelta(days=30)).date().isoformat()
    verb("qualify", product="Audit", expected_amount="1200.50", expected_close=close)
    assert verb("lost", reason=reason_for("lose"))["stage"] in {"recycled", "disqualified"}
    marketer = make_user("marketer").email
    again = verb("reopen", 409, by=marketer, reason=reason_for("reopen"))
    assert again["code"] == "not_closed"


def test_work_on_a_lead(verb: Callable[..., Any], offer: Offer, call: Call, secret: str) -> None:
    verb("accept")
    due = (timezone.now() + timedelta(days=2)).isoformat()
    verb("tasks", 201, kind="email", due_at=due, title="Envoyer l'offre")
    verb("messages", 201, network="linkedin", note="Bonjour")
    assert SocialMessage.objects.count() == 1
    start = timezone.now() + timedelta(days=7)
    plan = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}
    made = verb("meetings", 201, title="Visite", **plan)
    path = f"/api/v1/leads/{offer.lead.public_id}/meetings/"
    assert [one["id"] for one in call("GET", path, key=secret).json()] == [made["id"]]
    verb("meetings/close", 409, meeting=made["id"], act="held")
    verb("meetings/close", 201, meeting=made["id"], act="cancel")
    verb("meetings/close", 409, meeting=str(uuid4()), act="cancel")
    assert Meeting.objects.get().state == "cancelled"


def test_names_in_another_system(
    call: Call, secret: str, offer: Offer, make_ready: Callable[..., Standing]
) -> None:
    path = f"/api/v1/leads/{offer.lead.public_id}/references/"
    for name in ("006A", "006B", "006B"):
        answer = call("PUT", f"{path}salesforce/opportunity/", {"reference": name}, key=secret)
        assert answer.status_code == 200
    assert [one["reference"] for one in call("GET", path, key=secret).json()] == ["006B"]
    found = "/api/v1/references/?system=salesforce&kind=opportunity&reference="
    assert [one["lead"] for one in call("GET", f"{found}006B", key=secret).json()] == [
        str(offer.lead.public_id)
    ]
    assert call("GET", f"{found}006A", key=secret).json() == []
    other = f"/api/v1/leads/{make_ready().lead.public_id}/references/salesforce/opportunity/"
    problem(call("PUT", other, {"reference": "006B"}, key=secret), 409, "reference_taken")
    assert call("DELETE", f"{path}salesforce/opportunity/", key=secret).status_code == 204
    assert call("GET", path, key=secret).json() == []


VERBS = (
    *("accept", "decline", "snooze", "take-back", "research", "return", "disqualify", "checklist", "qualify"),
    *("won", "lost", "refer", "undo", "calls", "tasks", "messages", "meetings", "meetings/close"),
)


@pytest.mark.parametrize("name", VERBS)
def test_b44_b45_nobody_decides_for_others(
    call: Call, offer: Offer, make_rep: Callable[..., Rep], make_user: Callable[..., User], name: str
) -> None:
    due = (timezone.now() + timedelta(hours=1)).isoformat()
    bodies: dict[str, dict[str, object]] = {
        "decline": {"reason": "x"},
        "snooze": {"until": due},
        "return": {"reason": "x"},
        "disqualify": {"reason": "x"},
        "checklist": {"answers": [{"item": "budget", "value": "yes"}]},
        "qualify": {"product": "x", "expected_amount": 1, "expected_close": "2099-01-01"},
        "lost": {"reason": "x"},
        "refer": {"partner": "x"},
        "calls": {"outcome": "reached"},
        "tasks": {"kind": "email", "due_at": due},
        "messages": {"network": "x"},
        "meetings": {"title": "x", "starts_at": due, "ends_at": due},
        "meetings/close": {"meeting": str(uuid4()), "act": "held"},
    }
    path, before = f"/api/v1/leads/{offer.lead.public_id}/{name}/", Passage.objects.count()
    body = bodies.get(name, {})
    problem(call("POST", path, body, client=browser(make_rep().user)), 404, "not_found")
    problem(call("POST", path, body, client=browser(make_user("dpo"))), 403, "forbidden")
    problem(call("POST", path, body), 401, "not_authenticated")
    assert Passage.objects.count() == before


def test_b45_what_a_rep_may_read(call: Call, offer: Offer, make_rep: Callable[..., Rep]) -> None:
    client = browser(make_rep().user)
    problem(call("GET", f"/api/v1/offers/{offer.pk}/", client=client), 404, "not_found")
    for path in ("decisions/", "outcomes/"):
        problem(call("GET", f"/api/v1/{path}", client=client), 403, "forbidden")
    assert len(call("GET", "/api/v1/reps/", client=client).json()) == 1
    problem(call("GET", f"/api/v1/leads/{offer.lead.public_id}/references/", client=client), 404, "not_found")


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_much_for_many_as_for_one(
    call: Call,
    secret: str,
    make_rep: Callable[..., Rep],
    make_offer: Callable[..., Offer],
    django_assert_num_queries: Any,
    rows: int,
) -> None:
    make_rep()
    for _ in range(rows):
        made = make_offer()
    call("GET", "/api/v1/offers/", key=secret)
    with django_assert_num_queries(1):
        assert len(call("GET", "/api/v1/offers/", key=secret).json()["results"]) == rows
    assert made


@pytest.mark.django_db(transaction=True)
def test_the_feed_goes_on_where_it_was_left(call: Call, secret: str, offer: Offer, now: datetime) -> None:
    everything = call("GET", "/api/v1/decisions/", key=secret).json()["results"]
    assert everything == []  # of the last ten seconds: it may still be undone


@pytest.mark.django_db(transaction=True)
def test_the_feed_and_the_outcomes(
    call: Call,
    secret: str,
    make_rep: Callable[..., Rep],
    make_lead: Callable[..., Any],
    django_assert_num_queries: Any,
    settings: Any,
) -> None:
    from funnel import actions  # noqa: PLC0415  # the real verbs, ten minutes ago
    from tests.funnel.conftest import HOT, verdict  # noqa: PLC0415

    then, user = timezone.now() - timedelta(minutes=10), make_rep().user
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, HOT)}, now=then)
    actions.fill_places(now=then)
    actions.accept(offer=Offer.objects.get(), by=user, now=then)
    actions.win(lead=lead, by=user, now=then)
    path = f"/api/v1/leads/{lead.public_id}/references/odoo/lead/"
    call("PUT", path, {"reference": "42"}, key=secret)
    call("GET", "/api/v1/decisions/", key=secret)
    with django_assert_num_queries(2):
        feed = call("GET", "/api/v1/decisions/", key=secret).json()["results"]
    assert [one["verb"] for one in feed][-3:] == ["offer", "accept", "win"]
    assert feed[-1]["by"] == user.email
    assert feed[-1]["references"] == [{"system": "odoo", "kind": "lead", "reference": "42"}]
    rest = call("GET", f"/api/v1/decisions/?after={feed[-2]['id']}", key=secret).json()["results"]
    assert [one["verb"] for one in rest] == ["win"]
    [outcome] = call("GET", "/api/v1/outcomes/?outcome=won", key=secret).json()["results"]
    assert (outcome["lead"], outcome["outcome"]) == (str(lead.public_id), "won")
    assert call("GET", "/api/v1/outcomes/?outcome=open", key=secret).json()["results"] == []
