"""From a notice to the bytes that leave: its template merged with its values, headers without a way out."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from uuid import uuid4

from nurturing.letters import Letter, one_line, render_parts, safe_url
from nurturing.liquid_templates import CannotRender
from nurturing.mime import CalendarPart, assemble, mailbox
from nurturing.models import MailSettings, Notice


def compose_notice(notice: Notice, *, settings: MailSettings, now: datetime) -> Letter:
    """The letter of a notice with its template loaded. Raises CannotRender.

    Addresses of links are checked once more, titles and names made one line each: whatever was written
    into ``values``, nothing breaks a header or leads elsewhere than the web (bar: inputs B27, B36).
    """
    if not notice.address.isascii():
        raise CannotRender("address_unsupported")
    parts = render_parts(notice.template, _values(notice, settings))
    subject = one_line(parts["subject"])
    if not subject:
        raise CannotRender("empty_field", "subject")
    message_id = f"<{uuid4().hex}@{settings.sender_email.rpartition('@')[2]}>"
    headers = {
        "Subject": subject,
        "Date": format_datetime(now),
        "Message-ID": message_id,
        "From": mailbox(one_line(settings.sender_name), settings.sender_email),
        "To": mailbox("", notice.address),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": notice.template.language,
    }
    calendar = notice.values.get("calendar", {})
    reply_to = calendar.get("reply_to") or settings.reply_to
    headers |= {"Reply-To": mailbox("", reply_to)} if reply_to else {}
    attached = CalendarPart(calendar["method"], calendar["text"]) if calendar else None
    content = assemble(headers, text=parts["text"], html=parts["html"], calendar=attached)
    return Letter(message_id, settings.sender_email, notice.address, subject, content)


def _values(notice: Notice, settings: MailSettings) -> dict[str, object]:
    """What the template merges: what was written down, and who sends."""
    told = {
        name: {key: _safe(key, text) for key, text in group.items()}
        for name, group in notice.values.items()
        if isinstance(group, dict) and name != "calendar"
    }
    return {
        **told,
        "language": notice.template.language,
        "sender": {
            "name": settings.sender_name,
            "organisation": settings.organisation,
            "address": settings.postal_address,
            "siren": settings.siren,
        },
    }


def _safe(key: str, text: object) -> str:
    return safe_url(str(text)) if key == "url" else one_line(str(text), 1000)
