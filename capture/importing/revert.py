"""Taking an import back: leads it made and nobody touched since are removed, values it changed are restored.

What somebody has built upon stays, with the reason: a lead that did something, was worked, written to,
consented or was changed; a value that is no longer the one the import wrote.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q

from accounts.models import User
from capture.choices import RowState
from capture.importing.known import plain
from capture.models import Import, ImportedCompany, ImportRow
from capture.sql import update
from leads.actions.agenda import wake
from leads.actions.journal import past_append_only
from leads.actions.profiles import Change, columns_of, history_row
from leads.choices import Origin
from leads.incoming import event_key
from leads.lead_links import lead_links
from leads.models import Company, Event, EventKey, Lead, ListMembership, ProfileChange, Source, Touch
from leads.normalise import searchable

SLICE = 500
_RELATIONS = {"company": "company_id", "owner": "owner_id"}
# Rows that the pipeline draws from what the import wrote, or that the import wrote itself: no reason to stay.
_CONCLUSIONS = frozenset(
    """
    scoring.LeadScore scoring.ScoreChange funnel.Standing leads.LeadKeys leads.Touch leads.Candidate
    leads.Wake leads.Due leads.ListMembership leads.WebhookDelivery leads.Event leads.ProfileChange
    capture.ImportRow
    """.split()  # noqa: SIM905  # a list of words reads best as words
)


def began(batch: Import) -> datetime:
    """When the run began; everything that it wrote carries this moment."""
    assert batch.started_at is not None
    return batch.started_at


@dataclass(slots=True)
class Preview:
    """What taking back will do: leads removed, leads kept by reason, values restored and kept."""

    removed: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    restored: int = 0
    values_kept: int = 0
    companies: int = 0
    samples: list[dict[str, str]] = field(default_factory=list)

    def add(self, other: Preview) -> None:
        """Count together."""
        self.removed += other.removed
        self.kept.update(other.kept)
        self.restored += other.restored
        self.values_kept += other.values_kept
        self.samples = [*self.samples, *other.samples][:10]

    def as_json(self) -> dict[str, Any]:
        """As the import keeps it."""
        return {
            "removed": self.removed,
            "kept": dict(self.kept),
            "restored": self.restored,
            "values_kept": self.values_kept,
            "companies": self.companies,
            "samples": self.samples,
        }


def preview(batch: Import) -> Preview:
    """What taking the import back would do now; nothing is written."""
    told = Preview()
    for rows in _slices(batch):
        told.add(_take_back(batch, rows, None, write=False))
    told.companies = len(_companies_to_go(batch))
    return told


def take_back(batch: Import, *, by: User | None, now: datetime) -> Preview:
    """Take it back, a slice of rows a transaction; what was taken back before stays so."""
    told = Preview()
    for rows in _slices(batch):
        with transaction.atomic():
            told.add(_take_back(batch, rows, _Hand(by, now), write=True))
    with transaction.atomic():
        told.companies = _take_back_companies(batch)
    return told


@dataclass(frozen=True, slots=True)
class _Hand:
    """Who takes back, and when."""

    by: User | None
    now: datetime


def _slices(batch: Import) -> Iterable[list[ImportRow]]:
    """The rows that touched a lead, the last first, so that values go back the way they came. A slice never
    parts the rows of one row number."""
    last = None
    while True:
        rows = ImportRow.objects.filter(batch=batch).exclude(lead=None).order_by("-line")
        found = list(rows.filter(line__lt=last)[:SLICE] if last is not None else rows[:SLICE])
        if not found:
            return
        last = found[-1].line
        yield found


def _take_back(batch: Import, rows: Sequence[ImportRow], hand: _Hand | None, *, write: bool) -> Preview:
    told = Preview()
    made = [row.lead_id for row in rows if row.state == RowState.NEW and row.lead_id]
    reasons = _reasons_to_stay(batch, made, locked=write)
    going = [lead for lead in made if lead not in reasons]
    told.removed = len(going)
    told.kept.update(reasons.values())
    told.samples = _samples(reasons)
    changed = [row for row in rows if row.state != RowState.NEW and row.before]
    born = _born(batch, {row.lead_id for row in changed if row.lead_id})
    _restore([row for row in changed if row.lead_id not in born], told, hand, write=write)
    if write and hand:
        _leave_lists(batch, [row.lead_id for row in rows if row.state != RowState.NEW and row.lead_id])
        _void_events(batch, [row for row in rows if row.state != RowState.NEW], hand)
        _remove(going)
    return told


def _born(batch: Import, leads: set[int]) -> set[int]:
    """Those of the leads that this import made: they go or stay as a whole."""
    rows = ImportRow.objects.filter(batch=batch, lead__in=leads, state=RowState.NEW)
    return {lead for lead in rows.values_list("lead_id", flat=True) if lead}


# Leads that were made ----------------------------------------------------------------------------------


def _reasons_to_stay(batch: Import, leads: Sequence[int], *, locked: bool) -> dict[int, str]:
    """For each lead that has to stay, why (a code)."""
    if not leads:
        return {}
    rows = Lead.objects.filter(pk__in=leads).order_by("pk")
    if locked:
        rows = rows.select_for_update(of=("self",), no_key=True)
    present = {lead.pk: lead for lead in rows}
    reasons = {lead: "gone" for lead in leads if lead not in present}
    reasons |= {pk: "gone" for pk, lead in present.items() if lead.erased_at or lead.merged_into_id}
    for code, found in _signs(batch, list(present)):
        for lead in found:
            reasons.setdefault(lead, code)
    return reasons


def _signs(batch: Import, leads: list[int]) -> Iterable[tuple[str, set[int]]]:
    """Sets of leads of which something says that somebody built upon them."""
    mine = Q(lead__in=leads)
    yield "merged", set(Lead.objects.filter(merged_into__in=leads).values_list("merged_into_id", flat=True))
    events = Event.objects.filter(mine, kind__is_internal=False).exclude(source_id=Source.IMPORT)
    yield "active", set(events.values_list("lead_id", flat=True))
    changes = ProfileChange.objects.filter(mine).exclude(origin=Origin.IMPORT, at=began(batch))
    yield "changed", set(changes.exclude(origin=Origin.DEDUCED).values_list("lead_id", flat=True))
    others = ImportRow.objects.filter(mine).exclude(batch=batch)
    yield "imported_again", set(others.values_list("lead_id", flat=True))
    touches = Touch.objects.filter(mine, at__gt=batch.started_at)
    yield "active", set(touches.values_list("lead_id", flat=True))
    for model, key in _tables_of_leads():
        yield _CODES.get(model._meta.label, "linked"), _linked(model, key, leads, batch)


_CODES = {
    "nurturing.Message": "written_to",
    "nurturing.Enrolment": "in_track",
    "funnel.Passage": "in_sales",
    "funnel.Offer": "in_sales",
    "funnel.Opportunity": "in_sales",
    "leads.ConsentEvent": "consented",
}


def _tables_of_leads() -> list[tuple[type[models.Model], str]]:
    """Every table whose rows are a reason to stay, with its key: a new table is one until it is said to hold
    conclusions only."""
    return [
        (model, link.key)
        for model, link in lead_links()
        if link.key and link.key != "pk" and model._meta.label not in _CONCLUSIONS
    ]


def _linked(model: type[models.Model], key: str, leads: list[int], batch: Import) -> set[int]:
    rows = model._default_manager.filter(**{f"{key}__in": leads})
    match model._meta.label:
        case "leads.ConsentEvent":
            rows = rows.exclude(actor=f"import:{batch.public_id}")
        case "funnel.Passage":
            rows = rows.exclude(is_imported=True).filter(actor__isnull=False)
        case "funnel.Opportunity":
            rows = rows.filter(lead__passages__is_imported=False, lead__passages__actor__isnull=False)
        case "nurturing.Message":
            rows = rows.exclude(state__in=["planned", "held"])
    return set(rows.values_list(key, flat=True))


def _samples(reasons: Mapping[int, str]) -> list[dict[str, str]]:
    leads = Lead.objects.in_bulk(list(reasons)[:10])
    return [
        {"lead": str(lead.public_id), "name": lead.display_name, "reason": reasons[pk]}
        for pk, lead in leads.items()
        if reasons[pk] != "gone"
    ]


def _remove(leads: Sequence[int]) -> None:
    """As if they had never come in: rows, history, events and the memory of these events."""
    if not leads:
        return
    events = Event.objects.filter(lead__in=leads)
    keys = [
        UUID(bytes=event_key(source, name)) for source, name in events.values_list("source_id", "event_id")
    ]
    with past_append_only(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ecluse.may_delete_events = 'on'")
        cursor.execute("DELETE FROM leads_event WHERE lead_id = ANY(%s)", [list(leads)])
        cursor.execute("SET LOCAL ecluse.may_delete_events = 'off'")
        EventKey.objects.filter(key__in=keys).delete()
        ImportRow.objects.filter(lead__in=leads).update(lead=None, before=None)
        cursor.execute("DELETE FROM leads_wake WHERE lead_id = ANY(%s)", [list(leads)])
        cursor.execute("DELETE FROM leads_due WHERE lead_id = ANY(%s)", [list(leads)])
        Lead.objects.filter(pk__in=leads).delete()


# Leads that were known ---------------------------------------------------------------------------------


def _restore(rows: Sequence[ImportRow], told: Preview, hand: _Hand | None, *, write: bool) -> None:
    """Give values back, the last row's first, where the lead still has what the import wrote."""
    found = Lead.objects.filter(pk__in={row.lead_id for row in rows}).select_related("company").order_by("pk")
    leads = {lead.pk: lead for lead in (found.select_for_update(of=("self",)) if write else found)}
    changes: dict[int, list[Change]] = defaultdict(list)
    for row in rows:
        lead = leads.get(row.lead_id or 0)
        if lead is None or lead.erased_at or lead.merged_into_id:
            told.values_kept += len(row.before or {})
            continue
        for name, (old, new) in (row.before or {}).items():
            if _now(lead, name) != new:
                told.values_kept += 1
                continue
            changes[lead.pk].append(Change(name, _object(name, new), _object(name, old)))
            _set(lead, name, old)
            told.restored += 1
    if write and hand and changes:
        _write(leads, changes, hand)
        ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(before=None)


