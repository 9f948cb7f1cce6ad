"""Who may open a page, and how nothing is lost when the session has ended meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import rules
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User

P = ParamSpec("P")

UNFINISHED = "unfinished"
# What people type into a page's form; nothing else is kept while they sign in again.
_KEPT_LENGTH = 4000


class PageRequest(HttpRequest):
    """A request of somebody who is signed in, with what htmx says of it."""

    user: User
    htmx: HtmxDetails


View = Callable[Concatenate[PageRequest, P], HttpResponse]


def may(user: User, permission: str) -> bool:
    """Whether the user's role has the permission. Unlike ``user.has_perm`` it never asks the database."""
    return bool(rules.has_perm(permission, user))


def wants_fragment(request: PageRequest, target: str) -> bool:
    """Whether htmx asks for one part of the page, which it will put into ``target``."""
    return bool(request.htmx) and request.htmx.target == target


def page(permission: str) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """A view for people who are signed in and have ``permission``; others get 403.

    Who sends something after the session has ended signs in again and finds it in the form.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            if not rules.has_perm(permission, request.user):
                raise PermissionDenied
            response = view(request, *args, **kwargs)  # type: ignore[arg-type]  # the user is one of ours now
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["HX-Request"])
            return response

        return checked

    return decorate


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; what was being sent waits in the (still anonymous) session."""
    if request.method == "POST":
        typed = request.POST.copy()
        typed.pop("csrfmiddlewaretoken", None)
        if len(encoded := typed.urlencode()) <= _KEPT_LENGTH:
            request.session[UNFINISHED] = {"path": request.path, "data": encoded}
    answer = redirect_to_login(request.path)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(answer.url)
    return answer


def unfinished(request: HttpRequest) -> QueryDict | None:
    """What was typed into the form of this address before the session ended; given out once."""
    kept = request.session.get(UNFINISHED)
    if not isinstance(kept, dict) or kept.get("path") != request.path:
        return None
    del request.session[UNFINISHED]
    return QueryDict(str(kept["data"]))
