"""What the views of the dashboard share."""

from __future__ import annotations

import rules

from accounts.models import User
from funnel.access import PageRequest, page

__all__ = ["PageRequest", "may", "page", "wants_fragment"]


def may(user: User, permission: str) -> bool:
    """Whether the user's role has the permission. Unlike ``user.has_perm`` it never asks the database."""
    return bool(rules.has_perm(permission, user))


def wants_fragment(request: PageRequest, target: str) -> bool:
    """Whether htmx asks for one part of the page, which it will put into ``target``."""
    return bool(request.htmx) and request.htmx.target == target
