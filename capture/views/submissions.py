"""What people sent: the list, one of them whole, what is done with those set aside, the export."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Iterator
from typing import cast

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, may, page, wants_fragment
from capture.actions.review import CannotReplay, replay
from capture.actions.sifting import confirm_spam
from capture.choices import SubmissionState
from capture.models import Form, Submission
from capture.queries.submissions import NEWEST, SubmissionFilter, export_rows, submissions, whole

PAGE_SIZE = 50
MOST_AT_ONCE = 200
_SET_ASIDE = (SubmissionState.SPAM, SubmissionState.REJECTED)


@require_GET
@page("capture.view_capture")
def submission_list(request: PageRequest, slug: str = "") -> HttpResponse:
    """All submissions, or those of one form; only the rows when htmx asks for them."""
    form = get_object_or_404(Form, slug=slug) if slug else None
    filters = SubmissionFilter(request.GET, queryset=submissions(form), request=request)
    shown = keyset_page(
        filters.qs,
        NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    context = {
        "filter": filters,
        "page": shown,
        "form": form,
        "selects": "state days" if form else "sent_with state days",
        "is_narrowed": any(filters.form.cleaned_data.values()),
        "may_edit": may(request.user, "capture.edit_forms"),
        "reviews": any(row.state in _SET_ASIDE and row.reviewed_at is None for row in shown.rows),
        "query": request.GET.urlencode(),
    }
    fragment = wants_fragment(request, "rows")
    return render(
        request, "capture/_submissions_rows.html" if fragment else "capture/submissions.html", context
    )


@require_GET
@page("capture.view_capture")
def submission(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """One submission with everything that is kept of it."""
    row = get_object_or_404(submissions(), public_id=public_id)
    context = {"whole": whole(row), "submission": row, "may_edit": may(request.user, "capture.edit_forms")}
    return render(request, "capture/submission.html", context)


@require_POST
@page("capture.edit_forms")
def take(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Not spam: take it in as if it had just been accepted."""
    row = get_object_or_404(submissions(), public_id=public_id)
    try:
        replay(submission=row, by=request.user, now=timezone.now())
    except CannotReplay as error:
        reasons = " ".join(str(one.get("detail") or one.get("code", "")) for one in error.errors)
        messages.error(request, gettext("Not taken in: %(reasons)s") % {"reasons": reasons})
    else:
        messages.success(request, gettext("Taken in. The lead follows in a moment."))
    return redirect("capture:submission", public_id=public_id)


@require_POST
@page("capture.edit_forms")
def sift(request: PageRequest) -> HttpResponse:
    """Say of many at once that they are spam, or take them in; each by itself, none stops the others."""
    ids = [_uuid(value) for value in request.POST.getlist("chosen")[:MOST_AT_ONCE]]
    rows = submissions().filter(public_id__in=[one for one in ids if one], state__in=_SET_ASIDE)
    if request.POST.get("verb") == "spam":
        count = confirm_spam(rows, now=timezone.now())
        said = ngettext("%(count)s stays set aside.", "%(count)s stay set aside.", count)
    else:
        count = sum(_is_taken(request, row) for row in rows)
        said = ngettext("%(count)s taken in.", "%(count)s taken in.", count)
    messages.success(request, said % {"count": count})
    if left := len(ids) - count:
        missed = ngettext("%(count)s could not be.", "%(count)s could not be.", left) % {"count": left}
        messages.warning(request, missed)
    back = request.POST.get("form", "")
    return redirect("capture:form_submissions", slug=back) if back else redirect("capture:submissions")


def _is_taken(request: PageRequest, row: Submission) -> bool:
    try:
        replay(submission=row, by=request.user, now=timezone.now())
    except CannotReplay:
        return False
    return True


def _uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


class _Line:
    """A file that gives back what is written: csv writes lines, the response sends them."""

    def write(self, line: str) -> str:
        return line


@require_GET
@page("capture.edit_forms")
def export(request: PageRequest, slug: str = "") -> HttpResponse:
    """The filtered list as CSV for a spreadsheet; no cell is taken for a formula (bar: inputs B40)."""
    form = get_object_or_404(Form, slug=slug) if slug else None
    filters = SubmissionFilter(request.GET, queryset=submissions(form), request=request)
    writer = csv.writer(_Line(), delimiter=";", quoting=csv.QUOTE_ALL)
    lines = (writer.writerow(row) for row in export_rows(filters.qs.order_by("-received_at", "-id")))
    response = StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8")
    name = f"{slug or 'submissions'}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return cast("HttpResponse", response)


def _with_mark(lines: Iterable[str]) -> Iterator[str]:
    """The lines after a byte order mark, by which spreadsheets know UTF-8."""
    yield "\ufeff"
    yield from lines
