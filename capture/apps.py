from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class CaptureConfig(AppConfig):
    """Every way a lead comes in: forms, the site's tracker, files, a card at a fair."""

    name = "capture"
    verbose_name = _("Capture")

    def ready(self) -> None:
        """Let sites post to the forms that name them; read a changed form anew."""
        from corsheaders.signals import check_request_enabled  # noqa: PLC0415

        from capture import live, models  # noqa: PLC0415 (needs the models)
        from capture.api.cors import allows_form_origin  # noqa: PLC0415
        from leads.models import CustomField  # noqa: PLC0415

        check_request_enabled.connect(allows_form_origin)
        for changed in (models.Form, models.FormField, models.FormConsent, CustomField):
            post_save.connect(live.forget, sender=changed)
            post_delete.connect(live.forget, sender=changed)
