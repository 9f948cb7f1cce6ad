"""How a form gets to people: its address, its QR code, a line for a site, plain HTML."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from capture.embedding import plain_html, snippet
from capture.views.builder import find
from capture.views.frame import frame


@require_GET
@page("capture.view_capture")
def share(request: PageRequest, slug: str) -> HttpResponse:
    """All ways to share it, each with what to copy."""
    form = find(slug)
    context = frame(request, form, tab="share") | {
        "address": f"{settings.SITE_URL}{reverse('capture:form', args=[form.slug])}",
        "snippet": snippet(form),
        "plain_html": plain_html(form),
    }
    return render(request, "capture/form_share.html", context)
