"""Django REST framework's exceptions as problems (drf-standardized-errors does the flattening)."""

from __future__ import annotations

from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.formatter import ExceptionFormatter, flatten_errors
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions
from rest_framework.response import Response

from leads.api.problems import (
    CONTENT_TYPE,
    DEFAULTS,
    FieldError,
    Problem,
    not_strict,
    problem_body,
    request_id_of,
    unavailable,
)
from leads.api.strict import NotStrict


class ProblemFormatter(ExceptionFormatter):
    """Turns Django REST framework's exceptions into problems."""

    def run(self) -> dict[str, Any]:
        """The document of the exception at hand."""
        status = self.exc.status_code
        errors: list[FieldError] = []
        if isinstance(self.exc, Problem):
            code, detail, errors = self.exc.code, str(self.exc.detail), self.exc.errors
        elif isinstance(self.exc, exceptions.ValidationError):
            errors = field_errors(self.exc)
            code, detail = "invalid", str(_("Some values cannot be taken; see errors."))
        elif status in DEFAULTS and status != 403:
            code, detail = DEFAULTS[status][0], str(DEFAULTS[status][1])
        else:
            code, detail = str(self.exc.get_codes()), str(self.exc.detail)
        return problem_body(
            status=status,
            code=code,
            detail=detail,
            errors=errors,
            request_id=request_id_of(self.context["request"]),
        )


def field_errors(error: exceptions.ValidationError) -> list[FieldError]:
    """Every refused value with the dotted path of its field."""
    return [_field_error(one) for one in flatten_errors(error.detail)]


def _field_error(error: Any) -> FieldError:
    """The library's error as ours; errors of the whole document have an empty field."""
    field = "" if error.attr in (None, "non_field_errors") else str(error.attr)
    return FieldError(field.removesuffix(".non_field_errors"), error.code, error.detail)


class ProblemHandler(ExceptionHandler):
    """Answers problems with their content type and headers; a lost database is 503, not 500."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """What else than a DRF exception has an answer of its own."""
        if isinstance(exc, NotStrict):
            return not_strict(exc)
        if isinstance(exc, (OperationalError, InterfaceError)):
            return unavailable()
        converted: Exception = super().convert_known_exceptions(exc)
        return converted

    def get_headers(self, exc: exceptions.APIException) -> dict[str, str]:
        """Retry-After, WWW-Authenticate, Allow and what the problem itself asks for."""
        headers: dict[str, str] = super().get_headers(exc)
        return headers | getattr(exc, "headers", {})

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        """The response, marked as a problem."""
        return Response(
            data, status=exc.status_code, headers=self.get_headers(exc), content_type=CONTENT_TYPE
        )
