"""Which limit applies to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from leads.api.addresses import client_address
from leads.api.keys import KeyCaller
from leads.api.limits import limit, seconds_to_wait
from leads.api.problems import Problem

if TYPE_CHECKING:  # its module reads the settings, which name this one
    from rest_framework.views import APIView


def check_limits(request: HttpRequest, caller: KeyCaller, *, purpose: str) -> None:
    """Count a request of a key. ``purpose`` is "forms" or "events". Raises Problem 429 with Retry-After.

    Secret keys are counted by key; publishable keys, which anybody can read in a page, by key and address
    first, so that one browser cannot use up a site's share.
    """
    if caller.is_secret:
        count_secret(caller)
        return
    _count(f"publishable_{purpose}", f"{caller.prefix}:{client_address(request)}")
    _count("publishable_key", caller.prefix)


def count_secret(caller: KeyCaller) -> None:
    """Count a request of a secret key. Raises Problem 429 with Retry-After."""
    _count("secret_key", caller.prefix)


def count_failure(request: HttpRequest) -> None:
    """Count a request with a wrong or missing key by its address. Raises Problem 429."""
    _count("unauthenticated", client_address(request))


def _count(name: str, who: str) -> None:
    wait = seconds_to_wait(limit(name), who)
    if wait:
        raise too_many(wait)


def too_many(wait: int) -> Problem:
    """The answer to one request too many."""
    return Problem(
        429,
        "throttled",
        _("Too many requests; try again in %(wait)s seconds.") % {"wait": wait},
        headers={"Retry-After": str(wait)},
    )


class ApiThrottle(BaseThrottle):
    """For Django REST framework's views: keys as above, people by user, everybody else by address."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True, or a Problem with Retry-After."""
        if isinstance(request.auth, KeyCaller):
            check_limits(request._request, request.auth, purpose="forms")
        elif request.user and request.user.is_authenticated:
            _count("session", str(request.user.pk))
        else:
            count_failure(request._request)
        return True
