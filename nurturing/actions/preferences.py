"""A person's own choices: each is one line of the ledger, and counts at once.

Messages that are planned already need no touch: the gate asks again just before each leaves.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from leads.actions.consent import record_consent, release, suppress
from leads.actions.people import update_profile
from leads.choices import ConsentState, ContactChannel, Origin, SuppressionReason
from leads.choices import Purpose as LegalPurpose
from leads.models import Lead
from leads.queries import contact_facts
from nurturing.actions.unsubscribe import leave
from nurturing.policy import Purpose
from nurturing.preferences import OFFERED, WORDS_VERSION, Key, preferences_of

PAUSE = timedelta(days=90)
ACTOR = "preferences"
_MARKETING = (LegalPurpose.NEWSLETTER, LegalPurpose.NURTURING, LegalPurpose.SALES)


@transaction.atomic
def choose(*, lead: Lead, purpose: LegalPurpose, channel: ContactChannel, is_on: bool, now: datetime) -> bool:
    """Say yes or no to one purpose on one channel; False when it stood so already.

    The link came to the person's own address, so their yes may lift an earlier "nothing any more"; what
    they do not choose now stays off all the same.
    """
    lead = _locked(lead)
    present = {(each.purpose, each.channel): each for each in preferences_of(lead, at=now).choices}
    known = present.get((purpose, channel))
    said = ConsentState.GRANTED if is_on else ConsentState.WITHDRAWN
    if known is None or (known.is_on == is_on and known.said in {said, None}):
        return False
    if is_on and channel == ContactChannel.EMAIL and lead.email and purpose in _MARKETING:
        _come_back(lead, but=(purpose, channel), now=now)
    _say(lead, (purpose, channel), said, now=now)
    return True


@transaction.atomic
def stop_everything(*, lead: Lead, now: datetime) -> None:
    """Nothing any more, by no channel, and no measuring: one line for each thing that was not off."""
    lead = _locked(lead)
    facts = contact_facts([lead.pk], at=now)[lead.pk]
    off = {
        key
        for key, consent in facts.consents.items()
        if consent.state in {ConsentState.WITHDRAWN, ConsentState.DENIED}
    }
    shown = {(each.purpose, each.channel) for each in preferences_of(lead, at=now).choices}
    for key in sorted((shown | set(facts.consents)) - off):
        _say(lead, key, ConsentState.WITHDRAWN, now=now)
    if lead.email and SuppressionReason.UNSUBSCRIBED not in facts.suppressions:
        leave(lead, purpose=Purpose.NEWSLETTER, now=now)


@transaction.atomic
def pause(*, lead: Lead, now: datetime) -> datetime | None:
    """No marketing mail for three months; until when. What the person chose stays as it is."""
    lead = _locked(lead)
    if not lead.email:
        return None
    until = now + PAUSE
    suppress(address=lead.email, reason=SuppressionReason.PAUSED, now=now, until=until)
    return until


@transaction.atomic
def end_pause(*, lead: Lead, now: datetime) -> None:
    """Go on as before."""
    lead = _locked(lead)
    if lead.email:
        release(address=lead.email, reasons=[SuppressionReason.PAUSED], now=now)


@transaction.atomic
def speak(*, lead: Lead, language: str, now: datetime) -> None:
    """The language the person wishes to be written in."""
    update_profile(lead=_locked(lead), changes={"language": language}, origin=Origin.FORM, now=now)


def _come_back(lead: Lead, *, but: Key, now: datetime) -> None:
    """Lift "nothing any more" for one choice: whatever else it kept off is now off by its own line."""
    facts = contact_facts([lead.pk], at=now)[lead.pk]
    if SuppressionReason.UNSUBSCRIBED not in facts.suppressions:
        return
    for key in _others(but):
        consent = facts.consents.get(key)
        if consent is None or consent.state == ConsentState.GRANTED:
            _say(lead, key, ConsentState.WITHDRAWN, now=now)
    release(address=lead.email or "", reasons=[SuppressionReason.UNSUBSCRIBED], now=now)


def _others(but: Key) -> Collection[Key]:
    return [key for key in OFFERED if key != but and key[1] == ContactChannel.EMAIL and key[0] in _MARKETING]


def _say(lead: Lead, key: Key, state: ConsentState, *, now: datetime) -> None:
    record_consent(
        lead=lead,
        purpose=key[0],
        channel=key[1],
        state=state,
        now=now,
        text_version=WORDS_VERSION,
        actor=ACTOR,
    )


def _locked(lead: Lead) -> Lead:
    return Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
