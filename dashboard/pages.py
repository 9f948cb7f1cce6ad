"""What every page of the dashboard does first: who asks, and may they."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from accounts.models import User

View = Callable[..., HttpResponse]


class PageRequest(HttpRequest):
    """A request of somebody who is signed in, with what htmx says of it."""

    user: User
    htmx: HtmxDetails


def page(permission: str) -> Callable[[View], View]:
    """A view for people who are signed in and have ``permission``; others get 403."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not cast("User", request.user).has_perm(permission):
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            # One address answers with the page or with its rows; personal data stays out of caches.
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["HX-Request"])
            return response

        return checked

    return decorate


def wants_fragment(request: PageRequest, target: str) -> bool:
    """Whether htmx asks for one part of the page, which it will put into ``target``."""
    return bool(request.htmx) and request.htmx.target == target
