"""The profiles of many leads, each as it was known at an instant of its own: set-wise, for ``past.py``.

It gives what ``profiles.lead_facts(lead, names, at=…)`` gives for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from leads.choices import ConsentState
from leads.models import Company, ConsentEvent, Lead, ListMembership, ProfileChange
from scoring.engine.fields import CONSENT, PURPOSES, Profile
from scoring.profiles import Attributes, value_of


class At(Protocol):
    """A lead at an instant."""

    @property
    def lead_id(self) -> int: ...
    @property
    def at(self) -> datetime: ...


Changes = Mapping[int, Sequence[ProfileChange]]


def profiles_at(moments: Sequence[At], names: Sequence[str]) -> list[Profile]:
    """The ``names`` of each lead's profile as known at its moment; of a lead that is gone, nothing."""
    facts = _Facts(moments, names)
    return [facts.profile(moment) for moment in moments]


class _Facts:
    """Everything that these leads' profiles ever were, in the part that is asked for."""

    def __init__(self, moments: Sequence[At], names: Sequence[str]) -> None:
        self.names = names
        lead_ids = {moment.lead_id for moment in moments}
        self.leads = {row["id"]: row for row in Lead.objects.filter(pk__in=lead_ids).values()}
        since = min((moment.at for moment in moments), default=None)
        self.changes = _by("lead_id", ProfileChange.objects.filter(lead__in=lead_ids, at__gt=since))
        self._read_companies(since)
        self.lists = _by("lead_id", _memberships(lead_ids) if "lists" in names else ())
        asks_consent = any(name.startswith(CONSENT) for name in names)
        self.consents = _by("lead_id", _consents(lead_ids) if asks_consent else ())

    def _read_companies(self, since: datetime | None) -> None:
        """Those that the leads work for, and those they worked for before (named in their history)."""
        former = {
            change.old for rows in self.changes.values() for change in rows if change.field == "company"
        }
        current = {row["company_id"] for row in self.leads.values()}
        rows = list(Company.objects.filter(pk__in=current - {None}).values())
        # The first of the name, as lead_facts takes it.
        known = list(Company.objects.filter(name__in=former - {None}).order_by("-pk").values())
        self.companies = {row["id"]: row for row in [*rows, *known]}
        self.company_named = {row["name"]: row["id"] for row in known}
        changes = ProfileChange.objects.filter(company__in=self.companies, at__gt=since)
        self.company_changes = _by("company_id", changes)

    def profile(self, moment: At) -> Profile:
        row = self.leads.get(moment.lead_id)
        if row is None:
            return {}
        before = _before(self.changes.get(moment.lead_id, ()), moment.at)
        values: Attributes = {**row, **before}
        company: int | None = row["company_id"]
        if "company" in before:
            company = self.company_named.get(str(before["company"]))
        values["company"] = company
        values["lists"] = self._lists(moment)
        values["is_reachable"] = bool(values["email"] or values["phone"])
        if company is not None:
            known = self.companies[company] | _before(self.company_changes.get(company, ()), moment.at)
            values |= {f"company.{name}": value for name, value in known.items()}
        values |= self._said(moment)
        return {name: value_of(name, values) for name in self.names}

    def _lists(self, moment: At) -> tuple[str, ...]:
        return tuple(
            sorted(
                one.list.code
                for one in self.lists.get(moment.lead_id, ())
                if one.joined_at <= moment.at and (one.left_at is None or one.left_at > moment.at)
            )
        )

    def _said(self, moment: At) -> Attributes:
        """The last word on each purpose by then."""
        said: Attributes = {f"{CONSENT}{purpose}": "unknown" for purpose in PURPOSES}
        for line in self.consents.get(moment.lead_id, ()):
            if line.at <= moment.at:
                given = line.state == ConsentState.GRANTED
                said[f"{CONSENT}{line.purpose}"] = "given" if given else "withdrawn"
        return said


def _before(changes: Iterable[ProfileChange], at: datetime) -> dict[str, object]:
    """The values that later changes replaced: each field's first change after ``at`` tells what was."""
    before: dict[str, object] = {}
    for change in changes:
        if change.at > at:
            before.setdefault(change.field, change.old)
    return before


def _memberships(lead_ids: Iterable[int]) -> Iterable[ListMembership]:
    return ListMembership.objects.filter(lead__in=lead_ids).select_related("list")


def _consents(lead_ids: Iterable[int]) -> Iterable[ConsentEvent]:
    return ConsentEvent.objects.filter(lead__in=lead_ids)


def _by(key: str, rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Rows by what they hang off, the oldest first."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (getattr(one, "at", None) or one.joined_at, one.pk)):
        found[getattr(row, key)].append(row)
    return dict(found)
