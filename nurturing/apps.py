from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class NurturingConfig(AppConfig):
    """What we say to the lead, and when we may say it."""

    name = "nurturing"
    verbose_name = _("Nurturing")

    def ready(self) -> None:
        """Ship the tracks and templates with every migrate."""
        from nurturing.shipped import add_shipped  # noqa: PLC0415 (needs the models)

        post_migrate.connect(add_shipped, sender=self)
