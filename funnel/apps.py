"""The funnel app: where each lead stands, and what sales decided."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class FunnelConfig(AppConfig):
    """Ships reasons and checklist on a new installation (and after a flush, as tests do)."""

    name = "funnel"
    verbose_name = _("Funnel")

    def ready(self) -> None:
        """Connect what follows each migrate."""
        from funnel.shipped import add_shipped  # noqa: PLC0415  # models are not loaded before

        post_migrate.connect(add_shipped, sender=self)
