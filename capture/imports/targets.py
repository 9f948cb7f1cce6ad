"""What a column of a file may say: the catalogue of targets.

A target is ``lead.<field>``, ``company.<field>``, ``custom.<code>``, ``company_custom.<code>``,
``consent.<purpose>.<channel>``, ``event.<part>``, ``outcome.<part>`` or ``owner``; "" ignores the column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.channels import Channel
from leads.choices import (
    Audience,
    BudgetRange,
    ContactChannel,
    DecisionRole,
    Headcount,
    Purpose,
    Sector,
    Seniority,
    Turnover,
)
from leads.custom_fields import Definition

Text = str | Promise


class Kind(StrEnum):
    """How the cells of a column are read."""

    LINE = "line"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    DATE = "date"
    MONTH = "month"
    CHOICE = "choice"
    COUNTRY = "country"
    LANGUAGE = "language"
    WORDS = "words"
    LINK = "link"
    DOMAIN = "domain"
    SIREN = "siren"
    AMOUNT = "amount"
    ANSWER = "answer"
    CUSTOM = "custom"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Target:
    """One target: how people read it, how its cells are read, what fits in."""

    code: str
    label: Text
    kind: Kind = Kind.LINE
    limit: int = 200
    choices: tuple[tuple[str, Text], ...] = ()
    definition: Definition | None = None

    @property
    def field(self) -> str:
        """The part after the first dot."""
        return self.code.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Group:
    """Targets under one heading."""

    label: Text
    targets: tuple[Target, ...]


def _choices(vocabulary: type) -> tuple[tuple[str, Text], ...]:
    return tuple(vocabulary.choices)  # type: ignore[attr-defined]  # every Django vocabulary has them


LEAD = (
    Target("lead.email", _("Email"), Kind.EMAIL, 254),
    Target("lead.email_2", _("Second email, used where the first is missing"), Kind.EMAIL, 254),
    Target("lead.phone", _("Phone"), Kind.PHONE, 60),
    Target("lead.phone_2", _("Second phone, used where the first is missing"), Kind.PHONE, 60),
    Target("lead.reference", _("Outside reference"), Kind.LINE, 120),
    Target("lead.first_name", _("First name"), Kind.LINE, 100),
    Target("lead.last_name", _("Last name"), Kind.LINE, 100),
    Target("lead.full_name", _("First and last name together"), Kind.NAME, 200),
    Target("lead.language", _("Language"), Kind.LANGUAGE, 5),
    Target("lead.address", _("Address"), Kind.LINE, 200),
    Target("lead.postcode", _("Postcode"), Kind.LINE, 12),
    Target("lead.city", _("City"), Kind.LINE, 100),
    Target("lead.region", _("Region"), Kind.LINE, 80),
    Target("lead.country", _("Country"), Kind.COUNTRY, 2),
    Target("lead.job_title", _("Function"), Kind.LINE, 120),
    Target("lead.department", _("Department"), Kind.LINE, 80),
    Target("lead.seniority", _("Seniority"), Kind.CHOICE, choices=_choices(Seniority)),
    Target("lead.company_role", _("Role in the decision"), Kind.CHOICE, choices=_choices(DecisionRole)),
    Target("lead.need", _("Need"), Kind.TEXT, 2000),
    Target("lead.pain_point", _("Challenge"), Kind.TEXT, 2000),
    Target("lead.project_month", _("Project horizon"), Kind.MONTH),
    Target("lead.budget_range", _("Budget"), Kind.CHOICE, choices=_choices(BudgetRange)),
    Target("lead.interests", _("Interests, separated by commas"), Kind.WORDS, 60),
    Target("lead.linkedin", _("LinkedIn profile"), Kind.LINK, 300),
    Target("lead.audience", _("B2B or B2C"), Kind.CHOICE, choices=_choices(Audience)),
    Target("lead.created_at", _("First contact"), Kind.DATE),
    Target("lead.channel", _("Channel"), Kind.CHOICE, choices=_choices(Channel)),
    Target("lead.landing_page", _("Landing page"), Kind.LINE, 500),
)
COMPANY = (
    Target("company.name", _("Company"), Kind.LINE, 200),
    Target("company.domain", _("Company's domain or website"), Kind.DOMAIN, 253),
    Target("company.siren", _("SIREN or SIRET"), Kind.SIREN, 9),
    Target("company.sector", _("Sector"), Kind.CHOICE, choices=_choices(Sector)),
    Target("company.headcount", _("Headcount"), Kind.CHOICE, choices=_choices(Headcount)),
    Target("company.turnover", _("Turnover"), Kind.CHOICE, choices=_choices(Turnover)),
    Target("company.postcode", _("Company's postcode"), Kind.LINE, 12),
    Target("company.region", _("Company's region"), Kind.LINE, 80),
    Target("company.country", _("Company's country"), Kind.COUNTRY, 2),
)
SALES = (Target("owner", _("Owner: a colleague's email or name"), Kind.OWNER),)
PURPOSES = (Purpose.NEWSLETTER, Purpose.NURTURING, Purpose.SALES, Purpose.TRACKING)
CHANNELS = (ContactChannel.EMAIL, ContactChannel.PHONE, ContactChannel.SMS, ContactChannel.POST)
CONSENT = (
    *(
        Target(f"consent.{purpose}.{channel}", f"{purpose.label} – {channel.label}", Kind.ANSWER)
        for purpose in PURPOSES
        for channel in CHANNELS
        if channel == ContactChannel.EMAIL or purpose in (Purpose.SALES, Purpose.NURTURING)
    ),
    Target("consent.at", _("Date of the consent"), Kind.DATE),
    Target("consent.proof", _("Proof: form, page or wording"), Kind.LINE, 200),
)
EVENT = (
    Target("event.kind", _("What happened: kind of event"), Kind.LINE, 80),
    Target("event.at", _("When it happened"), Kind.DATE),
    Target("event.content", _("Content concerned: code or title"), Kind.LINE, 200),
    Target("event.note", _("Note"), Kind.LINE, 500),
)
OUTCOME = (
    Target("outcome.state", pgettext_lazy("import", "Won, lost, customer, MQL …"), Kind.LINE, 40),
    Target("outcome.at", _("Date of the outcome"), Kind.DATE),
    Target("outcome.amount", _("Amount"), Kind.AMOUNT),
    Target("outcome.product", _("Product"), Kind.LINE, 200),
    Target("outcome.reason", _("Reason of the loss"), Kind.LINE, 120),
)
STANDARD = (
    Group(_("The person"), LEAD),
    Group(_("The company"), COMPANY),
    Group(_("Sales"), SALES),
    Group(_("Consents"), CONSENT),
    Group(_("Past events"), EVENT),
    Group(_("What became of it"), OUTCOME),
)
# Only these may stand for several columns; every other target takes one.
IDENTITIES = ("lead.email", "lead.email_2", "lead.phone", "lead.phone_2", "lead.reference")


def catalogue(lead_fields: Iterable[Definition], company_fields: Iterable[Definition]) -> tuple[Group, ...]:
    """The standard targets and the installation's custom fields, as the mapping page offers them."""
    own = (
        Group(_("Custom fields of leads"), tuple(_custom("custom", one) for one in lead_fields)),
        Group(
            _("Custom fields of companies"), tuple(_custom("company_custom", one) for one in company_fields)
        ),
    )
    return STANDARD[:2] + tuple(group for group in own if group.targets) + STANDARD[2:]


def _custom(prefix: str, definition: Definition) -> Target:
    return Target(
        f"{prefix}.{definition.code}",
        definition.label or definition.code,
        Kind.CUSTOM,
        1000,
        definition=definition,
    )


def by_code(groups: Iterable[Group]) -> Mapping[str, Target]:
    """Each target of a catalogue by its code."""
    return {target.code: target for group in groups for target in group.targets}
