"""Setting up how this site writes to people."""

from __future__ import annotations

from django.db import transaction

from nurturing.models import MailSettings


@transaction.atomic
def set_up(**changes: object) -> MailSettings:
    """Change the mail settings: the sender's identity, the preset, quiet hours, caps.

    Raises ValidationError for values that make no sense and TypeError for an unknown setting.
    """
    MailSettings.load()
    settings = MailSettings.objects.select_for_update().get(pk=1)
    for name, value in changes.items():
        if not hasattr(settings, name):
            raise TypeError(f"there is no mail setting {name!r}")
        setattr(settings, name, value)
    settings.full_clean()
    settings.save()
    return settings
