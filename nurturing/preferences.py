"""What a person may choose about our messages, with where each choice stands and in which words.

One line for each purpose and channel: the law asks that each be given and taken back by itself
(privacy bar 5.2, 5.3). Whether we may write is the law's one answer, ``leads.consent.may_contact``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.choices import ConsentState, ContactChannel, SuppressionReason
from leads.choices import Purpose as LegalPurpose
from leads.consent import Consent, ContactFacts, may_contact
from leads.fingerprint import fingerprint
from leads.models import ConsentEvent, ConsentWording, Lead, Suppression
from leads.queries import contact_facts
from nurturing.models import MailSettings

Key = tuple[LegalPurpose, ContactChannel]
Words = str | Promise

# What may be chosen, in the order shown: its name, and what it means in a sentence.
OFFERED: dict[Key, tuple[Words, Words]] = {
    (LegalPurpose.NEWSLETTER, ContactChannel.EMAIL): (
        _("Newsletter"),
        _("Our news, the same for everybody, by email."),
    ),
    (LegalPurpose.NURTURING, ContactChannel.EMAIL): (
        _("Advice and case studies"),
        _("Contents chosen for what you are interested in, by email."),
    ),
    (LegalPurpose.SALES, ContactChannel.EMAIL): (
        _("Emails from an adviser"),
        _("Somebody of our team writes to you about a project."),
    ),
    (LegalPurpose.SALES, ContactChannel.PHONE): (
        _("Calls from an adviser"),
        _("Somebody of our team calls you on the phone."),
    ),
    (LegalPurpose.TRACKING, ContactChannel.EMAIL): (
        _("Measuring what you read"),
        _("Whether you open our emails and which links you follow, so as to write more to the point."),
    ),
}
# Shown to those alone who once said something about it.
_ASKED_BY_SALES: dict[Key, tuple[Words, Words]] = {
    (LegalPurpose.TRANSFER, ContactChannel.EMAIL): (
        _("Passing on to a partner"),
        _("A partner who serves your project better receives your contact details."),
    ),
}
# The version of the words above, kept in the ledger with each choice.
WORDS_VERSION = "preferences-v1"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the page. ``since`` and ``words`` are what the person last said, if they ever did."""

    purpose: LegalPurpose
    channel: ContactChannel
    name: Words
    meaning: Words
    is_on: bool
    said: ConsentState | None
    since: datetime | None
    words: str

    @property
    def code(self) -> str:
        """What the page's button sends: "newsletter.email"."""
        return f"{self.purpose.value}.{self.channel.value}"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything the page shows of a person."""

    choices: list[Choice]
    paused_until: datetime | None
    is_out: bool


def preferences_of(lead: Lead, *, at: datetime) -> Preferences:
    """Where the person's choices stand now (seven queries)."""
    facts = contact_facts([lead.pk], at=at)[lead.pk]
    offered = [key for key in OFFERED if (lead.email if key[1] == ContactChannel.EMAIL else lead.phone)]
    offered += [key for key in _ASKED_BY_SALES if key in facts.consents]
    words = _words_said(facts)
    return Preferences(
        [_choice(key, facts, words) for key in offered],
        _paused_until(lead, at=at),
        SuppressionReason.UNSUBSCRIBED in facts.suppressions,
    )


def _choice(key: Key, facts: ContactFacts, words: dict[int, str]) -> Choice:
    consent = facts.consents.get(key)
    name, meaning = (OFFERED | _ASKED_BY_SALES)[key]
    return Choice(
        key[0],
        key[1],
        name,
        meaning,
        _is_on(key, facts, consent),
        consent.state if consent else None,
        consent.at if consent else None,
        words.get(consent.evidence_id, "") if consent else "",
    )


def _is_on(key: Key, facts: ContactFacts, consent: Consent | None) -> bool:
    """Whether we do it: measuring only after a yes; the rest as the law's one answer says, pauses aside."""
    if key[0] == LegalPurpose.TRACKING:
        return consent is not None and consent.state == ConsentState.GRANTED
    awake = replace(facts, suppressions=facts.suppressions - {SuppressionReason.PAUSED})
    return may_contact(awake, channel=key[1], purpose=key[0]).allowed


def _words_said(facts: ContactFacts) -> dict[int, str]:
    """Line of the ledger → the words of the box that was ticked then (three queries)."""
    lines = [consent.evidence_id for consent in facts.consents.values()]
    versions = dict(ConsentEvent.objects.filter(pk__in=lines).values_list("pk", "text_version"))
    codes = {version.rsplit("-", 2)[0] for version in versions.values() if version.count("-") >= 2}
    texts = {wording.text_version: wording.text for wording in ConsentWording.objects.filter(code__in=codes)}
    organisation = MailSettings.load().organisation
    return {
        pk: texts[version].replace("{controller}", organisation or gettext("our company"))
        for pk, version in versions.items()
        if version in texts
    }


def _paused_until(lead: Lead, *, at: datetime) -> datetime | None:
    """The end of a pause that is running."""
    if not lead.email:
        return None
    pauses = Suppression.objects.filter(
        fingerprint=fingerprint(lead.email), reason=SuppressionReason.PAUSED, released_at=None, until__gt=at
    )
    return pauses.values_list("until", flat=True).first()