def _now(lead: Lead, name: str) -> object:
    return plain(getattr(lead, _RELATIONS.get(name, name)))


def _object(name: str, value: object) -> object:
    """A value as history shows it."""
    if name == "company" and value is not None:
        return Company.objects.filter(pk=int(str(value))).first()
    return value


def _set(lead: Lead, name: str, value: Any) -> None:
    if name == "project_month" and value:
        value = date.fromisoformat(value)
    setattr(lead, _RELATIONS.get(name, name), value)


def _write(leads: Mapping[int, Lead], changes: Mapping[int, list[Change]], hand: _Hand) -> None:
    names = set().union(*(columns_of(made) for made in changes.values()))
    columns = tuple(sorted({_RELATIONS.get(name, name) for name in names} | {"search_text"}))
    rows = []
    for pk in changes:
        lead = leads[pk]
        lead.search_text = searchable(
            lead.first_name, lead.last_name, lead.email, lead.phone, lead.reference
        )[:600]
        rows.append({"id": pk} | {column: plain(getattr(lead, column)) for column in columns})
    with connection.cursor() as cursor:
        cursor.execute(update("leads_lead", columns), {"rows": json.dumps(rows)})
    ProfileChange.objects.bulk_create(
        history_row(leads[pk], change, origin=Origin.IMPORT, at=hand.now, by=hand.by)
        for pk, made in changes.items()
        for change in made
        if change.field not in ("last_channel", "owner")
    )
    wake(changes)


