"""Administrators find everything in the administration; nobody else gets in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import User
from accounts.roles import Role

OTHERS = [role for role in Role if role is not Role.ADMIN]


def test_an_administrator_sees_every_registered_model(client: Client, make_user: Callable[..., User]) -> None:
    client.force_login(make_user(Role.ADMIN))
    page = client.get("/admin/").content.decode()
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_an_administrator_makes_and_changes_users(client: Client, make_user: Callable[..., User]) -> None:
    client.force_login(make_user(Role.ADMIN))
    rep = make_user(Role.REP)
    assert client.get("/admin/accounts/user/add/").status_code == 200
    assert client.get(f"/admin/accounts/user/{rep.pk}/change/").status_code == 200


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_gets_in(client: Client, make_user: Callable[..., User], role: Role) -> None:
    user = make_user(role, is_staff=True)
    client.force_login(user)
    assert client.get("/admin/").status_code == 302
    assert not user.has_perm("accounts.change_user")
    assert not user.has_module_perms("accounts")


def test_who_becomes_or_stops_being_an_administrator(make_user: Callable[..., User]) -> None:
    user = make_user(Role.REP)
    user.role = Role.ADMIN
    user.save(update_fields=["role"])
    user.refresh_from_db()
    assert user.is_staff
    user.role = Role.MARKETER
    user.save()
    assert not User.objects.get(pk=user.pk).is_staff


def test_a_deactivated_administrator_may_do_nothing(make_user: Callable[..., User]) -> None:
    user = make_user(Role.ADMIN, is_active=False)
    assert not user.has_perm("accounts.change_user")
    assert not user.has_module_perms("accounts")


def test_the_administrator_gets_no_right_of_another_role(make_user: Callable[..., User]) -> None:
    user = make_user(Role.ADMIN)
    assert not user.has_perm("funnel.decide_offers")
    assert not user.has_perm("leads.view_nothing")
    assert not user.has_perm("nowhere.change_user")
