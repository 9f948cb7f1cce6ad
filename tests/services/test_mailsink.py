"""The mail sink keeps what is sent to it and shows it safely."""

from __future__ import annotations

import http.client
import json
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from services import mailsink
from services.mailpages import serve_pages
from services.mailsink import Mailbox, Receiver


@dataclass
class Sink:
    mailbox: Mailbox
    smtp_port: int
    page_port: int

    def send(self, message: EmailMessage, *to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as connection:
            connection.send_message(message, to_addrs=to or None)

    def send_raw(self, content: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as connection:
            connection.sendmail("a@b.example", ["c@d.example"], content)

    def ask(self, path: str, verb: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.page_port, timeout=5)
        try:
            connection.request(
                verb, path, headers={name.replace("_", "-"): each for name, each in headers.items()}
            )
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def listed(self, query: str = "") -> list[dict[str, object]]:
        messages: list[dict[str, object]] = json.loads(self.ask(f"/api/messages{query}")[1])["messages"]
        return messages


class AnyPort(Controller):
    """A controller on a port that the system chose."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    mailbox = Mailbox(tmp_path / "mail")
    controller = AnyPort(Receiver(mailbox), hostname="127.0.0.1", port=0)
    controller.start()
    pages = serve_pages(mailbox, "127.0.0.1", 0)
    yield Sink(mailbox, controller.port, pages.server_address[1])
    pages.shutdown()
    pages.server_close()
    controller.stop()


def mail(subject: str = "Votre livre blanc", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Écluse <bonjour@ecluse.example>"
    message["To"] = "lea@client.example"
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Bonjour Léa,\nvoici la suite.")
    message.add_alternative("<p>Bonjour <b>Léa</b></p><script>alert(1)</script>", subtype="html")
    return message


def test_lists_what_was_sent_newest_first(sink: Sink) -> None:
    sink.send(mail("Premier été"))
    sink.send(mail("Second"))
    assert [each["subject"] for each in sink.listed()] == ["Second", "Premier été"]
    assert sink.listed()[0]["from"] == "Écluse <bonjour@ecluse.example>"
    page = sink.ask("/")[1]
    assert page.index("Second") < page.index("Premier été")


def test_shows_the_envelope_not_the_header_as_recipient(sink: Sink) -> None:
    sink.send(mail(), "hidden@client.example")
    assert sink.listed()[0]["to"] == ["hidden@client.example"]
    assert sink.listed("?to=HIDDEN") != []
    assert sink.listed("?to=lea") == []


def test_gives_one_mail_with_its_parts_and_headers_as_json(sink: Sink) -> None:
    sink.send(mail(List_Unsubscribe="<https://ecluse.example/u/1>"))
    whole = json.loads(sink.ask(f"/api/messages/{sink.listed()[0]['id']}")[1])
    assert whole["text"] == "Bonjour Léa,\nvoici la suite.\n"
    assert whole["html"].startswith("<p>Bonjour <b>Léa</b></p>")
    assert ["List-Unsubscribe", "<https://ecluse.example/u/1>"] in whole["headers"]


def test_the_html_of_a_mail_cannot_run_or_load_anything(sink: Sink) -> None:
    sink.send(mail())
    identifier = sink.listed()[0]["id"]
    page, shown = sink.ask(f"/mail/{identifier}")
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
    assert "<script" not in shown
    part, _ = sink.ask(f"/mail/{identifier}/html")
    assert part.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "allow-scripts" not in part.headers["Content-Security-Policy"]


def test_hostile_headers_are_escaped(sink: Sink) -> None:
    sink.send(mail('<img src=x onerror="alert(1)">'))
    identifier = sink.listed()[0]["id"]
    for path in (
        "/",
        f"/mail/{identifier}",
        f"/mail/{identifier}?view=headers",
        f"/mail/{identifier}?view=source",
    ):
        assert "<img" not in sink.ask(path)[1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"Subject: =?utf-8?q?=ff?=\r\nTo: \xff\xfe\r\n\r\n\xff",
        b"From: <<<@\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nno parts",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\nbonjour",
        b"Content-Type: text/html; charset=nonsense\r\n\r\n<p>bonjour",
        b"Date: never\r\nMessage-ID: [\r\nSubject: " + b"x" * 900 + b"\r\n\r\n",
    ],
)
def test_broken_mails_are_kept_and_shown(sink: Sink, content: bytes) -> None:
    sink.send_raw(content)
    identifier = sink.listed()[0]["id"]
    for path in ("", "/html", "?view=text", "?view=headers", "?view=source"):
        assert sink.ask(f"/mail/{identifier}{path}")[0].status == 200
    assert sink.ask(f"/api/messages/{identifier}")[0].status == 200


def test_mails_survive_a_restart(sink: Sink) -> None:
    sink.send(mail())
    again = Mailbox(sink.mailbox.folder)
    assert [each.subject for each in again.newest()] == ["Votre livre blanc"]


def test_only_the_newest_are_kept(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailsink, "KEEP", 3)
    for number in range(5):
        sink.send(mail(f"Message {number}"))
    assert [each["subject"] for each in sink.listed()] == ["Message 4", "Message 3", "Message 2"]
    assert len(list(sink.mailbox.folder.iterdir())) == 3


def test_unknown_and_sly_addresses_are_not_found(sink: Sink) -> None:
    for path in (
        "/mail/nothing",
        "/mail/..%2f..%2fetc%2fpasswd/html",
        "/api/messages/nothing",
        "/favicon.ico",
    ):
        assert sink.ask(path)[0].status == 404


def test_another_host_name_is_refused(sink: Sink) -> None:
    sink.send(mail())
    assert sink.ask("/api/messages", Host="evil.example:8025")[0].status == 421


def test_only_the_page_itself_can_delete_all(sink: Sink) -> None:
    sink.send(mail())
    assert sink.ask("/delete", "POST", Origin="http://evil.example")[0].status == 403
    assert len(sink.listed()) == 1
    assert sink.ask("/delete", "POST", Origin=f"http://127.0.0.1:{sink.page_port}")[0].status == 303
    assert sink.listed() == []


@pytest.mark.parametrize(("language", "title"), [("fr-FR", "Boîte de démonstration"), ("en-GB", "Mail sink")])
def test_speaks_french_and_english(sink: Sink, language: str, title: str) -> None:
    assert f"<title>{title}</title>" in sink.ask("/", Accept_Language=language)[1]
