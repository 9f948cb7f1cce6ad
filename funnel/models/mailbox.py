"""Mailboxes that are read for answers to invitations."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody


@about_nobody
class MailboxConnection(models.Model):
    """Somebody's mailbox, read by IMAP over TLS. Only answers of known leads are taken from it, and
    nothing of its messages is kept but that they came.

    ``password`` is encrypted (funnel/sealing.py). ``last_uid`` under ``uid_validity`` is how far it was read.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mailbox")
    address = models.EmailField(_("address"), max_length=254)
    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), default=993)
    username = models.CharField(_("user name"), max_length=254)
    password = models.TextField(max_length=2000, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    uid_validity = models.PositiveBigIntegerField(default=0, editable=False)
    last_uid = models.PositiveBigIntegerField(default=0, editable=False)
    polled_at = models.DateTimeField(_("last read"), null=True, editable=False)
    due_at = models.DateTimeField(editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    last_error = models.CharField(_("last error"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        constraints: ClassVar = [
            models.CheckConstraint(name="mailbox_port", condition=Q(port__gte=1, port__lte=65535)),
        ]

    def __str__(self) -> str:
        return self.address
