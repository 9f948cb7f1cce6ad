"""The scoring app: what a lead is worth, and why."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    """Publishes the shipped rules on a new installation (and after a flush, as tests do)."""

    name = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        """Connect what follows each migrate."""
        from scoring.shipped import publish_default  # noqa: PLC0415  # models are not loaded before

        post_migrate.connect(publish_default, sender=self)
