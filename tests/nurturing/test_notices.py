"""Notices: the way of every message, past policy and caps, but never to an address that must not get any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from leads.actions.consent import suppress
from leads.actions.events import record_event
from leads.choices import SuppressionReason
from leads.models import Lead, Source, Suppression
from nurturing.actions.notices import forget_notices, post_notice, send_notices
from nurturing.actions.plan import plan
from nurturing.models import Enrolment, MailSettings, Message, Notice, NoticeKind, State
from tests.nurturing.conftest import Script
from tests.nurturing.test_concurrency import together

VALUES = {
    "form": {"title": "La lettre"},
    "link": {"url": "https://www.exemple.fr/c/abc/", "until": "19 mars"},
}


@pytest.fixture
def post(site: MailSettings, now: datetime) -> Callable[..., bool]:
    """Posts notices that ask for a confirmation."""
    made = 0

    def send(address: str = "", **fields: Any) -> bool:
        nonlocal made
        made += 1
        values: dict[str, Any] = {
            "send_key": f"test:{made}",
            "kind": NoticeKind.CONFIRM_ADDRESS,
            "address": address or f"personne{made}@exemple.fr",
            "language": "fr",
            "values": VALUES,
            "expires_at": now + timedelta(days=7),
            "now": now,
        }
        return post_notice(**(values | fields))

    return send


def test_a_notice_is_posted_once_and_sent_once(
    post: Callable[..., bool], server: Script, now: datetime
) -> None:
    assert post("jeanne@exemple.fr", send_key="k")
    assert not post("jeanne@exemple.fr", send_key="k")
    assert send_notices(now=now, transport=server.transport()).sent == 1
    assert send_notices(now=now, transport=server.transport()).claimed == 0
    assert server.recipients == ["jeanne@exemple.fr"]
    notice, mail = Notice.objects.get(), server.mails()[0]
    assert (notice.state, notice.message_id, notice.subject) == ("sent", mail["Message-ID"], mail["Subject"])
    assert "https://www.exemple.fr/c/abc/" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_reads_well_in_both_languages(
    post: Callable[..., bool], server: Script, now: datetime, kind: NoticeKind, language: str
) -> None:
    values = VALUES | {
        "content": {"title": "Le guide", "type": "livre blanc", "summary": ""},
        "submission": {"who": "Jeanne Martin", "company": "Acier Dupont"},
        "meeting": {"title": "Démonstration", "when": "jeudi 19 mars, 10:00", "host": "Claire Dubois"},
    }
    post(kind=kind, language=language, values=values)
    assert send_notices(now=now, transport=server.transport()).sent == 1
    mail = server.mails()[0]
    assert mail["Content-Language"] == language
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()  # type: ignore[union-attr]
        assert "{{" not in text
        assert "/c/abc/" in text
        assert "12 rue de l’Exemple" in text


@pytest.mark.parametrize(
    ("reason", "leaves"),
    [
        (SuppressionReason.UNSUBSCRIBED, True),
        (SuppressionReason.OBJECTION, True),
        (SuppressionReason.SOFT_BOUNCE, True),
        (SuppressionReason.HARD_BOUNCE, False),
        (SuppressionReason.COMPLAINT, False),
        (SuppressionReason.ERASED, False),
    ],
)
def test_what_blocks_even_a_requested_mail(
    post: Callable[..., bool], server: Script, now: datetime, reason: SuppressionReason, leaves: bool
) -> None:
    suppress(address="jeanne@exemple.fr", reason=reason, now=now)
    post("jeanne@exemple.fr")
    assert bool(send_notices(now=now, transport=server.transport()).sent) is leaves
    notice = Notice.objects.get()
    assert notice.reason == ("" if leaves else f"suppressed:{reason.value}")


def test_an_answer_that_was_lost_is_never_sent_again(
    post: Callable[..., bool], server: Script, now: datetime
) -> None:
    post("jeanne@exemple.fr")
    server.answers["body"] = "abort"
    assert send_notices(now=now, transport=server.transport()).unknown == 1
    server.answers.clear()
    assert send_notices(now=now + timedelta(days=1), transport=server.transport()).claimed == 0
    assert server.recipients == ["jeanne@exemple.fr"]


def test_a_busy_server_is_asked_again_and_a_dead_address_never(
    post: Callable[..., bool], server: Script, now: datetime
) -> None:
    post("pleine@exemple.fr")
    post("morte@exemple.fr")
    server.answers = {
        ("rcpt", "pleine@exemple.fr"): "450 4.2.0 later",
        ("rcpt", "morte@exemple.fr"): "550 5.1.1 no such user",
    }
    send_notices(now=now, transport=server.transport())
    states = dict(Notice.objects.values_list("address", "state"))
    assert states == {"pleine@exemple.fr": "planned", "morte@exemple.fr": "failed"}
    assert Suppression.objects.get().reason == "hard_bounce"
    server.answers.clear()
    later = Notice.objects.get(state=State.PLANNED).due_at
    assert later > now
    assert send_notices(now=later, transport=server.transport()).sent == 1


def test_what_comes_too_late_stays(post: Callable[..., bool], server: Script, now: datetime) -> None:
    post(expires_at=now)
    assert send_notices(now=now, transport=server.transport()).held == 1
    assert Notice.objects.get().reason == "stale"


def test_no_sender_no_mail(post: Callable[..., bool], server: Script, now: datetime) -> None:
    post()
    MailSettings.objects.update(organisation="")
    assert send_notices(now=now, transport=server.transport()).claimed == 0


def test_a_link_that_is_none_is_left_out(post: Callable[..., bool], server: Script, now: datetime) -> None:
    post(values=VALUES | {"link": {"url": "javascript:alert(1)", "until": "19 mars"}})
    send_notices(now=now, transport=server.transport())
    assert Notice.objects.get().state == "held"


def test_notices_are_forgotten_after_thirty_days(post: Callable[..., bool], now: datetime) -> None:
    post()
    assert forget_notices(now=now + timedelta(days=30)) == 0
    assert forget_notices(now=now + timedelta(days=30, seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_f58_four_workers_send_every_notice_once(
    post: Callable[..., bool], server: Script, now: datetime
) -> None:
    for _ in range(30):
        post()

    def drain() -> int:
        sent = 0
        while (summary := send_notices(now=now, transport=server.transport(), limit=4)).claimed:
            sent += summary.sent
        return sent

    assert sum(together(4, drain)) == 30  # type: ignore[arg-type]
    assert sorted(server.recipients) == sorted(Notice.objects.values_list("address", flat=True))


def test_a_forms_track_is_entered_whatever_its_event(
    make_lead: Callable[..., Lead], stand: Callable[..., Any], site: MailSettings, now: datetime
) -> None:
    lead, other = (make_lead(created_at=now - timedelta(days=9)) for _ in range(2))
    for each, track in ((lead, {"track": "welcome"}), (other, {})):
        stand(each)
        record_event(
            lead_id=each.pk,
            kind="webinar_registered",
            occurred_at=now,
            now=now,
            source=Source.FORMS,
            properties={"form": "webinaire"} | track,
        )
    plan([lead.pk, other.pk], now=now)
    assert [row.lead_id for row in Enrolment.objects.filter(track__code="welcome")] == [lead.pk]
    assert not Message.objects.filter(lead=other).exists()
