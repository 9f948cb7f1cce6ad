"""Notices: mails outside marketing, to one address, that somebody asked for or that work needs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead
from nurturing.models.message import State
from nurturing.models.template import Template


class NoticeKind(models.TextChoices):
    """What a notice is for; also the code of its template."""

    CONFIRM_ADDRESS = "confirm_address", _("Confirm the address")
    REQUESTED_CONTENT = "requested_content", _("Requested content")
    NEW_SUBMISSION = "new_submission", _("New submission")
    MEETING_INVITATION = "meeting_invitation", _("Invitation to a meeting")
    MEETING_CANCELLED = "meeting_cancelled", _("Meeting cancelled")


# Of most notices the person is no lead yet (or a colleague reads it): kept for weeks, see
# ``nurturing.actions.notices.forget_notices``.
@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class Notice(models.Model):
    """One transactional mail. ``send_key`` makes it unique for ever, as that of a message does.

    ``values`` is what its template merges: links and titles of ours, never text that a stranger typed
    (but the name of who wrote, in a notice to colleagues). States: see ``nurturing.actions.outbox``.
    """

    send_key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind)
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, related_name="notices")
    address = models.CharField(_("address"), max_length=254)
    values = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    data_started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=120, unique=True, null=True)
    subject = models.CharField(max_length=250, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes: ClassVar = [
            models.Index(name="notice_due", fields=["due_at", "id"], condition=Q(state=State.PLANNED)),
            models.Index(
                name="notice_leased",
                fields=["lease_until"],
                condition=Q(state__in=[State.CLAIMED, State.SENDING]),
            ),
            models.Index(name="notice_to_address", fields=["address", "kind", "planned_at"]),
            models.Index(name="notice_age", fields=["planned_at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notice_sent_was_handed_over",
                condition=~Q(state=State.SENT)
                | (Q(data_started_at__isnull=False) & Q(sent_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="notice_sending_is_checkpointed",
                condition=~Q(state=State.SENDING) | Q(data_started_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.send_key
