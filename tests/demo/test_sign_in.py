"""The sign-in page of a demonstration offers its users; no other ever does."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from demo.people import PASSWORD, hire

pytestmark = pytest.mark.django_db


def test_one_press_signs_in_as_a_demo_user(settings: Settings, client: Client) -> None:
    settings.DEMO = True
    hire()
    page = client.get("/accounts/login/").content.decode()
    assert page.count(f'name="password" value="{PASSWORD}"') == 5
    answer = client.post("/accounts/login/", {"login": "ines@valbrume.example", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_outside_a_demonstration_no_password_is_shown(settings: Settings, client: Client) -> None:
    settings.DEMO = False
    assert PASSWORD not in client.get("/accounts/login/").content.decode()
