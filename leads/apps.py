from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Who the lead is, what happened, what was consented."""

    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        """Ship the kinds of event with every migrate; answer for the origins that may call the API."""
        # Models exist only once apps are ready.
        from corsheaders.signals import check_request_enabled  # noqa: PLC0415

        from leads.api.cors import allows_origin  # noqa: PLC0415
        from leads.shipped import add_shipped_kinds, add_shipped_wordings  # noqa: PLC0415
        from leads.sources import add_shipped_rules  # noqa: PLC0415

        check_request_enabled.connect(allows_origin)
        post_migrate.connect(add_shipped_kinds, sender=self)
        post_migrate.connect(add_shipped_wordings, sender=self)
        post_migrate.connect(add_shipped_rules, sender=self)
