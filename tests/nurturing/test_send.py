"""Sending by real SMTP: what leaves, what is held back, what every answer of a server leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from funnel.models import Standing
from leads.actions.consent import record_consent, suppress
from leads.choices import ConsentState, Purpose, SuppressionReason
from leads.models import Event, Lead, Suppression
from nurturing.actions.decide import NotUnknown, decide
from nurturing.actions.send import Summary, send_due
from nurturing.actions.settings import set_up
from nurturing.models import MailSettings, Message, MessageDecision, SendingDomain, State
from nurturing.smtp import SmtpTransport
from tests.nurturing.conftest import ADDRESS, Script, serve

pytestmark = pytest.mark.django_db
Make = Callable[..., Message]


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def test_a_due_message_is_sent_and_recorded(server: Script, make_message: Make, now: datetime) -> None:
    message = make_message(due_at=now - timedelta(minutes=5))
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, sent=1)
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.data_started_at) == (State.SENT, now, now)
    assert (message.basis, message.address) == ("legitimate_interest", message.lead.email)
    assert message.why == {"preset": "nurturing", "stage": "lead", "situation": ""}
    event = Event.objects.get(kind__code="email_sent")
    assert (event.lead_id, event.occurred_at) == (message.lead_id, now)
    assert [mail["Message-ID"] for mail in server.mails()] == [message.message_id]


def test_one_connection_serves_a_batch(server: Script, make_message: Make, now: datetime) -> None:
    for _ in range(5):
        make_message()
    assert send_due(now=now, transport=server.transport()).sent == 5
    assert server.sessions == 1


def test_nothing_leaves_before_its_time(server: Script, make_message: Make, now: datetime) -> None:
    make_message(due_at=now + timedelta(seconds=1))
    assert send_due(now=now, transport=server.transport()) == Summary()


def test_nothing_leaves_while_the_sender_is_not_set_up(
    server: Script, make_message: Make, now: datetime
) -> None:
    message = make_message()
    set_up(postal_address="")
    assert send_due(now=now, transport=server.transport()) == Summary()
    set_up(postal_address=ADDRESS)
    assert send_due(now=now, transport=server.transport()).sent == 1
    assert state_of(message) == (State.SENT, "")


def test_f60_headers_keep_robots_from_answering_and_let_people_leave(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime, client: Client
) -> None:
    make_message(make_lead(first_name="Élodie", last_name="O’Neill"))
    set_up(reply_to="reponses@exemple.fr")
    send_due(now=now, transport=server.transport())
    (mail,) = server.mails()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parseaddr(mail["From"]) == ("Claire Dubois", "claire@exemple.fr")
    assert parseaddr(mail["To"])[0] == "Élodie O’Neill"
    assert mail["Reply-To"] == "reponses@exemple.fr"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://127.0.0.1:8000/u/")
    for part in mail.iter_parts():
        assert link in part.get_content().replace("&amp;", "&")
    # The one click of a mail program: no cookie, no referrer, its own body.
    answer = client.post(link.removeprefix("http://127.0.0.1:8000"), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Suppression.objects.get().reason == SuppressionReason.UNSUBSCRIBED


def test_transactional_mail_has_no_list_headers(server: Script, make_message: Make, now: datetime) -> None:
    make_message(purpose="transactional")
    send_due(now=now, transport=server.transport())
    assert server.mails()[0]["List-Unsubscribe"] is None


@pytest.mark.parametrize("name", ["Jean\r\nBcc: evil@evil.example", "Jean\u2028Bcc: x", "x" * 100])
def test_b27_b28_no_header_comes_out_of_a_name(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime, name: str
) -> None:
    make_message(make_lead(first_name=name))
    assert send_due(now=now, transport=server.transport()).sent == 1
    (mail,) = server.mails()
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize(
    "name", ["<b>x</b>", "www.evil.example", "http://evil.example", "a@b.fr", "{{7*7}}", "42"]
)
def test_b36_a_name_that_is_none_is_left_out(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime, name: str
) -> None:
    make_message(make_lead(first_name=name))
    send_due(now=now, transport=server.transport())
    (mail,) = server.mails()
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().startswith("Bonjour,")
    assert name not in str(mail["To"])


# What changed between plan and claim (F51, F53) or between claim and DATA (F52).


def unsubscribed(message: Message, now: datetime) -> None:
    suppress(address=message.lead.email or "", reason=SuppressionReason.UNSUBSCRIBED, now=now)


def bounced(message: Message, now: datetime) -> None:
    suppress(address=message.lead.email or "", reason=SuppressionReason.HARD_BOUNCE, now=now)


def complained(message: Message, now: datetime) -> None:
    suppress(address=message.lead.email or "", reason=SuppressionReason.COMPLAINT, now=now)


def withdrew(message: Message, now: datetime) -> None:
    record_consent(lead=message.lead, purpose=Purpose.NURTURING, state=ConsentState.WITHDRAWN, now=now)


def erased(message: Message, now: datetime) -> None:
    Lead.objects.filter(pk=message.lead_id).update(email=None, reference="gone", erased_at=now)


def became_private(message: Message, now: datetime) -> None:
    Lead.objects.filter(pk=message.lead_id).update(audience="unknown")


def offered(message: Message, now: datetime) -> None:
    Standing.objects.filter(lead=message.lead_id).update(stage="mql", situation="offered")


def disqualified(message: Message, now: datetime) -> None:
    Standing.objects.filter(lead=message.lead_id).update(stage="disqualified", situation="")


def turned_discreet(message: Message, now: datetime) -> None:
    set_up(preset="discret")


CHANGES = [
    (unsubscribed, "suppressed:unsubscribed"),
    (bounced, "suppressed:hard_bounce"),
    (complained, "suppressed:complaint"),
    (withdrew, "consent_withdrawn"),
    (erased, "no_address"),
    (became_private, "no_opt_in"),
    (offered, "policy:offered_newsletter_only"),
    (disqualified, "policy:disqualified"),
    (turned_discreet, "policy:discret_newsletter_only"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_f51_f53_what_changed_before_the_claim_holds_it_back_without_a_connection(
    server: Script,
    make_message: Make,
    now: datetime,
    change: Callable[[Message, datetime], None],
    reason: str,
) -> None:
    message = make_message()
    change(message, now)
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, held=1)
    assert state_of(message) == (State.HELD, reason)
    assert server.sessions == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("change", "reason"), [each for each in CHANGES if each[0] is not erased])
def test_f52_what_changes_between_claim_and_data_is_seen_right_before_data(
    make_message: Make, now: datetime, change: Callable[[Message, datetime], None], reason: str
) -> None:
    message = make_message()

    class Changing(Script):
        async def handle_RCPT(self, *arguments: object) -> str:  # noqa: N802
            await asyncio_thread(lambda: change(message, now))
            return await super().handle_RCPT(*arguments)  # type: ignore[arg-type]

    with serve(Changing()) as server:
        assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, held=1)
        assert server.accepted == []
    assert state_of(message) == (State.HELD, reason)


async def asyncio_thread(work: Callable[[], None]) -> None:
    """Run database work in a thread of its own, as another process would."""
    import asyncio  # noqa: PLC0415

    from django.db import connections  # noqa: PLC0415

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    await asyncio.to_thread(run)


def test_a_stale_message_is_given_up(server: Script, make_message: Make, now: datetime) -> None:
    message = make_message(due_at=now - timedelta(days=4), expires_at=now - timedelta(days=1))
    send_due(now=now, transport=server.transport())
    assert state_of(message) == (State.HELD, "stale")


def test_f63_quiet_hours_put_a_message_off_to_the_morning(
    server: Script, make_message: Make, make_lead: Callable[..., Lead]
) -> None:
    set_up(quiet_from="21:00", quiet_until="08:00")
    evening = datetime(2026, 3, 12, 21, 30, tzinfo=UTC)
    message = make_message(
        make_lead(time_zone="America/Martinique"), due_at=evening, expires_at=evening + timedelta(days=3)
    )
    paris = make_message(due_at=evening, expires_at=evening + timedelta(days=3))
    # Half past ten in the evening in Paris, half past five in the afternoon in Martinique.
    assert send_due(now=evening, transport=server.transport()) == Summary(claimed=2, sent=1, deferred=1)
    assert state_of(message) == (State.SENT, "")
    assert state_of(paris) == (State.PLANNED, "quiet_hours")
    assert paris.due_at == datetime(2026, 3, 13, 7, 0, tzinfo=UTC)
    assert send_due(now=paris.due_at, transport=server.transport()).sent == 1


# F54: what each answer of a server leads to.


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "body"])
@pytest.mark.parametrize(
    "answer", ["450 4.2.1 busy", "451 4.3.0 later", "452 4.3.1 full", "421 4.3.2 closing"]
)
def test_f54_a_temporary_no_is_tried_again_with_backoff(
    server: Script, make_message: Make, now: datetime, phase: str, answer: str
) -> None:
    message = make_message()
    server.answers[phase] = answer
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, deferred=1)
    assert state_of(message) == (State.PLANNED, f"smtp:{phase}:{answer[:3]}")
    assert (message.due_at, message.data_started_at) == (now + timedelta(minutes=5), None)
    assert send_due(now=now + timedelta(minutes=4), transport=server.transport()) == Summary()
    server.answers.clear()
    assert send_due(now=now + timedelta(minutes=5), transport=server.transport()).sent == 1
    assert len(server.accepted) == 1


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "550 5.2.1 disabled"])
def test_f54_an_address_that_does_not_exist_is_never_written_to_again(
    server: Script, make_message: Make, now: datetime, answer: str
) -> None:
    message = make_message()
    server.answers["rcpt"] = answer
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, failed=1)
    assert state_of(message) == (State.FAILED, "smtp:rcpt:550")
    assert Suppression.objects.get().reason == SuppressionReason.HARD_BOUNCE
    assert Event.objects.get(kind__code="email_bounced").lead_id == message.lead_id


@pytest.mark.parametrize(
    ("phase", "answer"), [("rcpt", "550 no"), ("rcpt", "552 5.2.2 full"), ("body", "554 5.6.0 no")]
)
def test_f54_another_permanent_no_fails_the_message_and_not_the_lead(
    server: Script, make_message: Make, now: datetime, phase: str, answer: str
) -> None:
    message = make_message()
    server.answers[phase] = answer
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, failed=1)
    assert state_of(message)[0] == State.FAILED
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("phase", ["rcpt", "body"])
def test_f54_a_policy_refusal_pauses_the_domain_and_blames_no_lead(
    server: Script, make_message: Make, now: datetime, phase: str
) -> None:
    messages = [make_message() for _ in range(3)]
    server.answers[phase] = "550 5.7.1 your domain is not welcome"
    until = now + timedelta(hours=1)
    assert send_due(now=now, transport=server.transport()) == Summary(
        claimed=3, deferred=3, waits_until=until
    )
    assert [(state_of(message)[0], message.due_at) for message in messages] == [(State.PLANNED, until)] * 3
    assert SendingDomain.objects.get().paused_until == until
    assert not Suppression.objects.exists()
    assert send_due(now=until - timedelta(seconds=1), transport=server.transport()).claimed == 0
    server.answers.clear()
    assert send_due(now=until, transport=server.transport()).sent == 3


def test_f54_a_server_that_cannot_be_reached_opens_the_breaker_ever_longer(
    make_message: Make, now: datetime
) -> None:
    message = make_message()
    nowhere = SmtpTransport("127.0.0.1", 1, security="plain", name="test.example")
    waits = []
    for _ in range(3):
        summary = send_due(now=now, transport=nowhere)
        assert summary.waits_until is not None
        waits.append(int((summary.waits_until - now).total_seconds() / 60))
        now = summary.waits_until
    assert waits == [1, 2, 5]
    assert state_of(message)[0] == State.PLANNED
    assert message.attempts == 0


def test_f54_the_breaker_closes_when_the_server_is_back(
    server: Script, make_message: Make, now: datetime
) -> None:
    make_message()
    send_due(now=now, transport=SmtpTransport("127.0.0.1", 1, security="plain", name="test.example"))
    assert send_due(now=now + timedelta(minutes=1), transport=server.transport()).sent == 1
    domain = SendingDomain.objects.get()
    assert (domain.failures, domain.closed_until) == (0, None)


def test_f56_one_bad_recipient_among_many(server: Script, make_message: Make, now: datetime) -> None:
    messages = [make_message() for _ in range(40)]
    bad = messages[17].lead.email or ""
    server.answers["rcpt", bad] = "550 5.1.1 no such user"
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=40, sent=39, failed=1)
    assert sorted(server.recipients) == sorted({m.lead.email for m in messages} - {bad})


# F55: the answer is lost.


@pytest.mark.parametrize("fate", ["abort", "hang"])
def test_f55_a_lost_answer_leaves_the_message_unknown_and_it_is_never_sent_again(
    server: Script, make_message: Make, now: datetime, fate: str
) -> None:
    message = make_message()
    server.answers["body"] = fate
    assert send_due(now=now, transport=server.transport(answer_within=0.5)) == Summary(claimed=1, unknown=1)
    assert state_of(message) == (State.UNKNOWN, "answer_lost")
    server.answers.clear()
    for later in (timedelta(minutes=5), timedelta(days=1)):
        assert send_due(now=now + later, transport=server.transport()) == Summary()
    assert len(server.accepted) == 1


def test_a_line_that_breaks_before_the_message_was_handed_over_is_tried_again(
    server: Script, make_message: Make, now: datetime
) -> None:
    first, second = make_message(), make_message()
    server.answers["data", first.lead.email or ""] = "abort"
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=2, deferred=2)
    assert [state_of(each)[0] for each in (first, second)] == [State.PLANNED, State.PLANNED]
    # Only the one that was tried waits.
    assert (first.due_at, second.due_at) == (now + timedelta(minutes=5), now)
    server.answers.clear()
    assert send_due(now=now + timedelta(minutes=5), transport=server.transport()).sent == 2


@pytest.mark.parametrize(
    ("verdict", "state", "copies"),
    [("send_again", State.SENT, 2), ("was_sent", State.SENT, 1), ("give_up", State.FAILED, 1)],
)
def test_f07_only_a_person_decides_about_an_unknown_message(
    server: Script,
    make_message: Make,
    make_user: Callable[..., User],
    now: datetime,
    verdict: str,
    state: str,
    copies: int,
) -> None:
    message, user = make_message(), make_user("marketer")
    server.answers["body"] = "abort"
    send_due(now=now, transport=server.transport())
    server.answers.clear()
    decide(message_id=message.pk, verdict=verdict, by=user, note="She says that nothing came", now=now)
    send_due(now=now, transport=server.transport())
    assert state_of(message)[0] == state
    assert len(server.accepted) == copies
    assert len({mail["Message-ID"] for mail in server.mails()}) == copies
    row = MessageDecision.objects.get()
    assert (row.verdict, row.by, row.note) == (verdict, user, "She says that nothing came")
    with pytest.raises(NotUnknown):
        decide(message_id=message.pk, verdict=verdict, by=user, note="again", now=now)


def test_f59_two_messages_to_one_lead_under_a_cap_of_one_a_day(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    first, second = make_message(lead), make_message(lead)
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=2, sent=1, deferred=1)
    assert state_of(first)[0] == State.SENT
    assert state_of(second) == (State.PLANNED, "cap")
    assert second.due_at == now + timedelta(hours=24)
    assert send_due(now=second.due_at, transport=server.transport()).sent == 1


def test_f59_a_cap_that_is_reached_needs_no_connection(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    make_message(lead, state=State.SENT, data_started_at=now - timedelta(hours=1), sent_at=now)
    make_message(lead)
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, deferred=1)
    assert server.sessions == 0


def test_f60_never_more_than_three_mails_a_day_even_if_asked_for(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    for _ in range(5):
        make_message(lead, purpose="transactional")
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=5, sent=3, deferred=2)


def test_the_task_sends_everything_by_the_address_of_the_settings(
    server: Script, make_message: Make, settings: object
) -> None:
    from nurturing.tasks import send_due as task  # noqa: PLC0415

    moment = datetime(2026, 3, 12, 11, tzinfo=UTC)
    for _ in range(60):
        make_message()
    settings.EMAIL_URL = f"smtp+plain://127.0.0.1:{server.port}"  # type: ignore[attr-defined]
    with time_machine.travel(moment, tick=True):
        assert task() == 60
    assert len(set(server.recipients)) == 60
    assert MailSettings.load().is_complete
