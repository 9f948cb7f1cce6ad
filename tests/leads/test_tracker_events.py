"""What pages report: consent, verdicts on machines, visits' sources, and whose a browser is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from leads.actions.consent import record_consent
from leads.actions.verdicts import change_verdict, reasons_of, void_event
from leads.api import limits, recent
from leads.choices import ConsentState, Purpose
from leads.models import (
    NOT_COUNTED,
    ConsentEvent,
    Event,
    EventVerdict,
    Lead,
    Touch,
    Verdict,
    Visitor,
    Wake,
)
from tests.api_fixtures import SITE, Call, problem

pytestmark = pytest.mark.django_db
EVENTS, LEADS = "/api/v1/events/", "/api/v1/leads/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
TRACKED = [{"purpose": "tracking", "state": "granted", "text_version": "banner-1"}]


def view(visitor: str, at: datetime | None = None, **properties: Any) -> dict[str, Any]:
    """A page seen."""
    return {
        "event_id": str(uuid4()),
        "kind": "page_viewed",
        "occurred_at": (at or timezone.now()).isoformat(),
        "visitor": visitor,
        "properties": {"url": f"{SITE}/produits", "referrer": f"{SITE}/"} | properties,
    }


@pytest.fixture
def send(call: Call, publishable: str) -> Callable[..., Any]:
    """Sends a batch as the tracker does."""

    def sent(events: Sequence[dict[str, Any]], *, agent: str = FIREFOX, **more: Any) -> Any:
        headers = {name: more.pop(name) for name in list(more) if name[0].isupper()}
        body = {"key": publishable, "consent": True, "events": list(events)} | more
        return call("POST", EVENTS, body, content_type="text/plain", Origin=SITE, User_Agent=agent, **headers)

    return sent


def person(call: Call, key: str, email: str, visitor: str, **fields: Any) -> Lead:
    """Somebody fills in a form at this browser."""
    body = {"email": email, "visitor": visitor, "consents": TRACKED, "page": f"{SITE}/contact"} | fields
    assert call("POST", LEADS, body, key=key, User_Agent=FIREFOX).status_code == 202
    return Lead.objects.get(email=email)


# Consent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", [None, False, "true", 1])
def test_b67_a_batch_without_a_clear_consent_is_not_stored(send: Callable[..., Any], consent: Any) -> None:
    results = send([view(str(uuid4()))], consent=consent).json()["results"]
    assert [result["status"] for result in results] == ["not_stored"]
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()
    assert not Touch.objects.exists()


def test_b67_an_event_without_a_flag_alone_is_a_204(call: Call, publishable: str) -> None:
    assert call("POST", EVENTS, view(str(uuid4())), key=publishable).status_code == 204
    assert not Event.objects.exists()


def test_b67_an_events_own_no_wins_over_its_batch(send: Callable[..., Any]) -> None:
    visitor = str(uuid4())
    answer = send([view(visitor) | {"consent": False}, view(visitor)]).json()
    assert [result["status"] for result in answer["results"]] == ["not_stored", "accepted"]


def test_b67_after_the_withdrawal_nothing_is_stored(call: Call, publishable: str, send: Any) -> None:
    visitor = str(uuid4())
    send([view(visitor)])
    lead = person(call, publishable, "jean@acier-dupont.example", visitor)
    said = {"key": publishable, "visitor": visitor, "page": f"{SITE}/"}
    for _ in range(2):
        answer = call("POST", "/api/v1/tracker/withdraw/", said, content_type="text/plain", Origin=SITE)
        assert answer.status_code == 204
    states = ConsentEvent.objects.filter(lead=lead, purpose=Purpose.TRACKING).order_by("id")
    assert list(states.values_list("state", flat=True)) == [ConsentState.GRANTED, ConsentState.WITHDRAWN]
    assert states.last().page_url == f"{SITE}/"  # type: ignore[union-attr]
    assert send([view(visitor)]).json()["results"][0]["status"] == "not_stored"
    # A forged flag, and even a new consent in the ledger, do not bring this browser back: it gets a new id.
    record_consent(
        lead=lead, purpose=Purpose.TRACKING, state=ConsentState.GRANTED, now=timezone.now() + timedelta(1)
    )
    assert send([view(visitor)]).json()["results"][0]["status"] == "not_stored"


def test_the_withdrawal_of_somebody_unknown_makes_nothing(call: Call, publishable: str) -> None:
    said = {"key": publishable, "visitor": str(uuid4())}
    assert call("POST", "/api/v1/tracker/withdraw/", said).status_code == 204
    assert not Visitor.objects.exists()
    problem(call("POST", "/api/v1/tracker/withdraw/", said | {"visitor": 5}), 400, "invalid")
    problem(call("POST", "/api/v1/tracker/withdraw/", said | {"key": "no"}), 401, "key_invalid")


# Clocks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong_by", "corrected"),
    [(timedelta(minutes=-54), False), (timedelta(minutes=-56), True), (timedelta(days=-700), True)],
)
def test_f48_a_clock_is_corrected_when_the_batch_says_when_it_left(
    send: Callable[..., Any], wrong_by: timedelta, corrected: bool
) -> None:
    now = timezone.now()
    send([view(str(uuid4()), at=now + wrong_by)], sent_at=(now + wrong_by).isoformat())
    off = abs(Event.objects.get().occurred_at - now)
    assert (off < timedelta(minutes=1)) is corrected


@pytest.mark.parametrize(
    "sent_at", ["soon", 5, "2026-03-01T10:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T00:00:00Z"]
)
def test_f48_a_batch_that_says_nothing_usable_is_believed(send: Callable[..., Any], sent_at: Any) -> None:
    moment = timezone.now() - timedelta(hours=3)
    assert send([view(str(uuid4()), at=moment)], sent_at=sent_at).status_code == 202
    assert Event.objects.get().occurred_at == moment


def test_f48_a_retry_under_another_clock_is_still_the_same_event(send: Callable[..., Any]) -> None:
    seen = view(str(uuid4()), at=timezone.now() - timedelta(hours=2))
    for hours in (2, 5):
        moment = (timezone.now() - timedelta(hours=hours)).isoformat()
        assert send([seen], sent_at=moment).json()["results"][0]["status"] == "accepted"
    assert Event.objects.count() == 1


# Machines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"agent": GOOGLEBOT}, "crawler"),
        ({"agent": "python-requests/2.32"}, "crawler"),
        ({"Sec_Purpose": "prefetch;prerender"}, "prefetch"),
        ({"Purpose": "prefetch"}, "prefetch"),
        ({"automated": True}, "automated"),
    ],
)
def test_a_machine_is_marked_and_never_counted(
    send: Callable[..., Any], how: dict[str, Any], reason: str
) -> None:
    answer = send([view(str(uuid4()))], **how)
    assert answer.json()["results"][0]["status"] == "accepted"  # a machine is told nothing
    event = Event.objects.get()
    assert (event.verdict, event.signature_id) == (Verdict.MACHINE, NOT_COUNTED)
    assert list(reasons_of([event]).values()) == [[reason]]
    assert not Touch.objects.exists()


def test_a_person_is_not_marked(send: Callable[..., Any]) -> None:
    send([view(str(uuid4()))])
    event = Event.objects.get()
    assert event.verdict == Verdict.UNKNOWN
    assert event.signature_id != NOT_COUNTED
    assert not EventVerdict.objects.exists()


def test_an_operators_network_is_a_machines(send: Callable[..., Any], settings: Any) -> None:
    settings.DATACENTRE_NETWORKS = ["203.0.113.0/24", "127.0.0.0/8"]
    send([view(str(uuid4()))])
    assert EventVerdict.objects.get().reasons == ["datacentre"]


def test_impossible_speed_marks_the_visitor_with_what_it_did_before(send: Callable[..., Any]) -> None:
    visitor, now = str(uuid4()), timezone.now() - timedelta(hours=1)
    for turn in range(10):
        send([view(visitor, at=now + timedelta(milliseconds=300 * turn))])
    assert set(Event.objects.values_list("verdict", flat=True)) == {Verdict.UNKNOWN}
    send([view(visitor, at=now + timedelta(milliseconds=3100))])
    assert set(Event.objects.values_list("verdict", flat=True)) == {Verdict.MACHINE}
    assert set(Event.objects.values_list("signature_id", flat=True)) == {NOT_COUNTED}
    send([view(visitor, at=now + timedelta(minutes=20))])
    last = Event.objects.order_by("-occurred_at").first()
    assert last is not None
    assert list(reasons_of([last]).values()) == [["visitor"]]


def test_many_pages_at_one_instant_are_a_machines(send: Callable[..., Any]) -> None:
    visitor, now = str(uuid4()), timezone.now()
    send([view(visitor, at=now, url=f"{SITE}/{page}") for page in range(3)])
    assert set(Event.objects.values_list("verdict", flat=True)) == {Verdict.MACHINE}


def test_the_trap_page_gives_the_visitor_away(send: Callable[..., Any]) -> None:
    visitor = str(uuid4())
    send([view(visitor, at=timezone.now() - timedelta(minutes=5))])
    send([view(visitor, trap=True)])
    assert set(Event.objects.values_list("verdict", flat=True)) == {Verdict.MACHINE}
    assert Visitor.objects.get().verdict == Verdict.MACHINE


def test_a_form_upgrades_what_a_person_could_have_done(call: Call, publishable: str, send: Any) -> None:
    visitor = str(uuid4())
    send([view(visitor)], automated=True)
    send([view(visitor)], Sec_Purpose="prefetch")
    lead = person(call, publishable, "jean@acier-dupont.example", visitor)
    pages = Event.objects.filter(lead=lead, kind__code="page_viewed").order_by("id")
    assert list(pages.values_list("verdict", flat=True)) == [Verdict.HUMAN, Verdict.MACHINE]
    assert pages[0].signature_id != NOT_COUNTED
    assert reasons_of([pages[0]]) == {key: ["person"] for key in reasons_of([pages[0]])}
    send([view(visitor)], automated=True)
    assert pages.last().verdict == Verdict.HUMAN  # type: ignore[union-attr]


def test_changing_a_verdict_wakes_the_lead_and_keeps_the_reason(
    call: Call, publishable: str, send: Any, make_user: Callable[..., Any]
) -> None:
    visitor, marketer = str(uuid4()), make_user()
    send([view(visitor)])
    lead = person(call, publishable, "jean@acier-dupont.example", visitor)
    event = Event.objects.get(kind__code="page_viewed")
    own = event.signature_id
    Wake.objects.all().delete()
    now = timezone.now()
    change = {"reasons": ["by_hand"], "by": marketer, "now": now}
    assert change_verdict(events=[event], verdict=Verdict.MACHINE, **change) == 1
    event.refresh_from_db()
    assert (event.verdict, event.signature_id) == (Verdict.MACHINE, NOT_COUNTED)
    assert list(Wake.objects.values_list("lead_id", flat=True)) == [lead.pk]
    assert change_verdict(events=[event], verdict=Verdict.MACHINE, **change) == 0
    assert change_verdict(events=[event], verdict=Verdict.HUMAN, **change) == 1
    event.refresh_from_db()
    assert (event.verdict, event.signature_id) == (Verdict.HUMAN, own)
    assert [row.by for row in EventVerdict.objects.all()] == [marketer, marketer]


def test_a_voided_event_is_kept_and_counts_no_more_whatever_its_verdict(
    call: Call, publishable: str, send: Any
) -> None:
    visitor = str(uuid4())
    send([view(visitor)])
    lead = person(call, publishable, "jean@acier-dupont.example", visitor)
    event = Event.objects.get(kind__code="page_viewed")
    Wake.objects.all().delete()
    now = timezone.now()
    assert void_event(event=event, reason="sent twice by the old site", now=now)
    assert not void_event(event=event, reason="again", now=now)
    assert list(Wake.objects.values_list("lead_id", flat=True)) == [lead.pk]
    event.refresh_from_db()
    assert (event.signature_id, event.void_reason) == (NOT_COUNTED, "sent twice by the old site")
    change_verdict(events=[event], verdict=Verdict.HUMAN, reasons=["by_hand"], by=None, now=now)
    event.refresh_from_db()
    assert (event.verdict, event.signature_id) == (Verdict.HUMAN, NOT_COUNTED)
    with pytest.raises(ValueError, match="why"):
        void_event(event=event, reason=" ", now=now)


# Sources ---------------------------------------------------------------------------------------------------


def test_each_visit_that_begins_with_a_source_is_a_touch(send: Callable[..., Any]) -> None:
    visitor, now = str(uuid4()), timezone.now() - timedelta(days=3)
    linkedin = {"referrer": "https://www.linkedin.com/feed/", "url": f"{SITE}/guide"}
    send([view(visitor, at=now, **linkedin), view(visitor, at=now + timedelta(seconds=20))])
    send([view(visitor, at=now + timedelta(minutes=2), **linkedin)])  # the same visit
    send([view(visitor, at=now + timedelta(days=1), referrer="")])  # opened directly: says nothing new
    mail = {"utm_medium": "email", "utm_source": "lettre", "utm_campaign": "Printemps", "referrer": ""}
    send([view(visitor, at=now + timedelta(days=2), **mail)])
    touches = Touch.objects.order_by("at")
    assert [touch.channel for touch in touches] == ["social", "emailing"]
    assert touches[0].referrer == "www.linkedin.com"
    assert touches[0].page == f"{SITE}/guide"
    assert touches[1].utm == {"medium": "email", "source": "lettre", "campaign": "Printemps"}


def test_somebody_who_only_ever_came_directly_has_that_one_touch(send: Callable[..., Any]) -> None:
    visitor, now = str(uuid4()), timezone.now()
    for days in (2, 1, 0):
        send([view(visitor, at=now - timedelta(days=days), referrer="")])
    assert [touch.channel for touch in Touch.objects.all()] == ["direct_traffic"]


def test_a_retry_notes_no_touch_twice(send: Callable[..., Any]) -> None:
    seen = view(str(uuid4()), referrer="https://www.google.fr/")
    for _ in range(3):
        send([seen])
    assert Touch.objects.count() == 1


def test_the_first_touch_is_how_a_new_lead_came(call: Call, publishable: str, send: Any) -> None:
    visitor, now = str(uuid4()), timezone.now()
    send([view(visitor, at=now - timedelta(days=9), referrer="https://www.linkedin.com/")])
    send([view(visitor, at=now - timedelta(days=1), referrer="https://www.google.fr/")])
    lead = person(
        call, publishable, "jean@acier-dupont.example", visitor, utm={"medium": "email", "source": "lettre"}
    )
    touches = list(lead.touches.order_by("at").values_list("channel", flat=True))
    assert touches == ["social", "organic_search", "emailing"]
    assert (lead.channel, lead.last_channel) == ("social", "emailing")


def test_f32_without_consent_the_touches_stay_the_visitors(call: Call, publishable: str, send: Any) -> None:
    visitor = str(uuid4())
    send([view(visitor, referrer="https://www.linkedin.com/")])
    lead = person(call, publishable, "jean@acier-dupont.example", visitor, consents=[])
    assert not lead.touches.exclude(visitor=None).exists()
    assert lead.channel != "social"
    assert Event.objects.filter(lead=lead, kind__code="page_viewed").count() == 0


# Two people at one browser ---------------------------------------------------------------------------------


def test_two_people_at_one_browser_are_never_merged(call: Call, publishable: str, send: Any) -> None:
    visitor, now = str(uuid4()), timezone.now()
    send([view(visitor, at=now - timedelta(hours=2), referrer="https://www.linkedin.com/")])
    jean = person(call, publishable, "jean@acier-dupont.example", visitor)
    send([view(visitor)])
    anna = person(call, publishable, "anna@acier-dupont.example", visitor)
    late = view(visitor, at=now - timedelta(minutes=30))  # Jean's, but it arrives only now
    send([view(visitor, at=timezone.now() + timedelta(seconds=1)), late])
    seen = Event.objects.filter(kind__code="page_viewed")
    assert seen.filter(lead=jean).count() == 2
    assert seen.filter(lead=anna).count() == 1
    assert seen.get(event_id=late["event_id"]).lead_id is None
    assert [touch.channel for touch in anna.touches.all()] == ["direct_traffic"]  # never Jean's "social"
    person(call, publishable, "anna@acier-dupont.example", visitor)
    assert seen.get(event_id=late["event_id"]).lead_id is None
    assert (jean.merged_into_id, anna.merged_into_id) == (None, None)


def test_what_one_did_without_consent_never_becomes_the_others(
    call: Call, publishable: str, send: Any
) -> None:
    visitor = str(uuid4())
    send([view(visitor, at=timezone.now() - timedelta(hours=2))])
    person(call, publishable, "jean@acier-dupont.example", visitor, consents=[])
    anna = person(call, publishable, "anna@acier-dupont.example", visitor)
    assert not Event.objects.filter(lead=anna, kind__code="page_viewed").exists()


# Seeing them arrive ----------------------------------------------------------------------------------------


def test_the_last_events_show_what_became_of_each_and_nothing_of_who_declined(
    call: Call, publishable: str, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The page would rather show nothing than wait; on a busy machine the test waits.
    monkeypatch.setattr(limits, "SOCKET_TIMEOUT", 5.0)
    limits.forget()
    prefix = publishable.partition(".")[0]
    visitor = str(uuid4())
    send([view(visitor), view(visitor) | {"consent": False}, view(visitor) | {"kind": "nothing"}])
    call("POST", "/api/v1/tracker/ping/", {"key": publishable, "page": f"{SITE}/test"})
    seen = recent.last(prefix)
    assert [(one.kind, one.status, one.page, one.code) for one in seen] == [
        ("", "test", f"{SITE}/test", ""),
        ("nothing", "refused", "", "kind_unknown"),
        ("page_viewed", "not_stored", "", "no_tracking_consent"),
        ("page_viewed", "accepted", f"{SITE}/produits", ""),
    ]
    send([view(visitor) for _ in range(30)])
    assert len(recent.last(prefix)) == 20
