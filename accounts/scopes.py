"""What an API key may be allowed to do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """One right of an API key; a publishable key has exactly the first two."""

    FORMS_SUBMIT = "forms:submit", _("Submit forms")
    EVENTS_WRITE = "events:write", _("Write events")
    LEADS_READ = "leads:read", _("Read leads and scores")
    LEADS_WRITE = "leads:write", _("Create and complete leads")
    FUNNEL_WRITE = "funnel:write", _("Decide in the funnel")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Manage webhooks")


PUBLISHABLE_SCOPES = (Scope.FORMS_SUBMIT, Scope.EVENTS_WRITE)
# What a server gets unless it asks for more: managing webhooks would let it send data anywhere.
SECRET_SCOPES = tuple(scope for scope in Scope if scope != Scope.WEBHOOKS_MANAGE)
