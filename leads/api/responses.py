"""JSON answers of plain views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from leads.api.problems import CONTENT_TYPE
from leads.incoming import canonical


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON response; without a body for None."""
    if body is None:
        return HttpResponse(status=status, headers=headers)
    content_type = CONTENT_TYPE if status >= 400 else "application/json"
    return HttpResponse(canonical(body), status=status, content_type=content_type, headers=headers)
