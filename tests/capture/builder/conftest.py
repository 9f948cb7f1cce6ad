"""Forms to build on, and somebody who builds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from capture.actions.forms import begin_form, publish
from capture.models import Form
from capture.starters import BY_CODE

BACKEND = "django.contrib.auth.backends.ModelBackend"
PRIVACY = {"controller": "Ateliers du Rhône SAS", "privacy_url": "https://ateliers.example/rgpd"}


@pytest.fixture
def claire(make_user: Callable[..., User]) -> User:
    return make_user(Role.MARKETER, first_name="Claire", last_name="Moreau")


@pytest.fixture
def client(claire: User) -> Client:
    """Claire's browser."""
    client = Client()
    client.force_login(claire, backend=BACKEND)
    return client


@pytest.fixture
def make_form(claire: User, now: datetime) -> Callable[..., Form]:
    """Makes drafts from a starter that nothing keeps from the public: ``make_form("contact", name="…")``."""

    def make(starter: str = "contact", **values: object) -> Form:
        form = begin_form(starter=BY_CODE[starter], language="fr", by=claire, now=now)
        Form.objects.filter(pk=form.pk).update(**(PRIVACY | values))
        return Form.objects.get(pk=form.pk)

    return make


@pytest.fixture
def draft(make_form: Callable[..., Form]) -> Form:
    return make_form()


@pytest.fixture
def live(draft: Form, claire: User, now: datetime) -> Form:
    return publish(form=draft, by=claire, now=now)
