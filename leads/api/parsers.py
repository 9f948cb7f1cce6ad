"""Django REST framework's view of strict JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from leads.api.problems import Problem, not_strict
from leads.api.strict import MAX_DEPTH, NotStrict, check_charset, strict_json


class StrictJSONParser(BaseParser):
    """application/json, at most the view's ``max_body`` bytes."""

    media_type = "application/json"
    max_levels = MAX_DEPTH

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The body's value; an object always. Raises Problem."""
        context = parser_context or {}
        request, view = context["request"]._request, context["view"]
        body = request.body
        check_size(len(body), getattr(view, "max_body", 65_536))
        try:
            check_charset(request.content_params.get("charset"))
            value = strict_json(body, levels=self.max_levels)
        except NotStrict as error:
            raise not_strict(error) from error
        if not isinstance(value, dict):
            raise Problem(400, "not_an_object", _("Send a JSON object: {…}."))
        return value


class BeaconParser(StrictJSONParser):
    """JSON sent as text/plain by navigator.sendBeacon: a simple request, so without a preflight."""

    media_type = "text/plain"


def check_size(size: int, most: int) -> None:
    """Raise Problem 413 for more than ``most`` bytes."""
    if size > most:
        raise Problem(
            413, "body_too_large", _("Send at most %(kilobytes)s KB at once.") % {"kilobytes": most // 1024}
        )
