"""The mail sink's pages: the list, one mail as text, HTML, headers or source, and the same as JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

from services.mailsink import Mailbox, Summary, body

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# The mail's own HTML: no script, no form, nothing from elsewhere; its links open in a tab of their own.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)
PER_PAGE = 100
TIME_ZONE = ZoneInfo("Europe/Paris")
VIEWS = {"html": "HTML", "text": "Text", "headers": "Headers", "source": "Source"}
STYLE = (Path(__file__).parent / "mailpages.css").read_text()
FRENCH = {
    "Mail sink": "Boîte de démonstration",
    "Nothing here leaves this machine.": "Rien de ce qui est ici ne quitte cette machine.",
    "No mail yet": "Aucun message pour l’instant",
    "All that is sent arrives here, within seconds.": "Tout envoi arrive ici en quelques secondes.",
    "Filter by recipient": "Filtrer par destinataire",
    "Delete all": "Tout supprimer",
    "All mails": "Tous les messages",
    "From": "De",
    "To": "À",
    "Received": "Reçu",
    "Text": "Texte",
    "Headers": "En-têtes",
    "Source": "Source",
    "Older": "Plus anciens",
    "Newer": "Plus récents",
    "This mail has no such part.": "Ce message n’a pas de telle partie.",
    "(no subject)": "(sans objet)",
}

Translate = Callable[[str], str]


def serve_pages(mailbox: Mailbox, host: str, port: int) -> ThreadingHTTPServer:
    """Serve the pages in the background; the caller stops them by ``shutdown()``."""

    class MailPages(Pages):
        kept = mailbox

    server = ThreadingHTTPServer((host, port), MailPages)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="mail pages", daemon=True).start()
    return server


class Pages(BaseHTTPRequestHandler):
    """One request for a page, a part of a mail, or JSON."""

    kept: Mailbox
    protocol_version = "HTTP/1.1"
    server_version = "MailSink"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Answer from the path."""
        if self._is_for_us():
            self._show()
        else:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)

    def _show(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        match address.path.strip("/").split("/"):
            case [""]:
                self._page(self._list(query))
            case ["style.css"]:
                self._answer(STYLE.encode(), "text/css; charset=utf-8")
            case ["api", "messages"]:
                self._json({"messages": [_line(each) for each in self._chosen(query)]})
            case ["api", "messages", identifier]:
                self._one(identifier, lambda summary, message: self._json(_whole(summary, message)))
            case ["mail", identifier]:
                view = query.get("view", "")
                self._one(identifier, lambda summary, message: self._page(self._mail(summary, message, view)))
            case ["mail", identifier, "html"]:
                self._one(identifier, lambda _, message: self._html_part(message))
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Delete all mails, when the page itself asks."""
        if not self._is_for_us() or self.headers.get("Origin") != f"http://{self.headers.get('Host')}":
            self._refuse(HTTPStatus.FORBIDDEN)
        elif self.path != "/delete":
            self._refuse(HTTPStatus.NOT_FOUND)
        else:
            self._delete_all()

    def _delete_all(self) -> None:
        self.kept.empty()
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")  # the form's body was not read
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _is_for_us(self) -> bool:
        """Refuse other host names: a page elsewhere must not read the mails by pointing its name here."""
        return self.headers.get("Host", "").rpartition(":")[0] in {"127.0.0.1", "localhost"}

    def _chosen(self, query: dict[str, str]) -> list[Summary]:
        skip = int(query["skip"]) if query.get("skip", "").isdecimal() else 0
        return self.kept.newest(to=query.get("to", ""), skip=skip, limit=PER_PAGE)

    def _one(self, identifier: str, show: Callable[[Summary, EmailMessage], None]) -> None:
        found = self.kept.read(identifier)
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        else:
            show(*found)

    def _say(self, text: str) -> str:
        return FRENCH.get(text, text) if self._language == "fr" else text

    @property
    def _language(self) -> str:
        return "en" if self.headers.get("Accept-Language", "fr").lower().startswith("en") else "fr"

    def _list(self, query: dict[str, str]) -> str:
        say, to = self._say, query.get("to", "")
        rows = "".join(_row(each, say) for each in self._chosen(query))
        empty = f"""<div class="empty"><h2>{say("No mail yet")}</h2>
          <p>{say("All that is sent arrives here, within seconds.")}</p></div>"""
        return f"""<form class="tools" role="search"><input type="search" name="to" value="{escape(to)}"
          aria-label="{say("Filter by recipient")}" placeholder="{say("Filter by recipient")}"></form>
          {f'<ol class="mails">{rows}</ol>' if rows else empty}{self._pager(query)}
          <form method="post" action="/delete" class="danger"><button>{say("Delete all")}</button></form>"""

    def _pager(self, query: dict[str, str]) -> str:
        skip = int(query["skip"]) if query.get("skip", "").isdecimal() else 0
        older, newer = skip + PER_PAGE, max(0, skip - PER_PAGE)
        to = quote(query.get("to", ""))
        links = ""
        if skip:
            links += f'<a href="/?to={to}&amp;skip={newer}">← {self._say("Newer")}</a>'
        if older < self.kept.count():
            links += f'<a href="/?to={to}&amp;skip={older}">{self._say("Older")} →</a>'
        return f'<nav class="pager">{links}</nav>'

    def _mail(self, summary: Summary, message: EmailMessage, view: str) -> str:
        say = self._say
        if view not in VIEWS:
            view = "html" if body(message, "html") else "text"
        tabs = "".join(
            f'<a href="?view={each}"{" aria-current=true" if each == view else ""}>{say(label)}</a>'
            for each, label in VIEWS.items()
        )
        return f"""<p><a href="/">← {say("All mails")}</a></p><article><h2>{_subject(summary, say)}</h2>
          <dl><dt>{say("From")}</dt><dd>{escape(summary.sender)}</dd>
          <dt>{say("To")}</dt><dd>{escape(", ".join(summary.recipients))}</dd>
          <dt>{say("Received")}</dt><dd>{_time(summary)}</dd></dl>
          <nav class="tabs">{tabs}</nav>{self._view(summary, message, view)}</article>"""

    def _view(self, summary: Summary, message: EmailMessage, view: str) -> str:
        if view == "html" and body(message, "html"):
            return (
                f'<iframe src="/mail/{summary.id}/html" title="{_subject(summary, self._say)}" '
                'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
            )
        shown = {
            "html": "",
            "text": body(message, "plain"),
            "headers": "\n".join(f"{name}: {value}" for name, value in message.items()),
            "source": (self.kept.source(summary.id) or b"").decode("utf-8", "replace"),
        }[view]
        return (
            f"<pre>{escape(shown)}</pre>"
            if shown
            else f'<p class="empty">{self._say("This mail has no such part.")}</p>'
        )

    def _html_part(self, message: EmailMessage) -> None:
        document = f'<base target="_blank">{body(message, "html")}'
        self._answer(document.encode("utf-8", "replace"), "text/html; charset=utf-8", MAIL_POLICY)

    def _page(self, content: str) -> None:
        say = self._say
        # Only the list is loaded again by itself: a mail that is being read stays.
        refresh = '<meta http-equiv="refresh" content="5">' if self.path == "/" else ""
        document = f"""<!doctype html><html lang="{self._language}"><head><meta charset="utf-8">{refresh}
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>{say("Mail sink")}</title><link rel="stylesheet" href="/style.css"></head>
          <body><header><h1><a href="/">{say("Mail sink")}</a></h1>
          <span class="count">{self.kept.count()}</span>
          <p>{say("Nothing here leaves this machine.")}</p></header>
          <main>{content}</main></body></html>"""
        self._answer(document.encode("utf-8", "replace"), "text/html; charset=utf-8")

    def _json(self, value: object) -> None:
        self._answer(json.dumps(value, ensure_ascii=True).encode(), "application/json")

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._answer(f"{status.value} {status.phrase}\n".encode(), "text/plain; charset=utf-8", status=status)

    def _answer(
        self, content: bytes, kind: str, browser_policy: str = PAGE_POLICY, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", browser_policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def _line(summary: Summary) -> dict[str, object]:
    return {
        "id": summary.id,
        "received_at": summary.received_at.isoformat(),
        "from": summary.sender,
        "to": summary.recipients,
        "subject": summary.subject,
        "size": summary.size,
    }


def _whole(summary: Summary, message: EmailMessage) -> dict[str, object]:
    return _line(summary) | {
        "text": body(message, "plain"),
        "html": body(message, "html"),
        "headers": [[name, str(value)] for name, value in message.items()],
    }


def _row(summary: Summary, say: Translate) -> str:
    name, address = parseaddr(summary.sender)
    return f"""<li><a href="/mail/{summary.id}"><b class="subject">{_subject(summary, say)}</b>
      <span class="to">{escape(", ".join(summary.recipients))}</span>
      <span class="from">{escape(name or address or summary.sender)}</span>{_time(summary)}</a></li>"""


def _subject(summary: Summary, say: Translate) -> str:
    return escape(summary.subject or say("(no subject)"))


def _time(summary: Summary) -> str:
    local = summary.received_at.astimezone(TIME_ZONE)
    return f'<time datetime="{summary.received_at.isoformat()}">{local:%d/%m/%Y %H:%M:%S}</time>'
