"""What administrators may do in Django's administration: everything it offers."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.roles import Role

ACTIONS = frozenset({"view", "add", "change", "delete"})


class AdministratorBackend(BaseBackend):
    """Gives the role "administrator" Django's permissions on models, and nothing else: who may do what in
    Écluse's own pages stands in ``accounts.rules``."""

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: object = None) -> bool:
        """Whether this is a permission on a model and the user an administrator."""
        app, _, codename = perm.partition(".")
        action, _, model = codename.partition("_")
        return _administers(user_obj) and action in ACTIONS and _is_model(app, model)

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        """Whether the administration shows anything of this app."""
        return _administers(user_obj)


def _administers(user: User | AnonymousUser) -> bool:
    return user.is_active and getattr(user, "role", None) == Role.ADMIN


def _is_model(app: str, model: str) -> bool:
    return model in apps.all_models.get(app, {})
