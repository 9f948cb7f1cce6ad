from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaptureConfig(AppConfig):
    """Every way a lead comes in: forms, the site's tracker, files, a card at a fair."""

    name = "capture"
    verbose_name = _("Capture")
