"""Reading for likelihoods: what was known at many moments as columns, the current model, what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from django.db.models import Case, IntegerField, OuterRef, Subquery, When

from leads.models import EventKind, Lead
from scoring.engine.signatures import NEVER_SCORED
from scoring.likelihood.columns import Column
from scoring.likelihood.encoding import Floats
from scoring.likelihood.features import NAMES, Known, columns, joined
from scoring.likelihood.recipe import Recipe, read_recipe
from scoring.models import LeadLikelihood, LikelihoodModel
from scoring.past import Library, Moment, Past, read_past

Status = LikelihoodModel.Status


class Foreteller(Protocol):
    """Whatever gives each row of some columns its chance."""

    def chances(self, columns: Sequence[Column]) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A lead's likelihood as people see it."""

    permille: int
    version: int
    as_of: Any

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.permille / 1000


def current_model() -> LikelihoodModel | None:
    """The model of the last training, whatever its rung; None before the first."""
    return LikelihoodModel.objects.exclude(status=Status.RETIRED).defer("trees").first()


def shown_model() -> LikelihoodModel | None:
    """The current model if it is entitled to be shown."""
    return LikelihoodModel.objects.filter(status=Status.SHOWN).defer("trees").first()


def likelihood_of(lead: Lead) -> Shown | None:
    """What the entitled model says of a lead; None while none is entitled, or nothing was said yet."""
    return likelihoods_of([lead.pk]).get(lead.pk)


def likelihoods_of(lead_ids: Sequence[int]) -> dict[int, Shown]:
    """The same for several leads, in one query."""
    entitled = LikelihoodModel.objects.filter(status=Status.SHOWN).values("version")
    rows = LeadLikelihood.objects.filter(lead__in=list(lead_ids), version__in=entitled)
    return {row.lead_id: Shown(row.permille, row.version, row.as_of) for row in rows}


def entitled_permille(lead: str) -> Subquery:
    """To annotate with: what the entitled model says of the lead that column ``lead`` names; else NULL."""
    entitled = LikelihoodModel.objects.filter(status=Status.SHOWN).values("version")
    said = LeadLikelihood.objects.filter(lead=OuterRef(lead), version__in=entitled)
    return Subquery(said.values("permille")[:1])


def joined_permille(lead: str) -> Case:
    """The same as ``entitled_permille`` by a join: for ordering many rows. ``lead`` is a path to the lead."""
    entitled = LikelihoodModel.objects.filter(status=Status.SHOWN).values("version")[:1]
    said = When(**{f"{lead}__likelihood__version": Subquery(entitled)}, then=f"{lead}__likelihood__permille")
    return Case(said, default=None, output_field=IntegerField(null=True))


def kinds_to_count() -> list[str]:
    """The kinds of events that people do, in the order of their codes."""
    kinds = EventKind.objects.filter(is_activity=True, is_internal=False).order_by("code")
    return [code for code in kinds.values_list("code", flat=True) if code not in NEVER_SCORED]


def known_at(past: Past) -> Known:
    """What was known at some moments, as features want it."""
    minutes = np.array([int(moment.at.timestamp()) // 60 for moment in past.moments], dtype=np.int64)
    return Known(past.days, minutes, past.profiles, past.events)


def columns_at(
    moments: Sequence[Moment], kinds: Sequence[str], library: Library | None = None
) -> tuple[list[Moment], list[Column]]:
    """The moments in the order of time, and what was known at each."""
    library = library or Library()
    pasts = list(read_past(moments, list(NAMES), library))
    parts = [columns(known_at(past), library.facts, kinds) for past in pasts]
    return [moment for past in pasts for moment in past.moments], joined(parts)


@dataclass(frozen=True, slots=True)
class Reason:
    """One column, what it holds for the lead, and how far it moves the log-odds against the average."""

    name: str
    value: str
    push: float


@dataclass(frozen=True, slots=True)
class Account:
    """Why a likelihood is what it is: at most three reasons for, three against."""

    gains: tuple[Reason, ...]
    losses: tuple[Reason, ...]


def account_of(lead: Lead, model: LikelihoodModel, *, now: datetime) -> Account:
    """The reasons behind a lead's likelihood now. Raises KeyError when a kind the model counts is gone."""
    recipe = recipe_of(model)
    _moments, found = columns_at([Moment(lead.pk, now)], model.card.get("kinds", []))
    by_name = {column.name: column for column in found}
    pushes = {name: float(push[0]) for name, push in recipe.pushes(found).items()}
    reasons = [
        Reason(name, _value(by_name[name]), push) for name, push in pushes.items() if abs(push) >= 0.05
    ]
    ordered = sorted(reasons, key=lambda one: -abs(one.push))
    return Account(
        tuple([one for one in ordered if one.push > 0][:3]),
        tuple([one for one in ordered if one.push < 0][:3]),
    )


def recipe_of(model: LikelihoodModel) -> Recipe:
    """The regression of a model that has one. Raises ValueError where nothing was learned."""
    if model.recipe is None:
        raise ValueError(f"likelihood model {model.version} has learned nothing")
    return read_recipe(model.recipe)


def _value(column: Column) -> str:
    number = column.numbers[0]
    return str(column.words[0]) if np.isnan(number) else f"{float(number):.0f}"
