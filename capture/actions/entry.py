"""From the answers of a submission to a lead: recognised, completed, consents noted, event recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from capture.actions.mails import deliver_content, tell_colleagues
from capture.answers import Sorted, sort_answers
from capture.live import LiveForm
from capture.models import Submission
from capture.reading import Reading
from leads.actions.consent import record_consent, release
from leads.actions.events import new_event, record_events
from leads.actions.lists import join_list
from leads.actions.people import Arrival, Identity, recognise, update_profile
from leads.actions.profiles import Change, history_row
from leads.actions.touches import note_touch
from leads.actions.visitors import identify_visitor
from leads.api.lookups import kinds
from leads.channel_rules import marks_of
from leads.choices import ConsentState, ContactChannel, Origin, Purpose, SuppressionReason
from leads.erased import WasErased
from leads.incoming import canonical, digest_of
from leads.models import ConsentWording, Lead, Source, Verdict
from leads.sources import found_for

# What a person lifts who confirms, out of their own mailbox, that they want to be written to.
_LIFTED = [SuppressionReason.UNSUBSCRIBED, SuppressionReason.OBJECTION, SuppressionReason.SOFT_BOUNCE]
LONGEST_PROPERTY = 500


@dataclass(frozen=True, slots=True)
class Came:
    """By which channel and campaign somebody came, as the form says, else as its visit tells."""

    channel: str
    campaign_id: int | None


def enter(submission: Submission, live: LiveForm, reading: Reading, *, now: datetime) -> Lead | None:
    """The lead of these answers with all that follows; None for somebody who was erased.

    A form is filled by anybody in anybody's name: empty fields are filled, nothing known is overwritten.
    """
    answers = sort_answers(reading.values)
    came, moment = _came(submission, live), submission.confirmed_at or submission.received_at
    try:
        lead = _recognised(submission, live, answers, came, moment=moment)
    except WasErased:
        return None
    _note_consents(lead, submission, live, moment=moment)
    if submission.visitor_id:
        identify_visitor(visitor_id=submission.visitor_id, lead=lead, source_id=Source.FORMS, now=now)
    _note_touch(lead, submission, came, at=moment)
    if live.form.joins:
        join_list(lead=lead, joined=live.form.joins, now=moment)
    _record(lead, submission, live, answers, came, now=now)
    deliver_content(submission, live, lead, answers, now=now)
    tell_colleagues(submission, live, lead, answers, now=now)
    return lead


def _came(submission: Submission, live: LiveForm) -> Came:
    """The form's own channel, its campaign's, or what the visit tells."""
    form = live.form
    marks = marks_of(utm=submission.utm, referrer=submission.referrer, page=submission.page)
    found = found_for(marks)
    campaign = form.campaign
    channel = form.channel or (campaign.channel if campaign else "") or found.channel
    return Came(channel, campaign.pk if campaign else found.campaign)


def _recognised(
    submission: Submission, live: LiveForm, answers: Sorted, came: Came, *, moment: datetime
) -> Lead:
    """The lead, its profile and its company completed."""
    profile = {"language": live.form.language} | answers.profile
    custom = profile.pop("custom", {})
    lead = recognise(
        identity=Identity(answers.email, answers.phone),
        profile=profile,
        origin=Origin.FORM,
        now=moment,
        arrival=Arrival(came.channel, live.form.acquisition, submission.page),
        company=answers.company,
        overwrite=False,
        trusted=False,
    ).lead
    if unknown := _unknown(lead.custom, custom):
        update_profile(lead=lead, changes={"custom": unknown}, origin=Origin.FORM, now=moment)
    _complete_company(lead, answers.company_custom, at=moment)
    return lead


def _unknown(known: Mapping[str, object], told: object) -> dict[str, object]:
    """What was told and is not known yet."""
    table = told if isinstance(told, dict) else {}
    return {code: value for code, value in table.items() if known.get(code) in (None, "", [])}


def _complete_company(lead: Lead, told: Mapping[str, object], *, at: datetime) -> None:
    """Fill the company's custom fields that say nothing yet."""
    company = lead.company
    if company is None or not (unknown := _unknown(company.custom, dict(told))):
        return
    change = Change("custom", company.custom, company.custom | unknown)
    company.custom = company.custom | unknown
    company.save(update_fields=["custom"])
    history_row(company, change, origin=Origin.FORM, at=at, by=None).save()


def _note_consents(lead: Lead, submission: Submission, live: LiveForm, *, moment: datetime) -> None:
    """One line of the ledger for each box that was ticked, under the words that were shown."""
    wordings = ConsentWording.objects.in_bulk([each["wording"] for each in submission.consents])
    ticked = list(wordings.values())
    for box in ticked:
        record_consent(
            lead=lead,
            purpose=Purpose(box.purpose),
            channel=ContactChannel(box.channel),
            state=ConsentState.GRANTED,
            now=moment,
            text_version=box.text_version,
            form_version=f"{live.form.slug}-v{submission.form_version}",
            page_url=submission.page,
            ip_truncated=submission.ip_truncated,
            user_agent_hash=submission.user_agent_hash,
            actor=f"form:{live.form.slug}",
            doi_confirmed_at=submission.confirmed_at,
        )
    wants_mail = any(
        box.channel == ContactChannel.EMAIL and box.purpose != Purpose.TRACKING for box in ticked
    )
    if submission.confirmed_at and wants_mail and lead.email:
        release(address=lead.email, reasons=_LIFTED, now=moment)


def _note_touch(lead: Lead, submission: Submission, came: Came, *, at: datetime) -> None:
    note_touch(
        at=at,
        lead_id=lead.pk,
        channel=came.channel,
        campaign=came.campaign_id,
        utm=submission.utm,
        referrer=submission.referrer,
        page=submission.page,
    )


def _record(
    lead: Lead, submission: Submission, live: LiveForm, answers: Sorted, came: Came, *, now: datetime
) -> None:
    """The post as an event, named by its submission: taken in twice, it is there once."""
    form = live.form
    kind = kinds([form.kind]).get(form.kind) or kinds(["form_submitted"])["form_submitted"]
    properties = _properties(submission, live, answers)
    event = new_event(
        kind_id=kind.id,
        occurred_at=submission.received_at,
        source_id=Source.FORMS,
        event_id=str(submission.public_id),
        properties=properties,
        lead_id=lead.pk,
        visitor_id=submission.visitor_id,
        content_id=form.content_id,
        channel=came.channel,
        verdict=Verdict.HUMAN,
    )
    told = digest_of(canonical([kind.id, properties, str(submission.public_id)]))
    record_events([msgspec.structs.replace(event, digest=told)], now=now)


def _properties(submission: Submission, live: LiveForm, answers: Sorted) -> dict[str, object]:
    """Which form in which version, where and after which visit, and the answers that no profile keeps."""
    form = live.form
    about = {"page": submission.page, "referrer": submission.referrer, "track": form.track_code}
    utm = {f"utm_{name}": value for name, value in submission.utm.items()}
    told = {f"answer.{code}": _short(value) for code, value in answers.extras.items()}
    known = {name: value for name, value in (about | utm).items() if value}
    return {"form": form.slug, "version": submission.form_version} | known | told


def _short(value: object) -> object:
    return value[:LONGEST_PROPERTY] if isinstance(value, (str, list)) else value
