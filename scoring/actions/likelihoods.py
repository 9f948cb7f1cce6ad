"""Writing likelihoods: a training's result, what the model says of each lead, its retreat when it drifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from scoring.likelihood.entitlement import Why
from scoring.models import LeadLikelihood, LikelihoodModel

if TYPE_CHECKING:
    from scoring.likelihood.training import Trained

Status = LikelihoodModel.Status
# Two trainings at once would both become current: one waits for the other.
_LOCK = 7_310

_WRITE = """
INSERT INTO scoring_leadlikelihood (lead_id, permille, version, as_of)
SELECT lead.id, new.permille, %s, %s
  FROM unnest(%s::bigint[], %s::smallint[]) AS new(lead_id, permille)
  JOIN leads_lead AS lead ON lead.id = new.lead_id
   AND lead.erased_at IS NULL AND lead.merged_into_id IS NULL
 ORDER BY lead.id
ON CONFLICT (lead_id) DO UPDATE
   SET permille = excluded.permille, version = excluded.version, as_of = excluded.as_of
 WHERE (scoring_leadlikelihood.permille, scoring_leadlikelihood.version)
       IS DISTINCT FROM (excluded.permille, excluded.version)
"""


@transaction.atomic
def keep_training(
    *, trained: Trained, trees: bytes | None, more: dict[str, Any], now: datetime
) -> LikelihoodModel:
    """Make a training's result the current model and retire the one before. ``more`` goes on its card."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    LikelihoodModel.objects.exclude(status=Status.RETIRED).update(
        status=Status.RETIRED, retired_at=now, trees=None
    )
    newest = LikelihoodModel.objects.order_by("-version").values_list("version", flat=True).first() or 0
    return LikelihoodModel.objects.create(
        version=newest + 1,
        status=trained.rung.value,
        why=trained.why.value,
        learner=trained.learner,
        trained_at=now,
        card=trained.card | more,
        recipe=trained.recipe.as_json() if trained.recipe else None,
        trees=trees,
    )


def write_likelihoods(*, version: int, lead_ids: Sequence[int], permille: Sequence[int], today: date) -> int:
    """Store what the model says of these leads; how many rows changed. Unchanged ones are not written."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [version, today, list(lead_ids), list(permille)])
        return int(cursor.rowcount)


@transaction.atomic
def step_back(*, model: LikelihoodModel, now: datetime) -> None:
    """Fall back to the rules: outcomes contradict what the model said. The next training may do better."""
    LikelihoodModel.objects.filter(pk=model.pk, status=Status.SHOWN).update(
        status=Status.SHADOW, why=Why.DRIFTED.value, checked_at=now
    )


def note_check(*, model: LikelihoodModel, card: dict[str, Any], now: datetime) -> None:
    """Keep what a nightly look at a model found."""
    LikelihoodModel.objects.filter(pk=model.pk).update(card=card, checked_at=now)


def note_scored(*, model: LikelihoodModel, now: datetime) -> None:
    """Remember until when everybody's likelihood is known; leads that changed since are due again."""
    LikelihoodModel.objects.filter(pk=model.pk).update(scored_at=now)


def forget_likelihoods(*, version: int) -> int:
    """Delete what former models said of leads."""
    deleted, _by_model = LeadLikelihood.objects.exclude(version=version).delete()
    return deleted
