"""Appointments with a lead: proposed, moved, called off, answered, held or missed.

Whatever the other side has to know is noted as a mail to be sent (MeetingMail), in the same transaction;
the mail worker above sends each once. Events tell scoring and the timeline: booked when both sides agreed,
held, missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import checked_line
from funnel.actions.standing import held, manages_sales, require_worker
from funnel.actions.telling import tell
from funnel.meetings import Act, MeetingState, Method, after, meeting_refusal, time_refusal
from funnel.models import Meeting, MeetingKind, MeetingMail, Rep, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import CUSTOMER, SAL, SQL
from leads.actions.events import record_event
from leads.bell import ring
from leads.choices import ContactChannel, Purpose
from leads.consent import may_contact
from leads.models import Lead, Source
from leads.queries import contact_facts

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Plan:
    """When and where. ``place``: where people meet; ``link``: the address of a video room."""

    starts_at: datetime
    ends_at: datetime
    place: str = ""
    link: str = ""


@transaction.atomic
def propose_meeting(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    kind: str,
    title: str,
    plan: Plan,
    invites: bool = True,
    is_agreed: bool = False,
    key: UUID | None = None,
) -> Meeting:
    """Note an appointment with a lead that sales work, and have the lead invited by email.

    ``is_agreed``: the person has said yes already, on the phone say; then the invitation confirms it, else
    it is sales contact and the law on canvassing decides. ``key`` names the form: sent twice, it is one
    meeting. Raises Refused (``not_with_sales``, ``meeting_length``, ``meeting_far_off``,
    ``meeting_no_email``, ``meeting_no_consent``), NotYours, Incomplete.
    """
    standing = held(lead.pk)
    if key and (known := Meeting.objects.filter(public_id=key, lead=lead).first()):
        return known
    rep = _require_rep(standing, by)
    public_id = key or uuid4()
    meeting = Meeting(
        public_id=public_id,
        lead=standing.lead,
        rep=rep,
        kind=MeetingKind(kind),
        title=_title(title),
        time_zone=rep.time_zone,
        language=lead.language if lead.language in LANGUAGES else "fr",
        state=MeetingState.ACCEPTED if is_agreed else MeetingState.PROPOSED,
        uid=f"{public_id.hex}@{urlsplit(settings.SITE_URL).hostname}",
        created_at=now,
        created_by=by,
    )
    _set_plan(meeting, plan, now=now)
    if is_agreed and meeting.starts_at > now:
        meeting.booked_at = now
    meeting.save(force_insert=True)
    if meeting.booked_at:
        _tell_scoring(meeting, "meeting_booked", at=now, now=now)
    if invites and meeting.starts_at > now:
        _require_reachable(meeting, now=now)
        _mail(meeting, Method.REQUEST, now=now)
    return meeting


def _require_rep(standing: Standing, by: User) -> Rep:
    """Whose appointment it is: who works the lead, or who won it. Raises Refused, NotYours."""
    if standing.position == CUSTOMER:
        rep = Rep.objects.select_related("user").filter(pk=standing.lead.owner_id).first()
        if rep is None or (rep.pk != by.pk and not manages_sales(by)):
            raise NotYours
        return rep
    require_worker(standing, by)
    if standing.position not in (SAL, SQL) or standing.rep is None:
        raise Refused("not_with_sales")
    return standing.rep


def _title(text: str) -> str:
    title = checked_line(text, "title", limit=120)
    if not title:
        raise Incomplete("title_required", field="title")
    return title


def _set_plan(meeting: Meeting, plan: Plan, *, now: datetime) -> None:
    """Write the plan onto the meeting. Raises Incomplete for what cannot be."""
    if code := time_refusal(plan.starts_at, plan.ends_at, now=now):
        raise Incomplete(code, field="starts_at")
    meeting.starts_at, meeting.ends_at = plan.starts_at, plan.ends_at
    meeting.place = checked_line(plan.place, "place", limit=200)
    meeting.link = _link(plan.link)


def _link(text: str) -> str:
    link = checked_line(text, "link", limit=500)
    if link and (urlsplit(link).scheme not in {"http", "https"} or not urlsplit(link).hostname):
        raise Incomplete("link_impossible", field="link")
    return link


def _require_reachable(meeting: Meeting, *, now: datetime) -> None:
    """Raises Refused when this person may not be written to for this purpose."""
    if not meeting.lead.email:
        raise Refused("meeting_no_email")
    facts = contact_facts([meeting.lead_id], at=now)[meeting.lead_id]
    if not may_contact(facts, channel=ContactChannel.EMAIL, purpose=_purpose(meeting)).allowed:
        raise Refused("meeting_no_consent")


def _purpose(meeting: Meeting) -> Purpose:
    return Purpose.TRANSACTIONAL if meeting.booked_at else Purpose.SALES


def _mail(meeting: Meeting, method: Method, *, now: datetime) -> None:
    purpose = Purpose.TRANSACTIONAL if method is Method.CANCEL else _purpose(meeting)
    MeetingMail.objects.create(
        meeting=meeting,
        method=method,
        sequence=meeting.sequence,
        address=meeting.lead.email or "",
        purpose=purpose,
        asked_at=now,
    )
    ring("mail")


def _is_invited(meeting: Meeting) -> bool:
    return meeting.mails.filter(method=Method.REQUEST).exists()


@transaction.atomic
def move_meeting(*, meeting: Meeting, by: User, now: datetime, plan: Plan, title: str = "") -> Meeting:
    """Another time or place: proposed again, the guest told, earlier answers void. The same plan twice is
    no change. Raises Refused (``meeting_closed`` …), NotYours, Incomplete."""
    mine = _held_meeting(meeting, by)
    _allow(mine, Act.MOVE, now=now)
    before = (mine.starts_at, mine.ends_at, mine.place, mine.link, mine.title)
    _set_plan(mine, plan, now=now)
    mine.title = _title(title) if title else mine.title
    if before == (mine.starts_at, mine.ends_at, mine.place, mine.link, mine.title):
        return mine
    mine.sequence += 1
    mine.state, mine.answered_at = after(Act.MOVE), None
    mine.save()
    if _is_invited(mine):
        _require_reachable(mine, now=now)
        _mail(mine, Method.REQUEST, now=now)
    return mine


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, by: User, now: datetime) -> Meeting:
    """Call it off; who was invited is told. Doing it twice is no error. Raises Refused, NotYours."""
    mine = _held_meeting(meeting, by)
    _allow(mine, Act.CANCEL, now=now)
    if mine.state == MeetingState.CANCELLED:
        return mine
    mine.sequence += 1
    mine.state = after(Act.CANCEL)
    mine.save(update_fields=["state", "sequence"])
    if _is_invited(mine) and mine.ends_at > now and mine.lead.email:
        _mail(mine, Method.CANCEL, now=now)
    return mine


@transaction.atomic
def close_meeting(*, meeting: Meeting, by: User, now: datetime, was_held: bool) -> Meeting:
    """Say whether it took place. May be corrected; doing it twice is no error. Raises Refused
    (``meeting_not_yet``, ``meeting_closed``), NotYours."""
    mine = _held_meeting(meeting, by)
    act = Act.HOLD if was_held else Act.MISS
    _allow(mine, act, now=now)
    if mine.state != after(act):
        mine.state = after(act)
        mine.save(update_fields=["state"])
        kind = "meeting_held" if was_held else "meeting_missed"
        _tell_scoring(mine, kind, at=mine.starts_at, now=now)
    return mine


@transaction.atomic
def answer_meeting(*, meeting: Meeting, accepts: bool, sequence: int, now: datetime) -> Meeting:
    """The guest says yes or no to the version ``sequence``; the rep is told. The same answer twice is no
    error. Raises Refused: ``meeting_moved`` (there is a newer version), ``meeting_over``,
    ``meeting_closed``."""
    mine = _locked(meeting)
    if sequence < mine.sequence:
        raise Refused("meeting_moved")
    act = Act.ACCEPT if accepts else Act.DECLINE
    _allow(mine, act, now=now)
    if mine.state == after(act) and mine.answered_at:
        return mine
    mine.state, mine.answered_at = after(act), now
    books = accepts and mine.booked_at is None
    if books:
        mine.booked_at = now
    mine.save(update_fields=["state", "answered_at", "booked_at"])
    if books:
        _tell_scoring(mine, "meeting_booked", at=now, now=now)
    facts = {"what": mine.get_state_display(), "meeting": mine.pk, "version": mine.sequence}
    tell(users=[mine.rep.user], kind="meeting_answer", lead=mine.lead, now=now, **facts)
    return mine


def _locked(meeting: Meeting) -> Meeting:
    """The meeting, its lead locked first, as everywhere."""
    held(meeting.lead_id)
    found = Meeting.objects.select_related("lead", "rep__user").select_for_update(of=("self",))
    return found.get(pk=meeting.pk)


def _held_meeting(meeting: Meeting, by: User) -> Meeting:
    """The meeting, locked, for its rep, for who works the lead by now, or for who manages sales."""
    mine = _locked(meeting)
    if by.pk not in {mine.rep_id, mine.lead.owner_id} and not manages_sales(by):
        raise NotYours
    return mine


def _allow(meeting: Meeting, act: Act, *, now: datetime) -> None:
    state = MeetingState(meeting.state)
    span = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at}
    if code := meeting_refusal(act, state, now=now, **span):
        raise Refused(code)


def _tell_scoring(meeting: Meeting, kind: str, *, at: datetime, now: datetime) -> None:
    """The event, once for each meeting and kind."""
    record_event(
        lead_id=meeting.lead_id,
        kind=kind,
        occurred_at=at,
        now=now,
        source=Source.PEOPLE,
        event_id=f"meeting:{meeting.public_id}:{kind}",
        properties={"meeting": str(meeting.public_id), "sort": meeting.kind},
    )
