"""What every request under /api/ gets: an id, early refusals, and problems instead of HTML pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from leads.api.event_shapes import PATH as EVENTS_PATH
from leads.api.event_views import receive_events
from leads.api.problems import (
    CONTENT_TYPE,
    DEFAULTS,
    FALLBACK,
    Problem,
    problem_response,
    request_id_of,
    unavailable,
)

log = structlog.get_logger(__name__)
PREFIX = "/api/"
# Django answers these itself, with a page that becomes a problem on its way out.
_DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)


class ApiMiddleware:
    """Stands outside the middleware that may refuse a request (host, CSRF), so that it sees their answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer requests under /api/; leave all others alone."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        # The logs get the same id; what the client sent under this name is not believed.
        request.META["HTTP_X_REQUEST_ID"] = request.request_id  # type: ignore[attr-defined]
        request.__dict__.pop("headers", None)
        response = self._answer(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != CONTENT_TYPE:
            response = _as_problem(request, response)
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """Refuse early, take events straight away, or go on through the other middleware."""
        refusal = _early_refusal(request)
        if refusal is not None:
            return problem_response(request, refusal)
        is_post = request.method == "POST"
        if is_post and request.path_info == EVENTS_PATH and "HTTP_ORIGIN" not in request.META:
            return self._take_straight(request)
        return self.get_response(request)

    def _take_straight(self, request: HttpRequest) -> HttpResponse:
        """Events of a server, past everything that is there for people and browsers (sessions, CSRF, CORS,
        messages, a line in the log for each request): that costs twice as much as storing an event."""
        try:
            request.get_host()
            with translation.override(_language(request)):
                response = receive_events(request)
        except Exception as error:
            answer = self.process_exception(request, error)
            if answer is not None:
                return answer
            if not isinstance(error, SuspiciousOperation):
                raise
            response = problem_response(request, Problem(400, *DEFAULTS[400]))
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        response.headers["X-Frame-Options"] = "DENY"
        if response.content:
            response.headers["Content-Length"] = str(len(response.content))
        if response.status_code >= 400:
            log.info("events_refused", status=response.status_code, request_id=request_id_of(request))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Problems of plain views; a database that is away; anything else is logged and a 500."""
        if not request.path_info.startswith(PREFIX):
            return None
        if isinstance(error, Problem):
            return problem_response(request, error)
        if isinstance(error, (OperationalError, InterfaceError)):
            log.warning("database_unavailable", error=str(error).partition("\n")[0])
            return problem_response(request, unavailable())
        if settings.DEBUG or isinstance(error, _DJANGOS_OWN):
            return None
        log.error("api_error", exc_info=error)
        got_request_exception.send(sender=None, request=request)
        return problem_response(request, Problem(500, *DEFAULTS[500]))


def _language(request: HttpRequest) -> str:
    """The language of the answer, as LocaleMiddleware would choose it."""
    if "HTTP_ACCEPT_LANGUAGE" in request.META or "HTTP_COOKIE" in request.META:
        return translation.get_language_from_request(request)
    return str(settings.LANGUAGE_CODE)


def _early_refusal(request: HttpRequest) -> Problem | None:
    """What can be told from the headers alone: packed, unmeasured or too large bodies (B08, B22, B23)."""
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"", "identity"}:
        return Problem(415, "content_encoding_unsupported", _("Send the body without compression."))
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        return Problem(411, "length_required", _("Send a Content-Length header."))
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return Problem(400, "bad_request", _("Content-Length must be a number."))
    if length > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
        return Problem(413, "body_too_large", _("Send at most 1 MB at once."))
    return None


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The problem that stands for Django's own error page, with the headers that carry meaning."""
    kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    code, detail = DEFAULTS.get(response.status_code, FALLBACK)
    if response.status_code == 403 and getattr(request, "csrf_processing_done", False):
        code, detail = "csrf_failed", _("Send the CSRF token in the X-CSRFToken header.")
    return problem_response(request, Problem(response.status_code, code, detail, headers=kept))
