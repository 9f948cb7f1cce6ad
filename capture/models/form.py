"""Forms: what is asked, in which words, and what follows from an answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from capture.choices import AnswerType, DoubleOptIn, FormState
from leads.channels import Acquisition, Channel
from leads.lead_links import about_nobody
from leads.models import Campaign, ConsentWording, Content, List


@about_nobody
class Form(models.Model):
    """A form: hosted at ``/f/<slug>/``, embedded by a script tag, or posted to by plain HTML.

    ``kind`` is the event that a submission is; ``track_code`` names the nurturing track to enter. Each
    published change raises ``version``, which submissions and consents keep.
    """

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=FormState, default=FormState.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="fr")
    title = models.CharField(_("title"), max_length=160)
    intro = models.TextField(_("introduction"), max_length=2000, blank=True)
    button = models.CharField(_("button"), max_length=60, blank=True)
    thanks = models.TextField(_("thank-you text"), max_length=2000, blank=True)
    redirect_url = models.URLField(_("go to after sending"), max_length=500, blank=True)
    privacy_url = models.URLField(_("privacy page"), max_length=500, blank=True)
    # Who processes the data, for the information that article 13 of the RGPD asks for.
    controller = models.CharField(_("data controller"), max_length=160, blank=True)

    kind = models.SlugField(_("event"), max_length=40, default="form_submitted")
    content = models.ForeignKey(
        Content, models.PROTECT, null=True, blank=True, related_name="forms", verbose_name=_("gated content")
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    acquisition = models.CharField(
        _("acquisition"), max_length=8, choices=Acquisition, default=Acquisition.INDIRECT
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="forms", verbose_name=_("campaign")
    )
    joins = models.ForeignKey(
        List, models.PROTECT, null=True, blank=True, related_name="forms", verbose_name=_("list to join")
    )
    track_code = models.SlugField(_("track to enter"), max_length=40, blank=True)
    notify = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("tell by email")
    )

    double_opt_in = models.CharField(
        _("confirm the address"), max_length=10, choices=DoubleOptIn, default=DoubleOptIn.CONSUMERS
    )
    # Sites whose pages may hold the form (frame-ancestors, CORS); exact origins such as https://acme.fr.
    origins = ArrayField(models.CharField(max_length=255), verbose_name=_("sites"), default=list, blank=True)
    # How many of the progressive questions are asked at once of somebody who is known.
    asked_at_once = models.PositiveSmallIntegerField(_("questions at once"), default=3)
    uses_proof_of_work = models.BooleanField(_("proof of work against bots"), default=False)

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(_("changed"))
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


@about_nobody
class FormField(models.Model):
    """One question of a form.

    ``target`` says where the answer goes: ``lead.first_name``, ``company.name``, ``custom.<code>``,
    ``company_custom.<code>``, or ``answer.<code>`` for what is kept with the submission only.
    ``priority`` 0 asks always; others are asked in ascending order while their target is unknown.
    """

    form = models.ForeignKey(Form, models.CASCADE, related_name="fields")
    position = models.PositiveSmallIntegerField(default=0)
    target = models.CharField(_("what is asked"), max_length=60)
    type = models.CharField(_("type"), max_length=10, choices=AnswerType, default=AnswerType.LINE)
    label = models.CharField(_("label"), max_length=160)
    help = models.CharField(_("help"), max_length=240, blank=True)
    # Of choices that have no vocabulary of their own: one label a line.
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    value = models.CharField(_("hidden value"), max_length=200, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    priority = models.PositiveSmallIntegerField(_("progressive priority"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_question_per_target", fields=["form", "target"]),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}: {self.target}"


@about_nobody
class FormConsent(models.Model):
    """A consent box of a form: never ticked beforehand, never a condition for sending."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="consents")
    wording = models.ForeignKey(ConsentWording, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_box_per_wording", fields=["form", "wording"]),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}: {self.wording_id}"
