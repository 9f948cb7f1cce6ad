"""Forms to begin with: what marketers ask for most, worded in both languages, ready to be changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from capture.choices import AnswerType
from leads.channels import Acquisition, Channel

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to begin with; without a label it has the target's own."""

    target: str
    is_required: bool = False
    priority: int = 0
    label: Words = ""
    type: AnswerType | None = None
    options: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Starter:
    """A form to begin with. ``boxes`` are the codes of the consent wordings it shows."""

    code: str
    icon: str
    name: Words
    why: Words
    title: Words
    intro: Words
    button: Words
    thanks: Words
    kind: str
    channel: Channel
    questions: tuple[Asked, ...]
    boxes: tuple[str, ...] = ("newsletter",)
    acquisition: Acquisition = Acquisition.INDIRECT


_EMAIL = Asked("lead.email", is_required=True)
_NAMES = (Asked("lead.first_name"), Asked("lead.last_name"))
_COMPANY = Asked("company.name")
# Asked one by one of those who come back.
_LATER = (
    Asked("lead.job_title", priority=1),
    Asked("company.sector", priority=2),
    Asked("company.headcount", priority=3),
    Asked("lead.project_month", priority=4),
    Asked("lead.budget_range", priority=5),
)

STARTERS: tuple[Starter, ...] = (
    Starter(
        "contact",
        "message-circle",
        _("Contact"),
        _("A question, a wish to be called back: ready for sales at once."),
        _("Contact us"),
        _("Tell us what you are working on. We answer within one working day."),
        _("Send"),
        _("Thank you. Somebody who knows the subject will answer you within one working day."),
        "contact_requested",
        Channel.CONTENT,
        (*_NAMES, _EMAIL, Asked("lead.phone"), _COMPANY, Asked("lead.need", is_required=True)),
        ("newsletter",),
    ),
    Starter(
        "quote",
        "file-invoice",
        _("Quote request"),
        _("Need, budget and month: what a rep must know to answer with a figure."),
        _("Ask for a quote"),
        _("Two minutes: enough for us to answer with a figure."),
        _("Ask for my quote"),
        _("Thank you. Your quote will be with you within two working days."),
        "quote_requested",
        Channel.CONTENT,
        (
            *_NAMES,
            _EMAIL,
            Asked("lead.phone"),
            _COMPANY,
            Asked("lead.need", is_required=True),
            Asked("lead.budget_range"),
            Asked("lead.project_month"),
        ),
        ("nurturing",),
    ),
    Starter(
        "white_paper",
        "book",
        _("White paper"),
        _("The content behind a short form; those who come back are asked a little more."),
        _("Read the white paper"),
        _("Where may we send it?"),
        _("Receive the white paper"),
        _("Thank you. The link is on its way to your mailbox."),
        "form_submitted",
        Channel.WHITE_PAPER,
        (_EMAIL, Asked("lead.first_name"), _COMPANY, *_LATER),
        ("nurturing", "newsletter"),
    ),
    Starter(
        "newsletter",
        "news",
        _("Newsletter"),
        _("An address and nothing else."),
        _("Our newsletter"),
        _("Once a month, what we have learned. Nothing else."),
        _("Subscribe"),
        _("Thank you. Please confirm your address by the message that we have just sent you."),
        "newsletter_subscribed",
        Channel.NEWSLETTER,
        (_EMAIL, Asked("lead.first_name", priority=1), Asked("lead.interests", priority=2)),
        ("newsletter",),
    ),
    Starter(
        "webinar",
        "presentation",
        _("Webinar"),
        _("A seat, and what the person hopes to hear."),
        _("Register for the webinar"),
        _("Forty-five minutes, then your questions. The recording is sent to all who registered."),
        _("Keep me a seat"),
        _("You are registered. The link to the webinar is on its way to your mailbox."),
        "webinar_registered",
        Channel.WEBINAR,
        (
            *_NAMES,
            _EMAIL,
            _COMPANY,
            Asked(
                "answer.expectation", label=_("What would you like us to speak about?"), type=AnswerType.TEXT
            ),
            *_LATER[:3],
        ),
        ("nurturing",),
    ),
    Starter(
        "event",
        "calendar-event",
        _("Event"),
        _("Who comes, and with whom."),
        _("Register for the event"),
        _("Places are few: one registration a person, please."),
        _("Register"),
        _("You are registered. We look forward to meeting you."),
        "event_registered",
        Channel.EVENT,
        (
            *_NAMES,
            _EMAIL,
            Asked("lead.phone"),
            _COMPANY,
            Asked(
                "answer.session",
                label=_("When do you come?"),
                type=AnswerType.CHOICE,
                options=(_("Morning"), _("Afternoon"), _("All day")),
            ),
        ),
        ("newsletter",),
        Acquisition.DIRECT,
    ),
    Starter(
        "trade_show",
        "building-store",
        _("Trade-show stand"),
        _("Behind a QR code on the stand: short enough for a thumb."),
        _("Let us stay in touch"),
        _("You have just spoken with us: leave us how to reach you."),
        _("Leave my details"),
        _("Thank you. Enjoy the show."),
        "trade_show_meeting",
        Channel.TRADE_SHOW,
        (
            *_NAMES,
            _EMAIL,
            Asked("lead.phone"),
            _COMPANY,
            Asked("lead.need"),
        ),
        ("nurturing", "phone"),
        Acquisition.DIRECT,
    ),
)
BY_CODE = {starter.code: starter for starter in STARTERS}
