"""What tests of messages need: a site that may write, leads that stand somewhere, a scripted mail server."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from funnel.models import Standing
from leads.actions.events import record_event
from leads.models import Content, Lead
from nurturing.actions.settings import set_up
from nurturing.models import MailSettings, Message, Template
from nurturing.smtp import SmtpTransport

ADDRESS = "12 rue de l’Exemple, 69003 Lyon"


@pytest.fixture
def site(db: None) -> MailSettings:
    """A site whose sender is complete and that has no quiet hours."""
    return set_up(
        sender_name="Claire Dubois",
        sender_email="claire@exemple.fr",
        organisation="Exemple SAS",
        postal_address=ADDRESS,
        siren="123 456 789",
        quiet_from=None,
        quiet_until=None,
    )


@pytest.fixture
def stand(db: None) -> Callable[..., Standing]:
    """Puts a lead somewhere in the funnel: ``stand(lead, "mql", "ready")``."""

    def put(lead: Lead, stage: str = "lead", situation: str = "", **fields: object) -> Standing:
        values: dict[str, Any] = {"stage": stage, "situation": situation, "since": lead.created_at, **fields}
        return Standing.objects.update_or_create(lead=lead, defaults=values)[0]

    return put


@pytest.fixture
def make_content(db: None, now: datetime) -> Callable[..., Content]:
    """Makes pieces of content."""
    made = 0

    def make(**fields: object) -> Content:
        nonlocal made
        made += 1
        values: dict[str, Any] = {
            "code": f"piece-{made}",
            "title": f"Contenu {made}",
            "summary": "En deux mots.",
            "type": "case_study",
            "band": "tofu",
            "url": f"https://www.exemple.fr/contenus/{made}",
            "created_at": now,
        }
        return Content.objects.create(**(values | fields))

    return make


@pytest.fixture
def paper(make_content: Callable[..., Content]) -> Content:
    """The white paper that sets things off."""
    return make_content(
        code="livre-blanc", title="Le guide des arrêts de ligne", type="white_paper", is_gated=True
    )


@pytest.fixture
def download(paper: Content, now: datetime) -> Callable[..., None]:
    """A lead downloads the white paper (or another piece)."""

    def record(
        lead: Lead, *, at: datetime = now, piece: Content | None = None, received: datetime = now
    ) -> None:
        content = piece or paper
        record_event(
            lead_id=lead.pk, kind="content_downloaded", occurred_at=at, now=received, content_id=content.pk
        )

    return record


@pytest.fixture
def make_message(
    site: MailSettings, make_lead: Callable[..., Lead], stand: Callable[..., Standing], now: datetime
):
    """Makes planned messages of leads that may be written to."""
    made = 0

    def make(lead: Lead | None = None, **fields: object) -> Message:
        nonlocal made
        made += 1
        lead = lead or make_lead()
        if not Standing.objects.filter(lead=lead).exists():
            stand(lead)
        template = Template.objects.filter(code="incubation_start", language="fr").latest("version")
        values: dict[str, Any] = {
            "send_key": f"{lead.pk}/test.1/{made}",
            "lead": lead,
            "template": template,
            "purpose": "nurturing",
            "planned_at": now,
            "due_at": now,
            "expires_at": now + timedelta(days=3),
        }
        return Message.objects.create(**(values | fields))

    return make


class Script:
    """A mail server that does what a test tells it, and keeps what it accepted.

    ``answers`` maps (phase, address) or phase to an answer, "abort" (the line breaks) or "hang". Phases:
    mail, rcpt, data (the command), body (after the final dot, the message kept).
    """

    def __init__(self) -> None:
        self.answers: dict[object, str] = {}
        self.accepted: list[tuple[str, bytes]] = []
        self.sessions = 0
        self.port = 0

    def answer(self, phase: str, address: str = "") -> str:
        return self.answers.get((phase, address)) or self.answers.get(phase) or ""

    async def act(self, server: SMTP, answer: str) -> str:
        if answer == "abort":
            server.transport.abort()
            await asyncio.sleep(0)
        if answer == "hang":
            await asyncio.sleep(3)
        return answer

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: object
    ) -> str:
        answer = await self.act(server, self.answer("mail", address))
        envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: object
    ) -> str:
        answer = await self.act(server, self.answer("rcpt", address))
        if answer and not answer.startswith("250"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        assert len(envelope.rcpt_tos) == 1
        answer = self.answer("body", recipient)
        if not answer or answer in {"abort", "hang"}:
            self.accepted.append((recipient, bytes(envelope.content or b"")))
        return await self.act(server, answer) or "250 2.0.0 kept"

    @property
    def recipients(self) -> list[str]:
        """To whom messages were accepted, in order."""
        return [recipient for recipient, _ in self.accepted]

    def mails(self) -> list[EmailMessage]:
        """What was accepted, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for _, raw in self.accepted]  # type: ignore[misc]

    def transport(self, **fields: Any) -> SmtpTransport:
        """A way to this server, without encryption."""
        values = {"security": "plain", "connect_within": 2.0, "answer_within": 1.0, "name": "test.example"}
        return SmtpTransport("127.0.0.1", self.port, **(values | fields))


class ScriptedSMTP(SMTP):
    """Also answers the DATA command itself as the script says."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        script: Script = self.event_handler
        answer = await script.act(self, script.answer("data", (self.envelope.rcpt_tos or [""])[0]))
        if answer:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


class ScriptedController(Controller):
    def factory(self) -> SMTP:
        return ScriptedSMTP(self.handler, **self.SMTP_kwargs)


@contextmanager
def serve(script: Script, **options: Any) -> Iterator[Script]:
    """Run the server on a free port while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        script.port = free.getsockname()[1]
    controller = ScriptedController(script, hostname="127.0.0.1", port=script.port, **options)
    controller.start()
    try:
        yield script
    finally:
        controller.stop()


@pytest.fixture
def server() -> Iterator[Script]:
    """A mail server that says yes until told otherwise."""
    with serve(Script()) as script:
        yield script


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Return as soon as it is so; fail when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
