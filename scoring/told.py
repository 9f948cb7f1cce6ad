"""What somebody was told, as they may read it now."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from leads.models import Lead
from scoring.models import Notification
from scoring.tellings import PARTING


def told_to(user: User) -> QuerySet[Notification]:
    """This person's notifications with ``is_seen``: whether they see the lead (now).

    Of a lead that they no longer see only those remain that tell them so; these name nobody.
    """
    leads = Lead.objects.visible_to(user).present().filter(pk=OuterRef("lead"))
    rows = Notification.objects.filter(user=user).annotate(is_seen=Exists(leads))
    return rows.filter(Q(is_seen=True) | Q(lead=None) | Q(trigger__in=[kind.value for kind in PARTING]))


def seen_leads(user: User, notifications: Iterable[Notification]) -> set[int]:
    """Which of the leads that these tell of this person sees now."""
    numbers = [one.lead_id for one in notifications if one.lead_id is not None]
    return set(Lead.objects.filter(pk__in=numbers).visible_to(user).present().values_list("pk", flat=True))