def _leave_lists(batch: Import, leads: Sequence[int]) -> None:
    """Memberships that the import made; and its touches."""
    ListMembership.objects.filter(lead__in=leads, joined_at=began(batch)).delete()
    Touch.objects.filter(lead__in=leads, at=began(batch), channel=batch.channel).delete()


def _void_events(batch: Import, rows: Sequence[ImportRow], hand: _Hand) -> None:
    """Events that the import told of known leads no longer count."""
    names = [f"import:{batch.sha256[:32]}:{row.line}" for row in rows]
    leads = {row.lead_id for row in rows}
    told = Event.objects.filter(lead__in=leads, source_id=Source.IMPORT, event_id__in=names, voided_at=None)
    woken = set(told.values_list("lead_id", flat=True))
    told.update(voided_at=hand.now, void_reason="import taken back", signature_id=0)
    wake(lead for lead in woken if lead)


# Companies ---------------------------------------------------------------------------------------------


def _companies_to_go(batch: Import) -> list[int]:
    """Companies that the import made and where nobody works now (or will, once it is taken back)."""
    mine = ImportedCompany.objects.filter(batch=batch, is_new=True)
    going = ImportRow.objects.filter(batch=batch, state=RowState.NEW).values("lead")
    staying = Lead.objects.exclude(company=None).exclude(pk__in=going).values("company")
    return list(mine.exclude(company__in=staying).values_list("company_id", flat=True))


def _take_back_companies(batch: Import) -> int:
    """Remove companies without anybody, and give the others' values back."""
    noted = list(ImportedCompany.objects.filter(batch=batch).select_related("company").order_by("-pk"))
    peopled = set(
        Lead.objects.filter(company__in=[one.company_id for one in noted]).values_list(
            "company_id", flat=True
        )
    )
    going = {one.company_id for one in noted if one.is_new and one.company_id not in peopled}
    for one in noted:
        if one.company_id not in going and not one.is_new:
            _restore_company(one)
    with past_append_only():
        Company.objects.filter(pk__in=going).delete()
    return len(going)


def _restore_company(one: ImportedCompany) -> None:
    company, taken = one.company, []
    for name, (old, new) in one.before.items():
        if getattr(company, name) == new:
            setattr(company, name, old)
            taken.append(name)
    if taken:
        company.search_text = searchable(company.name, company.domain)[:260]
        company.save(update_fields=[*taken, "search_text"])
