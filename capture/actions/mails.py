"""The mails that a submission sets off, as notices: confirmation, requested content, word to colleagues.

An address that a stranger typed may be somebody else's: the mail to it holds nothing that the stranger
wrote, and nobody's mailbox is flooded (bar: inputs B62).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from babel.dates import format_date
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import override

from capture.answers import Sorted
from capture.live import LiveForm
from capture.models import Submission
from capture.tokens import DOWNLOAD_LIFE, Purpose, make_link
from leads.models import Content, Lead
from nurturing.actions.notices import post_notice
from nurturing.models import Notice, NoticeKind

# How many mails of a kind one address gets in an hour and in a day, whoever asks for them.
MOST = {NoticeKind.CONFIRM_ADDRESS: (1, 3), NoticeKind.REQUESTED_CONTENT: (3, 10)}
_SPANS = (timedelta(hours=1), timedelta(days=1))
NOTICE_LIFE = timedelta(days=2)
_LOCKS = 0x666F726D  # "form": the class of our advisory locks


def send_confirmation(submission: Submission, live: LiveForm, address: str, *, now: datetime) -> bool:
    """Ask the owner of ``address`` to confirm; False when they were asked often enough lately."""
    if wait_of(address, NoticeKind.CONFIRM_ADDRESS, now=now):
        return False
    until = submission.confirm_until or now
    token = make_link(Purpose.CONFIRM, submission.public_id, until=until)
    return post_notice(
        send_key=f"submission:{submission.pk}:confirm",
        kind=NoticeKind.CONFIRM_ADDRESS,
        address=address,
        language=live.form.language,
        values={
            "form": {"title": live.form.title},
            "link": _link("capture:confirm", token, until, live.form.language),
        },
        expires_at=until,
        now=now,
    )


def adopt_confirmation(submission: Submission) -> None:
    """The mail that asked is the lead's from now on: what is erased with them is erased with it."""
    Notice.objects.filter(send_key=f"submission:{submission.pk}:confirm").update(lead=submission.lead)


def deliver_content(
    submission: Submission, live: LiveForm, lead: Lead, answers: Sorted, *, now: datetime
) -> None:
    """Send the link to the content of the form to the address that was given with it."""
    content, address = live.form.content, answers.email and answers.email.key
    if content is None or not address or wait_of(address, NoticeKind.REQUESTED_CONTENT, now=now):
        return
    until, language = now + DOWNLOAD_LIFE, live.form.language
    token = download_token(submission.public_id, content, now=now)
    post_notice(
        send_key=f"submission:{submission.pk}:content",
        kind=NoticeKind.REQUESTED_CONTENT,
        address=address,
        language=language,
        values={
            "content": _piece(content, language),
            "link": _link("capture:download", token, until, language),
        },
        expires_at=now + NOTICE_LIFE,
        now=now,
        lead=lead,
    )


def download_token(public_id: UUID, content: Content, *, now: datetime) -> str:
    """The signed text by which the sender of a submission gets a piece of content."""
    return make_link(Purpose.DOWNLOAD, public_id, until=now + DOWNLOAD_LIFE, detail=str(content.pk))


def tell_colleagues(
    submission: Submission, live: LiveForm, lead: Lead, answers: Sorted, *, now: datetime
) -> None:
    """Word to those whom the form tells: who wrote, and a link; the answers stay where rights are checked."""
    first, last = answers.profile.get("first_name", ""), answers.profile.get("last_name", "")
    who = {"who": f"{first} {last}".strip(), "company": str(answers.company.get("name", ""))}
    url = settings.SITE_URL + reverse("capture:submission", args=[submission.public_id])
    for user in live.form.notify.filter(is_active=True):
        post_notice(
            send_key=f"submission:{submission.pk}:user:{user.pk}",
            kind=NoticeKind.NEW_SUBMISSION,
            address=user.email,
            language=user.language or live.form.language,
            values={"form": {"title": live.form.title}, "submission": who, "link": {"url": url}},
            expires_at=now + NOTICE_LIFE,
            now=now,
            lead=lead,
        )


def wait_of(address: str, kind: NoticeKind, *, now: datetime) -> timedelta:
    """How long no more mails of this kind may go to the address; nothing when one may go now.

    Whoever asks at the same moment waits, so that two never count the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, address])
    lately = Notice.objects.filter(address=address, kind=kind, planned_at__gt=now - timedelta(days=1))
    times = list(lately.order_by("-planned_at").values_list("planned_at", flat=True))
    waits = [
        times[most - 1] + span - now
        for most, span in zip(MOST[kind], _SPANS, strict=True)
        if len(times) >= most
    ]
    return max([timedelta(), *waits])


def _link(route: str, token: str, until: datetime, language: str) -> dict[str, str]:
    day = format_date(localdate(until), "long", locale=language)
    return {"url": settings.SITE_URL + reverse(route, args=[token]), "until": day}


def _piece(content: Content, language: str) -> dict[str, str]:
    with override(language):
        kind = str(content.get_type_display())
    return {"title": content.title, "summary": content.summary, "type": kind}
