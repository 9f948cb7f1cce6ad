"""Users, permissions and API keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from accounts.actions import create_api_key
from accounts.models import ApiKey, User
from accounts.roles import Role
from accounts.rules import PERMISSIONS
from accounts.scopes import PUBLISHABLE_SCOPES, SECRET_SCOPES, Scope


@pytest.mark.parametrize("name", PERMISSIONS)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says(make_user: Callable[..., User], role: Role, name: str) -> None:
    assert make_user(role).has_perm(name) == (role in PERMISSIONS[name])


def test_a_deactivated_user_may_do_nothing(make_user: Callable[..., User]) -> None:
    user = make_user(Role.ADMIN, is_active=False)
    assert not any(user.has_perm(name) for name in PERMISSIONS)


def test_an_email_is_one_login_whatever_its_case(make_user: Callable[..., User]) -> None:
    made = make_user(email=" Marie@Ecluse.EXAMPLE ")
    assert User.objects.get_by_natural_key("MARIE@ecluse.example") == made
    with pytest.raises(IntegrityError):
        make_user(email="marie@ecluse.example")


def test_b45_a_publishable_key_writes_and_nothing_else(db: None) -> None:
    key, value = create_api_key(name="Site", kind=ApiKey.Kind.PUBLISHABLE, origins=["https://acier.example"])
    assert key.scopes == list(PUBLISHABLE_SCOPES)
    assert key.public_value == value
    with pytest.raises(ValueError, match="publishable"):
        create_api_key(name="Site", kind=ApiKey.Kind.PUBLISHABLE, scopes=[Scope.LEADS_READ])


def test_a_secret_key_is_kept_only_as_a_hash(db: None) -> None:
    key, value = create_api_key(name="CRM", kind=ApiKey.Kind.SECRET)
    assert key.scopes == list(SECRET_SCOPES)
    stored = ApiKey.objects.values_list().get(pk=key.pk)
    secret_part = value.split(".", 1)[1]
    assert all(secret_part not in str(column) for column in stored)
    assert ApiKey.objects.get_from_key(value) == key


def test_each_key_is_a_source_of_its_own(db: None) -> None:
    made = [create_api_key(name="K", kind=ApiKey.Kind.SECRET)[0].source_id for _ in range(3)]
    assert made == [100, 101, 102]
