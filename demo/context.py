"""What the sign-in page of a demonstration shows besides: whom one may be."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from demo.people import EMPLOYEES, PASSWORD, Employee


def demo_users(request: HttpRequest) -> dict[str, tuple[Employee, ...] | str]:
    """The demo users and their password, on the sign-in page of a demonstration and nowhere else."""
    if not settings.DEMO or request.path != reverse("account_login"):
        return {}
    return {"demo_users": EMPLOYEES, "demo_password": PASSWORD}
