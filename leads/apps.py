from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Who the lead is, what happened, what was consented."""

    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        """Ship the kinds of event with every migrate."""
        from leads.shipped import add_shipped_kinds  # noqa: PLC0415  # models exist only once apps are ready

        post_migrate.connect(add_shipped_kinds, sender=self)
