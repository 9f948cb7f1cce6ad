from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """A believable company to look around in: who, what, when, and what became of it."""

    name = "demo"
    verbose_name = _("Demonstration")
