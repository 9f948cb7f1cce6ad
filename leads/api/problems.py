"""The one shape of every error: application/problem+json (RFC 9457), in French or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from leads.api.strict import NotStrict

CONTENT_TYPE = "application/problem+json"
Text = str | Promise

TITLES: Mapping[int, Text] = {
    400: _("The request cannot be understood"),
    401: _("Who are you?"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("Not acceptable"),
    409: _("Not possible in the present state"),
    410: _("No longer here"),
    411: _("Length required"),
    412: _("Changed meanwhile"),
    413: _("Too large"),
    415: _("This kind of content is not accepted"),
    422: _("Contradicts an earlier request"),
    428: _("Say what you have seen"),
    429: _("Too many requests"),
    500: _("Something went wrong here"),
    503: _("Not available at the moment"),
}
# (code, what to do) where Django itself answered with an HTML page.
DEFAULTS: Mapping[int, tuple[str, Text]] = {
    400: ("bad_request", _("Check the address, the headers and the body of the request.")),
    401: ("not_authenticated", _("Send an API key in the Authorization header, or sign in.")),
    403: ("forbidden", _("Your key or your role does not allow this.")),
    404: ("not_found", _("There is nothing at this address, or it is not yours to see.")),
    405: ("method_not_allowed", _("Use one of the methods of the Allow header.")),
    413: ("body_too_large", _("Send less at once; the documentation tells the limits.")),
    415: ("unsupported_media_type", _("Send application/json.")),
    500: ("server_error", _("Try again; if it stays so, tell us the request_id.")),
    503: ("unavailable", _("Try again in a few seconds; nothing was stored.")),
}
FALLBACK: tuple[str, Text] = ("bad_request", _("Check the address, the headers and the body of the request."))


class FieldError(dict[str, Any]):
    """One entry of ``errors``: field (dotted path, or empty), code, detail."""

    def __init__(self, field: str, code: str, detail: Text) -> None:
        super().__init__(field=field, code=code, detail=str(detail))


class Problem(exceptions.APIException):
    """An error with a stable code; works in Django REST framework's views and in plain ones."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: Text,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(str(detail), code)
        self.status_code = status
        self.code = code
        self.errors = list(errors)
        self.headers = dict(headers or {})


def not_strict(error: NotStrict) -> Problem:
    """The answer to a body that strict JSON refused."""
    return Problem(400, error.code, error.detail)


def unavailable() -> Problem:
    """The answer while the database is away or busy: nothing was stored, try again."""
    return Problem(503, *DEFAULTS[503], headers={"Retry-After": "2"})


def problem_body(
    *, status: int, code: str, detail: Text, request_id: str, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The document itself."""
    return {
        "type": f"urn:ecluse:problem:{code}",
        "title": str(TITLES.get(status, TITLES[500 if status >= 500 else 400])),
        "status": status,
        "detail": str(detail),
        "code": code,
        "request_id": request_id,
        "errors": list(errors),
    }


def problem_response(request: HttpRequest, problem: Problem) -> JsonResponse:
    """A Django response for ``problem``."""
    body = problem_body(
        status=problem.status_code,
        code=problem.code,
        detail=str(problem.detail),
        request_id=request_id_of(request),
        errors=problem.errors,
    )
    return JsonResponse(body, status=problem.status_code, content_type=CONTENT_TYPE, headers=problem.headers)


def request_id_of(request: Any) -> str:
    """The id that the middleware gave this request."""
    return str(
        getattr(request, "request_id", "") or getattr(getattr(request, "_request", None), "request_id", "")
    )
