"""Connected mailboxes: answers to invitations are read back once, and hostile mail does no harm."""

from __future__ import annotations

import imaplib
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from funnel import imap
from funnel.actions.mailboxes import connect_mailbox, disconnect_mailbox, poll_mailboxes
from funnel.actions.meetings import Plan, propose_meeting
from funnel.imap import MailboxError
from funnel.invitations import LARGEST_REPLY, Entry, Party, read_reply, written
from funnel.meetings import MeetingState, Method
from funnel.models import MailboxConnection, Meeting, Rep, Standing
from funnel.replies import read_mail
from funnel.sealing import CannotOpen, seal, unseal
from leads.models import Event

HOUR = timedelta(hours=1)


class FakeServer(socketserver.ThreadingTCPServer):
    """As much of IMAP as is spoken to it, over a real socket."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: dict[int, bytes] = {}
        self.validity = 7
        self.said: list[str] = []

    def connect(self, host: str, port: int) -> imaplib.IMAP4:
        """How the code under test gets here: plain, as the certificate is not what is tried."""
        return imaplib.IMAP4("127.0.0.1", self.server_address[1], timeout=5)


class _Session(socketserver.StreamRequestHandler):
    server: FakeServer

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline(5000):
            tag, _, command = line.decode().strip().partition(" ")
            self.server.said.append(command)
            if not self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        lines, end = self._lines(command)
        self.wfile.write(b"".join(lines) + f"{tag} {end} done\r\n".encode())
        return not command.startswith("LOGOUT")

    def _lines(self, command: str) -> tuple[list[bytes], str]:
        mails = self.server.mails
        if command.startswith("CAPABILITY"):
            return [b"* CAPABILITY IMAP4rev1\r\n"], "OK"
        if command.startswith("LOGIN"):
            return [], "OK" if "secret" in command else "NO [AUTHENTICATIONFAILED] no"
        if command.startswith("EXAMINE"):
            head = f"* {len(mails)} EXISTS\r\n* OK [UIDVALIDITY {self.server.validity}] .\r\n"
            return [head.encode(), f"* OK [UIDNEXT {max(mails, default=0) + 1}] .\r\n".encode()], "OK"
        if found := re.match(r"UID SEARCH UID (\d+):\*", command):
            after = [uid for uid in mails if uid >= int(found[1])] or [max(mails, default=0)]
            return [f"* SEARCH {' '.join(map(str, after))}\r\n".encode()], "OK"
        if found := re.match(r"UID FETCH (\d+) \((\S+)\)", command):
            return self._fetch(int(found[1]), found[2]), "OK"
        return [], "OK"

    def _fetch(self, uid: int, what: str) -> list[bytes]:
        mail = self.server.mails.get(uid, b"")
        if what == "RFC822.SIZE":
            return [f"* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)})\r\n".encode()]
        body = mail.split(b"\r\n\r\n")[0] if "HEADER" in what else mail
        return [f"* 1 FETCH (UID {uid} BODY[] {{{len(body)}}}\r\n".encode(), body, b")\r\n"]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A mail server with an empty inbox."""
    with FakeServer() as fake:
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        yield fake
        fake.shutdown()


@pytest.fixture
def sal(make_rep: Callable[..., Rep], make_sal: Callable[..., Standing]) -> Standing:
    """A lead that a rep works."""
    make_rep()
    return make_sal(first_name="Jeanne")


@pytest.fixture
def box(server: FakeServer, sal: Standing, now: datetime) -> MailboxConnection:
    """The rep's mailbox, connected an hour ago."""
    assert sal.rep
    server.mails[1] = b"From: x@y.example\r\n\r\nold"
    fields = {"address": "rep@ecluse.example", "host": "imap.example.com", "port": 993}
    return connect_mailbox(
        user=sal.rep.user,
        now=now - HOUR,
        username="rep",
        password="secret",
        connect=server.connect,
        **fields,  # type: ignore[arg-type]
    )


