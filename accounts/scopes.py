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
    SCORING_READ = "scoring:read", _("Read the scoring rules")
    SCORING_MANAGE = "scoring:manage", _("Edit and publish the scoring rules")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Manage webhooks")


PUBLISHABLE_SCOPES = (Scope.FORMS_SUBMIT, Scope.EVENTS_WRITE)
# Managing webhooks would let a server send data anywhere; rules decide about everybody.
_ON_REQUEST = {Scope.WEBHOOKS_MANAGE, Scope.SCORING_MANAGE}
# What a server gets unless it asks for more.
SECRET_SCOPES = tuple(scope for scope in Scope if scope not in _ON_REQUEST)
