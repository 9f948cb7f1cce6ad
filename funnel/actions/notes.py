"""What people write down about a lead, and whom they tell of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from funnel.actions.telling import tell
from funnel.mentions import mentioned
from funnel.models import Note
from funnel.queries.work import as_colleagues, colleagues_who_see
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.work import NOTE_EDITABLE, NOTE_LIMIT
from leads.models import Lead
from leads.normalise import clean_text


@transaction.atomic
def add_note(*, lead: Lead, by: User, now: datetime, text: str, key: UUID | None = None) -> Note:
    """Write something down about a lead one may see; by the same ``key`` once. Who is mentioned is told.

    Raises NotYours, Incomplete.
    """
    _require_sight(lead, by)
    if key and (known := Note.objects.filter(key=key, by=by).first()):
        return known
    note = Note(lead=lead, key=key or uuid4(), by=by, at=now, text=_checked(text))
    told = _spoken_to(note)
    note.mentioned = [one.pk for one in told]
    note.save()
    tell(users=told, kind="mention", lead=lead, now=now, who=by.full_name, note=note.pk)
    return note


@transaction.atomic
def edit_note(*, note: Note, by: User, now: datetime, text: str) -> Note:
    """Correct one's own note, for a quarter of an hour. Whom it mentions only now is told now.

    Raises NotYours, Incomplete, Refused (``note_final``, ``note_deleted``).
    """
    note = _held(note)
    if note.by_id != by.pk:
        raise NotYours
    if now > note.at + NOTE_EDITABLE:
        raise Refused("note_final")
    checked = _checked(text)
    if checked != note.text:
        note.text, note.edited_at = checked, now
        fresh = [one for one in _spoken_to(note) if one.pk not in note.mentioned]
        note.mentioned = [*note.mentioned, *(one.pk for one in fresh)]
        note.save(update_fields=["text", "edited_at", "mentioned"])
        tell(users=fresh, kind="mention", lead=note.lead, now=now, who=by.full_name, note=note.pk)
    return note


@transaction.atomic
def delete_note(*, note: Note, by: User, now: datetime) -> None:
    """Take a note away: its author, or an administrator. That there was one stays. Twice is no error.

    Raises NotYours.
    """
    note = Note.objects.select_related("lead").select_for_update(of=("self",)).get(pk=note.pk)
    _require_sight(note.lead, by)
    if by.pk != note.by_id and by.role != Role.ADMIN:
        raise NotYours
    if note.deleted_at is None:
        note.text, note.deleted_at, note.deleted_by = "", now, by
        note.save(update_fields=["text", "deleted_at", "deleted_by"])


def _held(note: Note) -> Note:
    note = Note.objects.select_related("lead").select_for_update(of=("self",)).get(pk=note.pk)
    if note.deleted_at:
        raise Refused("note_deleted")
    return note


def _require_sight(lead: Lead, by: User) -> None:
    if not Lead.objects.filter(pk=lead.pk).visible_to(by).present().exists():
        raise NotYours


def _checked(text: str) -> str:
    clean = clean_text(text)
    if not clean:
        raise Incomplete("note_empty", field="text")
    if len(clean) > NOTE_LIMIT:
        raise Incomplete("note_too_long", field="text", limit=NOTE_LIMIT)
    return clean


def _spoken_to(note: Note) -> list[User]:
    """The colleagues a note mentions who may see the lead; nobody is told of what they wrote themselves."""
    if "@" not in note.text:
        return []
    people = {one.pk: one for one in colleagues_who_see(note.lead) if one.pk != note.by_id}
    return [people[number] for number in mentioned(note.text, as_colleagues(list(people.values())))]
