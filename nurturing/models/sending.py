"""How this site writes to people: its sender, its policy, its caps; and what a server made us pause."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody
from nurturing.caps import DAY, WEEK, Cap
from nurturing.policy import Preset
from nurturing.quiet import NEVER, QuietHours


def evening() -> time:
    """When quiet hours begin unless a site says otherwise."""
    return time(21)


def morning() -> time:
    """When quiet hours end unless a site says otherwise."""
    return time(8)


@about_nobody
class MailSettings(models.Model):
    """The one row of settings for everything sent. Nothing leaves before the sender says who it is."""

    PRESETS: ClassVar = [(Preset.DISCRET.value, _("Discreet")), (Preset.NURTURING.value, _("Nurturing"))]

    id = models.SmallIntegerField(primary_key=True, default=1)
    preset = models.CharField(
        _("contact policy"), max_length=12, choices=PRESETS, default=Preset.NURTURING.value
    )
    sender_name = models.CharField(_("sender"), max_length=100, blank=True)
    sender_email = models.EmailField(_("sender's address"), blank=True)
    reply_to = models.EmailField(_("replies go to"), blank=True)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    postal_address = models.CharField(_("postal address"), max_length=250, blank=True)
    siren = models.CharField(
        _("SIREN"),
        max_length=11,
        blank=True,
        validators=[RegexValidator(r"^(\d{3} ?){3}$", _("Nine digits."))],
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=evening)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True, default=morning)
    most_a_day = models.PositiveSmallIntegerField(
        _("most a day"), default=1, validators=[MinValueValidator(1)]
    )
    most_a_week = models.PositiveSmallIntegerField(
        _("most a week"), default=3, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("mail settings")
        verbose_name_plural = _("mail settings")
        constraints: ClassVar = [
            models.CheckConstraint(name="one_row_of_mail_settings", condition=models.Q(id=1)),
            models.CheckConstraint(
                name="mail_caps_allow_something",
                condition=models.Q(most_a_day__gte=1) & models.Q(most_a_week__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.organisation or str(_("mail settings"))

    @classmethod
    def load(cls) -> MailSettings:
        """The row; made with its defaults when it is missing."""
        try:
            return cls.objects.get(pk=1)
        except cls.DoesNotExist:
            return cls.objects.get_or_create(pk=1)[0]

    @property
    def is_complete(self) -> bool:
        """Whether a message can say who sends it, as the law asks."""
        return bool(self.sender_name and self.sender_email and self.organisation and self.postal_address)

    @property
    def quiet_hours(self) -> QuietHours:
        """When marketing messages rest."""
        if self.quiet_from is None or self.quiet_until is None:
            return NEVER
        return QuietHours(self.quiet_from, self.quiet_until)

    @property
    def caps(self) -> tuple[Cap, ...]:
        """How much marketing mail one person may get."""
        return (Cap(self.most_a_day, DAY), Cap(self.most_a_week, WEEK))


@about_nobody
class SendingDomain(models.Model):
    """A domain we send from, and why nothing leaves from it for the moment."""

    domain = models.CharField(_("domain"), max_length=253, primary_key=True)
    # A receiving server refused us for policy or reputation: the domain rests, no lead is blamed.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # Our own server cannot be reached or does not let us in.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    closed_until = models.DateTimeField(_("not tried until"), null=True, blank=True)
    why = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("sending domain")
        verbose_name_plural = _("sending domains")

    def __str__(self) -> str:
        return self.domain
