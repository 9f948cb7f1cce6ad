"""From a message row to the bytes that leave: values gathered, template merged, headers set."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import uuid4

from babel.dates import format_date
from django.utils.translation import override

from leads.models import Content, Lead
from nurturing.first_notice import Origin, notice_words
from nurturing.liquid_templates import CannotRender, render
from nurturing.markup import URL_SCHEMES, clean_merged
from nurturing.merge_fields import Values
from nurturing.mime import assemble, mailbox
from nurturing.models import MailSettings, Message, Template
from nurturing.policy import Purpose
from nurturing.tokens import Subject, preferences_url, unsubscribe_url

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
# A "name" that is a link or an address is not a name: it would advertise somebody else's site.
_NOT_A_NAME = re.compile(r"://|www\.|[@<>{}\[\]\\/]|\.[a-z]{2,}\b", re.IGNORECASE)
SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to leave."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    content: bytes
    tells_origin: bool = False  # see nurturing.first_notice


def one_line(text: str, length: int = SUBJECT_LENGTH) -> str:
    """``text`` fit for a header: no control characters or line ends, single spaces, at most ``length``."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


def safe_url(url: str) -> str:
    """``url`` if it leads to the web, a mailbox or a telephone; else nothing (bar B36)."""
    flat = one_line(url, 500)
    return flat if urlsplit(flat).scheme.lower() in URL_SCHEMES else ""


def compose(
    message: Message,
    *,
    settings: MailSettings,
    pieces: Mapping[int, Content],
    now: datetime,
    origin: Origin | None = None,
) -> Letter:
    """The letter of a message with its lead, company, template and enrolment loaded.

    ``pieces`` are the contents that messages of the batch speak of, by id; ``origin`` is where the lead's
    data comes from, when they are to be told. Raises CannotRender.
    """
    template, lead = message.template, message.lead
    if not lead.email or not lead.email.isascii():
        raise CannotRender("address_unsupported")
    values = values_of(message, settings=settings, pieces=pieces)
    notice = notice_words(origin, language=template.language) if origin else ""
    parts = render_parts(template, values, notice=notice)
    subject = one_line(parts["subject"])
    if not subject:
        raise CannotRender("empty_field", "subject")
    message_id = f"<{uuid4().hex}@{settings.sender_email.rpartition('@')[2]}>"
    headers = {"Subject": subject, "Date": format_datetime(now), "Message-ID": message_id}
    headers |= _headers(message, settings) | _one_click(message, str(values["unsubscribe_url"]))
    content = assemble(headers, text=parts["text"], html=parts["html"])
    return Letter(message_id, settings.sender_email, lead.email, subject, content, bool(origin))


def render_parts(template: Template, values: Values, *, notice: str = "") -> dict[str, str]:
    """Subject, HTML and text of a template with ``values``; the HTML is cleaned after merging. ``notice``
    follows the reason why the person is written to."""
    framed = dict(values)
    for part in ("preheader", "reason"):
        framed[part] = one_line(render(getattr(template, part), values, html=False), 300)
    framed["reason"] = f"{framed['reason']} {one_line(notice, 1200)}".strip()
    return {
        "subject": render(template.subject, framed, html=False),
        "html": clean_merged(render(template.compiled_html, framed, html=True)),
        "text": render(template.compiled_text, framed, html=False),
    }


def values_of(
    message: Message, *, settings: MailSettings, pieces: Mapping[int, Content]
) -> dict[str, object]:
    """What the template may merge, for this message."""
    language = message.template.language
    enrolment = message.enrolment
    consulted = pieces.get(enrolment.consulted_id or 0) if enrolment else None
    issue = message.extra.get("contents", [])
    purpose = Purpose(message.purpose)
    return {
        "language": language,
        "unsubscribe_url": unsubscribe_url(Subject(message.lead.public_id, purpose)),
        "preferences_url": preferences_url(message.lead.public_id),
        "lead": _person(message.lead),
        "company": {"name": message.lead.company.name} if message.lead.company else {},
        "wake": {"month": _month(message.extra.get("wake_month"), language)},
        "sender": {
            "name": settings.sender_name,
            "organisation": settings.organisation,
            "address": settings.postal_address,
            "siren": settings.siren,
        },
        "content": _piece(pieces.get(message.content_id or 0), language),
        "consulted": _piece(consulted, language),
        "newsletter": {
            "title": message.extra.get("title", ""),
            "contents": [_piece(pieces.get(pk), language) for pk in issue if pk in pieces],
        },
    }


def _person(lead: Lead) -> dict[str, object]:
    first, last = _name(lead.first_name), _name(lead.last_name)
    return {
        "first_name": first,
        "last_name": last,
        "full_name": f"{first} {last}".strip(),
        "job_title": lead.job_title,
        "city": lead.city,
        "interests": list(lead.interests),
    }


def _name(text: str) -> str:
    flat = one_line(text, 60)
    return "" if _NOT_A_NAME.search(flat) or not any(letter.isalpha() for letter in flat) else flat


def _piece(content: Content | None, language: str) -> dict[str, object]:
    if content is None:
        return {}
    with override(language):
        kind = content.get_type_display()
    return {
        "title": content.title,
        "summary": content.summary,
        "url": safe_url(content.url),
        "type": str(kind),
    }


def _month(first_day: object, language: str) -> str:
    return (
        format_date(date.fromisoformat(first_day), "LLLL y", locale=language)
        if isinstance(first_day, str)
        else ""
    )


def content_ids(messages: Sequence[Message]) -> set[int]:
    """The contents that these messages speak of."""
    ids = {message.content_id for message in messages}
    ids |= {message.enrolment.consulted_id for message in messages if message.enrolment}
    return {pk for pk in ids if pk} | {pk for message in messages for pk in message.extra.get("contents", [])}


def _headers(message: Message, settings: MailSettings) -> dict[str, str]:
    """From whom to whom; and that it is automatic, so that other robots do not answer it (RFC 3834)."""
    lead = message.lead
    headers = {
        "From": mailbox(one_line(settings.sender_name), settings.sender_email),
        "To": mailbox(str(_person(lead)["full_name"]), lead.email or ""),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": message.template.language,
    }
    return headers | ({"Reply-To": settings.reply_to} if settings.reply_to else {})


def _one_click(message: Message, url: str) -> dict[str, str]:
    """The headers of RFC 8058; what a person asked for needs no way out."""
    if message.purpose == Purpose.TRANSACTIONAL:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
