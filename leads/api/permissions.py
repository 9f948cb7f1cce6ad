"""What a caller may do with a view: a scope for keys, a permission for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.scopes import Scope
from leads.api.keys import KeyCaller
from leads.api.problems import Problem

if TYPE_CHECKING:  # its module reads the settings, which name this one
    from rest_framework.views import APIView


@dataclass(frozen=True, slots=True)
class Access:
    """One of ``scopes`` for a key, one of ``permissions`` for people; empty means: not at all."""

    scopes: frozenset[Scope] = frozenset()
    permissions: frozenset[str] = frozenset()


def access(*scopes: Scope, permission: str = "", permissions: Iterable[str] = ()) -> Access:
    """An Access from its parts."""
    return Access(frozenset(scopes), frozenset({*permissions, permission} - {""}))


class MayDo(BasePermission):
    """Asks the view's ``access`` table, by method. A method without an entry is refused."""

    nobody: ClassVar = Access()

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller may use this method of the view at all; rows are visible_to()'s matter."""
        wanted: Access = getattr(view, "access", {}).get(request.method or "", self.nobody)
        method = request.method or ""
        if method == "OPTIONS" or not hasattr(view, method.lower()):
            return True  # the answer is 405
        if isinstance(request.auth, KeyCaller):
            if not any(request.auth.may(scope) for scope in wanted.scopes):
                raise Problem(403, "scope_missing", _("This key was not given the right to do that."))
            return True
        if not request.user or not request.user.is_authenticated:
            return False
        if not any(request.user.has_perm(permission) for permission in wanted.permissions):
            raise Problem(403, "forbidden", _("Your role does not allow this."))
        return True
