"""Users and API keys."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

from accounts.roles import Role
from accounts.scopes import Scope


class UserManager(BaseUserManager["User"]):
    """Creates users who sign in with their email."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user with a normalised email; without a password they cannot sign in until they reset it."""
        if not email:
            raise ValueError("A user needs an email.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> User:
        """An administrator who also passes every permission."""
        fields = {"role": Role.ADMIN, "is_superuser": True} | fields
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """The user of an email, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who works in Écluse; never a lead."""

    email = models.EmailField(_("email"), unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.MARKETER)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="fr")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **fields: Any) -> None:
        """Who is an administrator may open the administration, whoever else may not (but a superuser)."""
        self.is_staff = self.is_superuser or self.role == Role.ADMIN
        if "role" in (fields.get("update_fields") or ()):
            fields["update_fields"] = {*fields["update_fields"], "is_staff"}
        super().save(*args, **fields)

    @property
    def full_name(self) -> str:
        """First and last name, or the email when neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_full_name(self) -> str:
        """The full name (Django's own pages ask for it by this name)."""
        return self.full_name


class ApiKey(AbstractAPIKey):
    """What a site or a server calls the API with; only its hash is stored.

    A *publishable* key sits in a page, promises no secrecy and may only write what a form or a tracker
    writes; a *secret* key stays on a server. ``source_id`` is the namespace of the event ids it sends.
    """

    class Kind(models.TextChoices):
        PUBLISHABLE = "publishable", _("Publishable")
        SECRET = "secret", _("Secret")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    scopes = ArrayField(
        models.CharField(max_length=32, choices=Scope), verbose_name=_("scopes"), default=list
    )
    site = models.CharField(_("site"), max_length=120, blank=True)
    origins = ArrayField(
        models.CharField(max_length=255), verbose_name=_("origins"), default=list, blank=True
    )
    public_value = models.CharField(_("publishable key"), max_length=150, blank=True)
    source_id = models.SmallIntegerField(_("event source"), unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints: ClassVar = [
            # Sources below 100 are Écluse's own (leads.models.Source).
            models.CheckConstraint(condition=models.Q(source_id__gte=100), name="api_key_source_range"),
        ]