@pytest.fixture
def meeting(sal: Standing, now: datetime) -> Meeting:
    """A meeting that the lead was invited to."""
    assert sal.rep
    start = now + timedelta(days=7)
    return propose_meeting(
        lead=sal.lead,
        by=sal.rep.user,
        now=now,
        kind="meeting",
        title="Visite",
        plan=Plan(start, start + HOUR),
    )


def reply_to(meeting: Meeting, *, partstat: str = "ACCEPTED", sender: str = "", number: int = 1) -> bytes:
    """The mail by which a calendar answers."""
    guest = sender or meeting.lead.email or ""
    entry = Entry(
        meeting.uid,
        meeting.sequence,
        meeting.title,
        meeting.starts_at,
        meeting.ends_at,
        Party("", "rep@ecluse.example"),
        Party("", guest),
    )
    text = written(entry, Method.REQUEST, now=meeting.created_at).replace("\r\n ", "")
    text = text.replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", partstat)
    mail = MIMEMultipart("alternative")
    mail["From"], mail["Message-ID"] = guest, f"<{number}@example.com>"
    mail.attach(MIMEText("Accepté", "plain", "utf-8"))
    mail.attach(MIMEText(text, "calendar", "utf-8"))
    return mail.as_bytes().replace(b"\n", b"\r\n")


def plain(sender: str, number: int = 1, **headers: str) -> bytes:
    """A mail that somebody wrote."""
    mail = MIMEText("Bonjour, rappelez-moi.", "plain", "utf-8")
    mail["From"], mail["Message-ID"] = sender, f"<{number}@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return mail.as_bytes().replace(b"\n", b"\r\n")


def test_an_answer_is_read_back_once(
    server: FakeServer, box: MailboxConnection, meeting: Meeting, now: datetime
) -> None:
    server.mails[2] = reply_to(meeting)
    assert poll_mailboxes(now=now, connect=server.connect) == 1
    assert poll_mailboxes(now=now + HOUR, connect=server.connect) == 0
    meeting.refresh_from_db()
    assert meeting.state == "accepted"
    assert Event.objects.filter(lead=meeting.lead, kind__code="meeting_booked").count() == 1
    # The same mail once more, as after a restored mailbox, changes nothing.
    server.mails[3] = server.mails[2]
    poll_mailboxes(now=now + 2 * HOUR, connect=server.connect)
    assert Event.objects.filter(lead=meeting.lead, kind__code="meeting_booked").count() == 1
    assert not any(
        "STORE" in said or "BODY[" in said.replace("PEEK", "") for said in server.said if "SELECT" in said
    )


def test_only_the_guest_answers(
    server: FakeServer, box: MailboxConnection, meeting: Meeting, now: datetime
) -> None:
    server.mails[2] = reply_to(meeting, sender="somebody@else.example")
    server.mails[3] = reply_to(meeting, partstat="TENTATIVE", number=2)
    assert poll_mailboxes(now=now, connect=server.connect) == 2
    meeting.refresh_from_db()
    assert meeting.state == "proposed"
    server.mails[4] = reply_to(meeting, partstat="DECLINED", number=3)
    poll_mailboxes(now=now + HOUR, connect=server.connect)
    meeting.refresh_from_db()
    assert meeting.state == "declined"


def test_a_reply_of_a_lead_is_an_event_and_of_a_machine_is_none(
    server: FakeServer, box: MailboxConnection, sal: Standing, now: datetime
) -> None:
    email = sal.lead.email or ""
    server.mails |= {
        2: plain(f"Jeanne <{email.upper()}>"),
        3: plain(email, 1),
        4: plain(email, 2, Auto_Submitted="auto-replied"),
        5: plain("stranger@example.com", 3),
        6: plain(email, 4, Precedence="bulk"),
    }
    assert poll_mailboxes(now=now, connect=server.connect) == 5
    assert Event.objects.filter(lead=sal.lead, kind__code="email_replied").count() == 1


