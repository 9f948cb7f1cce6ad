"""What stands behind links in mails: confirming an address, getting a piece of content.

Mail programs, scanners and previews open links by themselves. So opening changes nothing, hands nothing out
and counts nothing; pressing the button does.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from capture.actions.acceptance import read_again
from capture.actions.confirmations import Standing, confirm, standing_of
from capture.actions.downloads import note_download
from capture.actions.mails import download_token
from capture.files import safe_name, safe_type
from capture.live import live_form
from capture.models import Submission
from capture.tokens import Purpose, read_link
from capture.views.public_pages import TOKEN_HEADERS, origin_of, policy, public_page, wrong_link
from leads.models import Content
from nurturing.views import mask

log = structlog.get_logger(__name__)
_METHODS = ["GET", "HEAD", "POST"]


# The signed link is the whole proof; it comes from a mail program without cookie or token of ours.
@csrf_exempt
@require_http_methods(_METHODS)
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST confirms; once, whoever presses how often."""
    now = timezone.now()
    link = read_link(Purpose.CONFIRM, token, now=now)
    submission = _submission(link.subject) if link else None
    if submission is None or standing_of(submission, now=now) is Standing.GONE:
        return wrong_link(request)
    if request.method == "POST":
        found = confirm(public_id=submission.public_id, now=now)
        return _confirmed(submission, "confirmed" if found is Standing.OPEN else "done")
    if submission.confirmed_at is not None:
        return _confirmed(submission, "done")
    return _ask(submission)


def _submission(public_id: UUID) -> Submission | None:
    rows = Submission.objects.select_related("form", "form__content")
    return rows.filter(public_id=public_id).first()


def _ask(submission: Submission) -> HttpResponse:
    form = submission.form
    reading = read_again(submission, live_form(form))
    address = mask(reading.email.key) if reading.email else ""
    context = {"form": form, "standing": "open", "address": address}
    return public_page("confirm", context, language=form.language, headers=TOKEN_HEADERS)


def _confirmed(submission: Submission, standing: str) -> HttpResponse:
    form, download = submission.form, ""
    if form.content and standing == "confirmed":
        token = download_token(submission.public_id, form.content, now=timezone.now())
        download = reverse("capture:download", args=[token])
    context = {"form": form, "standing": standing, "download": download}
    return public_page("confirm", context, language=form.language, headers=TOKEN_HEADERS)


@csrf_exempt
@require_http_methods(_METHODS)
def download(request: HttpRequest, token: str) -> HttpResponse | FileResponse:
    """GET shows what it is; POST hands it out and notes it, once a day for each link."""
    link = read_link(Purpose.DOWNLOAD, token, now=timezone.now())
    submission = _submission(link.subject) if link else None
    content = _content(link.detail) if link else None
    if submission is None or content is None:
        return wrong_link(request)
    if request.method == "POST":
        handed = _hand_out(content)
        if handed is None:
            return wrong_link(request)
        note_download(submission=submission, content=content, now=timezone.now())
        return handed
    with override(submission.form.language):
        page = public_page(
            "download", {"content": content}, language=submission.form.language, headers=TOKEN_HEADERS
        )
    return policy(page, form_action=["'self'", *([origin_of(content.url)] if content.url else [])])


def _content(detail: str) -> Content | None:
    """The piece that a link names, while there is something to hand out."""
    content = Content.objects.filter(pk=int(detail), is_active=True).first() if detail.isdecimal() else None
    return content if content and (content.file or content.url) else None


def _hand_out(content: Content) -> HttpResponse | FileResponse | None:
    """The file, as something to keep and never to run; or on to the page where it is read.

    None when the file is not where it should be.
    """
    if not content.file:
        return HttpResponseRedirect(content.url, status=303)
    name = safe_name(content.file_name or content.file.name or "")
    try:
        file = content.file.open("rb")
    except OSError:
        log.warning("content_file_missing", content=content.pk)
        return None
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=safe_type(name))
    for header, value in (TOKEN_HEADERS | {"Accept-Ranges": "none"}).items():
        answer.headers[header] = value
    return answer
