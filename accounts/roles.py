"""The five roles of the people who work in Écluse (docs: the domain's words)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is here to do; decides what they see and may change."""

    MARKETER = "marketer", _("Marketer")
    REP = "rep", _("Sales rep")
    MANAGER = "manager", _("Sales manager")
    DPO = "dpo", _("DPO")
    ADMIN = "admin", _("Administrator")