def test_what_was_there_before_is_left_alone(
    server: FakeServer, box: MailboxConnection, meeting: Meeting, now: datetime
) -> None:
    server.validity, server.mails[2] = 8, reply_to(meeting)
    assert poll_mailboxes(now=now, connect=server.connect) == 0
    box.refresh_from_db()
    assert (box.uid_validity, box.last_uid) == (8, 2)


def test_a_mailbox_that_fails_waits_longer_each_time(box: MailboxConnection, now: datetime) -> None:
    def broken(host: str, port: int) -> imaplib.IMAP4:
        raise ConnectionRefusedError

    for wait in (1, 5, 15, 60, 60):
        MailboxConnection.objects.update(due_at=now)
        assert poll_mailboxes(now=now, connect=broken) == 0
        box.refresh_from_db()
        assert box.due_at == now + timedelta(minutes=wait)
    assert box.last_error


def test_a_wrong_password_is_said_and_nothing_is_kept(
    server: FakeServer, sal: Standing, now: datetime
) -> None:
    assert sal.rep
    with pytest.raises(MailboxError):
        connect_mailbox(
            user=sal.rep.user,
            now=now,
            address="a@b.example",
            host="imap.example.com",
            port=993,
            username="rep",
            password="wrong",
            connect=server.connect,
        )
    assert not MailboxConnection.objects.exists()


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 993), ("localhost", 993), ("10.0.0.1", 993), ("imap.example.com", 25)]
)
def test_no_mailbox_in_our_own_network(host: str, port: int) -> None:
    with pytest.raises(MailboxError):
        imap.connect(host, port)


def test_the_password_is_sealed(box: MailboxConnection, settings: object) -> None:
    assert "secret" not in box.password
    assert unseal(box.password) == "secret"
    sealed, settings.SECRET_KEY = seal("x"), "another key of enough letters to be one"  # type: ignore[attr-defined]
    with pytest.raises(CannotOpen):
        unseal(sealed)


def test_hostile_mail_is_nothing() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level)
        for level in range(3000)
    )
    large = b"Content-Type: text/calendar\r\nFrom: a@b.example\r\n\r\n" + b"x" * (3 * LARGEST_REPLY)
    started = time.monotonic()
    for content in (
        b"",
        b"\xff\xfe\x00",
        b"From: a@b.example\r\n" + nested,
        large,
        b"From: a@b\r\n" * 20_000,
    ):
        mail = read_mail(content)
        assert mail is None or not mail.replies
    assert time.monotonic() - started < 10


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    assert read_reply(content) is None
    read_mail(b"From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" + content)


@given(st.text(min_size=1, max_size=60), st.integers(0, 99), st.sampled_from(["ACCEPTED", "DECLINED"]))
def test_what_is_written_can_be_read(title: str, sequence: int, partstat: str) -> None:
    start = datetime(2026, 3, 17, 9, tzinfo=UTC)
    entry = Entry("u@x", sequence, title, start, start + HOUR, Party("R", "r@x.fr"), Party(title, "g@y.fr"))
    text = written(entry, Method.REQUEST, now=start).replace("\r\n ", "")
    text = text.replace("METHOD:REQUEST", "METHOD:REPLY").replace(
        "PARTSTAT=NEEDS-ACTION", f"PARTSTAT={partstat}"
    )
    reply = read_reply(text.encode("utf-8", "surrogatepass"))
    assert reply is not None
    assert (reply.sequence, reply.address, reply.state) == (
        sequence,
        "g@y.fr",
        MeetingState(partstat.lower()),
    )


def test_the_page(sal: Standing, client: Client, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sal.rep
    client.force_login(sal.rep.user)
    assert client.get("/settings/mailbox/").status_code == 200
    typed = {"address": "a@b.fr", "host": "127.0.0.1", "port": "993", "username": "a", "password": "p"}
    refused = client.post("/settings/mailbox/", typed)
    assert refused.status_code == 422
    assert not MailboxConnection.objects.exists()
    assert client.post("/settings/mailbox/disconnect/").status_code == 302
    disconnect_mailbox(user=sal.rep.user)
