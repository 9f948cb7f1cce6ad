"""The content library: what there is, what it brought, one piece to change."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, may, page, unfinished, wants_fragment
from capture.actions.contents import add_content, change_content
from capture.editors.content import ContentEditor
from capture.models import Form
from capture.queries.contents import NEWEST, ContentFilter, Performance, known_words, performances
from leads.models import Content

PAGE_SIZE = 50


@require_GET
@page("capture.view_capture")
def contents(request: PageRequest) -> HttpResponse:
    """The library, the newest first, with what each piece brought; only the rows when htmx asks."""
    filters = ContentFilter(request.GET, queryset=Content.objects.all(), request=request)
    shown = keyset_page(
        filters.qs,
        NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    figures = performances(shown.rows, now=timezone.now())
    context = {
        "filter": filters,
        "page": shown,
        "rows": [(content, figures.get(content.pk, Performance())) for content in shown.rows],
        "is_narrowed": any(filters.form.cleaned_data.values()),
        "may_edit": may(request.user, "capture.edit_forms"),
    }
    fragment = wants_fragment(request, "rows")
    return render(request, "capture/_contents_rows.html" if fragment else "capture/contents.html", context)


@require_http_methods(["GET", "POST"])
@page("capture.view_capture")
def content(request: PageRequest, code: str = "") -> HttpResponse:
    """One piece (or, without a code, a new one): its fields, the forms that gate it, what it brought."""
    piece = get_object_or_404(Content, code=code) if code else None
    may_edit = may(request.user, "capture.edit_forms")
    if not may_edit and (piece is None or request.method == "POST"):
        raise PermissionDenied
    if request.method == "POST":
        editor = ContentEditor(request.POST, request.FILES, instance=_fresh(piece))
        if editor.is_valid():
            return _saved(request, piece, editor)
    else:
        editor = ContentEditor(unfinished(request) if may_edit else None, instance=_fresh(piece))
    status = 200 if request.method == "GET" else 422
    topics, personas = known_words()
    context = {
        "piece": piece,
        "editor": editor,
        "may_edit": may_edit,
        "forms": Form.objects.filter(content=piece).order_by("name") if piece else [],
        "figures": performances([piece], now=timezone.now()).get(piece.pk, Performance()) if piece else None,
        "words": [*topics, *personas],
    }
    return render(request, "capture/content.html", context, status=status)


def _fresh(piece: Content | None) -> Content | None:
    """A copy for the editor to write into."""
    return Content.objects.get(pk=piece.pk) if piece else None


def _saved(request: PageRequest, piece: Content | None, editor: ContentEditor) -> HttpResponse:
    file = editor.cleaned_data["upload"]
    if piece is None:
        piece = add_content(values=editor.values, file=file, kind=editor.kind, now=timezone.now())
    else:
        piece = change_content(content=piece, values=editor.values, file=file, kind=editor.kind)
    messages.success(request, _("Saved."))
    return redirect("capture:content_piece", code=piece.code)
