"""Likely duplicates side by side: the queue of pairs, what differs, which value would survive and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from accounts.models import User
from dashboard.profile import field_label, value_in_words
from funnel.models import Standing
from funnel.stages import is_further
from leads.actions.journal import Left
from leads.actions.merge import preview
from leads.duplicate_words import in_words
from leads.merging import Choice, Why
from leads.models import CandidateState, Company, DuplicateCandidate, Lead

BEST_FIRST = Order("score", _("Most likely first"), "score", is_time=False)
_WITH = ("company", "owner", "standing", "score")

LABELS: dict[str, str | Promise] = {
    "email": _("Email"),
    "phone": _("Phone"),
    "reference": _("Outside reference"),
    "name": _("Name"),
    "company": _("Company"),
    "address": _("Address"),
}
WHY: dict[str, str | Promise] = {
    Why.SAME: _("the same"),
    Why.ONLY_ONE: _("the only value"),
    Why.TRUSTED: _("told by a better source"),
    Why.NEWER: _("told later"),
    Why.SURVIVOR: _("the survivor's"),
    Why.CHOSEN: _("chosen by you"),
}


@dataclass(frozen=True)
class Row:
    """One group of fields of both leads; ``side`` is whose value survives."""

    name: str
    label: str
    kept: str
    away: str
    side: str
    why: str | Promise
    differs: bool


@dataclass(frozen=True)
class Pair:
    """Two leads as a merge would have them."""

    keep: Lead
    away: Lead
    rows: list[Row]
    candidate: DuplicateCandidate | None
    reasons: list[str]

    @property
    def differing(self) -> list[Row]:
        """What there is to choose."""
        return [row for row in self.rows if row.differs]

    @property
    def same(self) -> list[Row]:
        """What both say."""
        return [row for row in self.rows if not row.differs and row.kept]


def open_pairs() -> QuerySet[DuplicateCandidate]:
    """The pairs that wait for a decision, with what a line of the queue shows."""
    rows = DuplicateCandidate.objects.filter(state=CandidateState.OPEN)
    return rows.select_related("low__company", "high__company")


def find_pair(user: User, keep_id: uuid.UUID, away_id: uuid.UUID) -> tuple[Lead, Lead]:
    """Both leads, if this user may see them; else Lead.DoesNotExist."""
    rows = Lead.objects.visible_to(user).present().select_related(*_WITH)
    found = {lead.public_id: lead for lead in rows.filter(public_id__in=(keep_id, away_id))}
    if keep_id == away_id or len(found) < 2:
        raise Lead.DoesNotExist
    return found[keep_id], found[away_id]


def pair_of(keep: Lead, away: Lead, chosen: Mapping[str, str] | None = None) -> Pair:
    """The two side by side. Raises ValueError for choices that do not exist."""
    low, high = sorted((keep.pk, away.pk))
    candidate = DuplicateCandidate.objects.filter(low=low, high=high).first()
    choices = preview(keep=keep, away=away, choices=chosen)
    names = _companies(choices)
    return Pair(
        keep=keep,
        away=away,
        rows=[_row(choice, names) for choice in choices],
        candidate=candidate,
        reasons=in_words(candidate.reasons) if candidate else [],
    )


def better_first(one: Lead, other: Lead) -> tuple[Lead, Lead]:
    """Which of two leads to keep, unless somebody says otherwise: who stands further, else who came first."""
    ours, theirs = _standing(one), _standing(other)
    if ours and theirs and ours.position != theirs.position:
        return (one, other) if is_further(ours.position, theirs.position) else (other, one)
    return (one, other) if (one.created_at, one.pk) <= (other.created_at, other.pk) else (other, one)


def _standing(lead: Lead) -> Standing | None:
    return getattr(lead, "standing", None)


def _row(choice: Choice, names: Mapping[object, str]) -> Row:
    kept, away = (_words(choice.name, values, names) for values in (choice.kept, choice.away))
    label = LABELS.get(choice.name) or field_label(choice.name)
    differs = choice.differs and kept != away
    return Row(choice.name, str(label), kept, away, choice.side, WHY[choice.why], differs)


def _words(name: str, values: tuple[object, ...], names: Mapping[object, str]) -> str:
    """A group of values for reading; "" for nothing."""
    if name == "company":
        return names.get(values[0], "")
    if name == "email":
        return str(values[1] or values[0] or "")
    if name == "phone":
        return str(values[0] or values[1] or "")
    if name in ("name", "address"):
        return " ".join(str(value) for value in values if value)
    words = value_in_words(name, values[0])
    return "" if words == "—" else words


def _companies(choices: list[Choice]) -> dict[object, str]:
    both = [one for choice in choices if choice.name == "company" for one in (choice.kept[0], choice.away[0])]
    ids = [one for one in both if isinstance(one, int)]
    return dict(Company.objects.filter(pk__in=ids).values_list("pk", "name"))


def left_in_words(left: Left) -> str:
    """What undoing a merge would leave with the survivor: the fields of its profile, or how many rows."""
    model = apps.get_model(left.model)
    if model is Lead:
        return ", ".join(str(field_label(name.removesuffix("_id"))) for name in left.columns)
    if left.columns:
        return str(capfirst(model._meta.verbose_name))
    return gettext("%(what)s: %(number)s") % {
        "what": capfirst(model._meta.verbose_name_plural),
        "number": left.rows,
    }
