"""What a partner is told of a lead, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnel.handing_over import HANDED_OVER

register = template.Library()

LABELS: dict[str, str | Promise] = {
    "name": _("Name"),
    "company": _("Company"),
    "job_title": _("Function"),
    "email": _("Email"),
    "phone": _("Phone"),
    "city": _("City"),
    "need": _("Need"),
    "project_month": _("Project for"),
}


@register.filter
def handed_over(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and value of each field that is passed on, in order."""
    return [(str(LABELS[name]), sent[name]) for name in HANDED_OVER if sent.get(name)]
