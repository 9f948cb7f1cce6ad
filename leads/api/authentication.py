"""Who calls: a program with a key, or somebody who is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from leads.api.keys import KeyCaller, find_key, header_key
from leads.api.problems import Problem
from leads.api.throttles import count_failure


def authenticate_key(request: HttpRequest, value: str, *, from_body: bool = False) -> KeyCaller:
    """The caller of a key's value, noted on the request for CORS. Raises Problem 401 or 403.

    A key in the body is one in a page: only a publishable one may be there. A page's origin must be one of
    the key's own (exact match).
    """
    caller = find_key(value, now=timezone.now())
    if caller is None or (from_body and caller.is_secret):
        count_failure(request)
        raise Problem(
            401,
            "key_invalid",
            _("This API key is unknown, revoked or expired, or must not be sent this way."),
            headers={"WWW-Authenticate": 'Bearer realm="ecluse"'},
        )
    origin = request.META.get("HTTP_ORIGIN")
    if not caller.is_secret and not caller.accepts_origin(origin):
        raise Problem(403, "origin_not_allowed", _("Add this site's origin to the key to use it there."))
    request.api_key = caller  # type: ignore[attr-defined]
    return caller


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`, `X-Ecluse-Key`, or the body's `key` on views that take it."""

    def authenticate(self, request: Request) -> tuple[Any, KeyCaller] | None:
        """(anonymous user, caller), or None when no key was sent."""
        value, from_body = header_key(request._request), False
        if value is None and self._may_carry_key(request):
            value, from_body = self._body_key(request), True
        if value is None:
            return None
        return AnonymousUser(), authenticate_key(request._request, value, from_body=from_body)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="ecluse"'

    @staticmethod
    def _may_carry_key(request: Request) -> bool:
        view = (request.parser_context or {}).get("view")
        return request.method == "POST" and bool(getattr(view, "takes_body_key", False))

    @staticmethod
    def _body_key(request: Request) -> str | None:
        value = request.data.get("key") if isinstance(request.data, dict) else None
        return value if isinstance(value, str) else None


class PeopleAuthentication(SessionAuthentication):
    """Somebody signed in; writing needs the CSRF token, JSON and a page of our own (bar: inputs B52)."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """(user, None), or None for nobody."""
        found = super().authenticate(request)
        if found is None or request.method in {"GET", "HEAD", "OPTIONS"}:
            return found
        if request._request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise Problem(403, "cross_site", _("Another site may not act with your session."))
        return found

    def enforce_csrf(self, request: Request) -> None:
        """As Django does it; the refusal gets a code of its own."""
        try:
            super().enforce_csrf(request)
        except Exception as error:
            raise Problem(403, "csrf_failed", _("Send the CSRF token in the X-CSRFToken header.")) from error
