"""What templates ask about offers."""

from __future__ import annotations

from django import template
from django.utils import timezone

from accounts.models import User
from funnel.models import Offer
from funnel.queries.taking_back import to_take_back

register = template.Library()


@register.simple_tag
def passed_on(user: User) -> list[Offer]:
    """The offers that this user let pass and may take back now. One query while there are none."""
    return to_take_back(user, now=timezone.now())
