"""Learning the likelihood from what sales decided, and telling everybody's.

Needs scikit-learn: import it in tasks only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from funnel.queries.past_outcomes import past_outcomes
from leads.models import Lead
from scoring.actions.likelihoods import keep_training, note_check, note_scored, step_back, write_likelihoods
from scoring.likelihood import measures
from scoring.likelihood.columns import Column
from scoring.likelihood.encoding import Floats, Truth
from scoring.likelihood.entitlement import has_drifted
from scoring.likelihood.features import NAMES, columns, joined
from scoring.likelihood.labels import Label, Outcome, label
from scoring.likelihood.learners import BOOSTING, Learned
from scoring.likelihood.recipe import read_encoder, read_recipe
from scoring.likelihood.stored import dump, load
from scoring.likelihood.training import SCORE_EDGES, Examples, train
from scoring.likelihoods import Foreteller, columns_at, current_model, kinds_to_count, known_at
from scoring.models import LeadScore, LikelihoodModel, RuleSet
from scoring.past import Library, Moment, program_of, read_past, score_past
from scoring.programs import site_zone
from scoring.queries import parsed

BLOCK = 4_096
MOST_TOUCHED = 20_000


def train_likelihood(*, now: datetime) -> LikelihoodModel:
    """Learn from every outcome that is old enough, examine, and make the result the current model."""
    outcomes, labels, truth = teaching(past_outcomes(), now)
    kinds = kinds_to_count()
    trained = train(examples_of(outcomes, truth, kinds))
    trees = dump(trained.boosted.estimator) if trained.boosted else None
    more: dict[str, Any] = {
        "kinds": kinds,
        "labels": dict(Counter(str(one) for one in labels)),
        "imported": sum(one.is_imported for one in outcomes),
        "since": outcomes[0].at.isoformat() if outcomes else None,
        "until": outcomes[-1].at.isoformat() if outcomes else None,
    }
    if trained.boosted:
        boosted = trained.boosted
        more["trees"] = {"encoder": asdict(boosted.encoder), "slope": boosted.slope, "offset": boosted.offset}
    return keep_training(trained=trained, trees=trees, more=more, now=now)


def teaching(found: Sequence[Outcome], now: datetime) -> tuple[list[Outcome], list[Label], Truth]:
    """The outcomes that teach, the oldest first; every outcome's label; 1 for those that came to SQL."""
    labels = [label(one, now) for one in found]
    kept = [
        (one, said is Label.YES)
        for one, said in zip(found, labels, strict=True)
        if said in (Label.YES, Label.NO)
    ]
    kept.sort(key=lambda pair: (pair[0].at, pair[0].lead_id))
    return [one for one, _yes in kept], labels, np.array([yes for _one, yes in kept], dtype=np.int64)


def examples_of(outcomes: Sequence[Outcome], truth: Truth, kinds: Sequence[str]) -> Examples:
    """What was known at each outcome's moment, and what the live rules would have said then."""
    if not outcomes:
        return Examples([], truth, np.zeros(0))
    library = Library()
    live = RuleSet.objects.get(status=RuleSet.Status.LIVE)
    names = tuple(dict.fromkeys((*NAMES, *parsed(live).fields())))
    pasts = list(read_past([Moment(one.lead_id, one.at) for one in outcomes], names, library))
    program = program_of(live, library)
    parts = [columns(known_at(past), library.facts, kinds) for past in pasts]
    rules = [s.fit + s.engagement for past in pasts for _places, s in score_past(program, past)]
    return Examples(joined(parts), truth, np.concatenate(rules).astype(np.float64))


@dataclass(frozen=True, slots=True)
class _Trees:
    """The challenger, as stored."""

    learned: Learned

    def chances(self, columns: Sequence[Column]) -> Floats:
        """The calibrated chance of each row."""
        return self.learned.chances(columns, np.arange(len(columns[0].words)))


def foreteller_of(model: LikelihoodModel) -> Foreteller:
    """What a model says by. Raises ValueError where nothing was learned, NotTrusted for strange bytes."""
    if model.trees is not None and "trees" in model.card:
        kept = model.card["trees"]
        return _Trees(
            Learned(
                BOOSTING,
                read_encoder(kept["encoder"]),
                load(bytes(model.trees)),
                kept["slope"],
                kept["offset"],
            )
        )
    if model.recipe is None:
        raise ValueError(f"likelihood model {model.version} has learned nothing")
    return read_recipe(model.recipe)


def tell_everybody(*, now: datetime) -> Iterator[int]:
    """Bring everybody's likelihood up to date, a block of leads at a time; how many rows changed so far."""
    model = current_model()
    if model is None or model.recipe is None:
        return
    foreteller, changed, last = foreteller_of(model), 0, 0
    shares: list[Floats] = []
    while lead_ids := _next_leads(last):
        said, written = tell(model, foreteller, lead_ids, now=now)
        shares.append(measures.shares(said, np.array(SCORE_EDGES)) * len(said))
        changed, last = changed + written, lead_ids[-1]
        yield changed
    if shares:
        _note_shift(model, np.sum(shares, axis=0), now)
    note_scored(model=model, now=now)


def _next_leads(last: int) -> list[int]:
    return list(
        Lead.objects.present().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BLOCK]
    )


def tell(
    model: LikelihoodModel, foreteller: Foreteller, lead_ids: Sequence[int], *, now: datetime
) -> tuple[Floats, int]:
    """What the model says of these leads now: stored, and how many rows changed."""
    moments, found = columns_at([Moment(lead_id, now) for lead_id in lead_ids], model.card["kinds"])
    said = foreteller.chances(found)
    written = write_likelihoods(
        version=model.version,
        lead_ids=[moment.lead_id for moment in moments],
        permille=np.rint(said * 1000).astype(int).tolist(),
        today=now.astimezone(site_zone()).date(),
    )
    return said, written


def tell_touched(*, now: datetime) -> int:
    """The same for those whose score changed since everybody was told; how many rows changed."""
    model = current_model()
    if model is None or model.recipe is None or model.scored_at is None:
        return 0
    touched = LeadScore.objects.filter(updated_at__gt=model.scored_at).order_by("lead_id")
    lead_ids = list(touched.values_list("lead_id", flat=True)[:MOST_TOUCHED])
    foreteller, changed = foreteller_of(model), 0
    for start in range(0, len(lead_ids), BLOCK):
        changed += tell(model, foreteller, lead_ids[start : start + BLOCK], now=now)[1]
    if len(lead_ids) < MOST_TOUCHED:
        note_scored(model=model, now=now)
    return changed


def _note_shift(model: LikelihoodModel, counts: Floats, now: datetime) -> None:
    """How far today's leads are from those learned from, as a population stability index of what is said."""
    shares = counts / max(counts.sum(), 1)
    shift = measures.stability(np.array(model.card["scores"]), shares)
    note_check(model=model, card=model.card | {"shift": round(shift, 4), "today": shares.tolist()}, now=now)


def check_drift(*, now: datetime) -> bool:
    """Whether outcomes since the training contradict the model; then it steps back and the rules go on alone.

    Each outcome is held against what the model says of what was known at its offer.
    """
    model = current_model()
    if model is None or model.recipe is None:
        return False
    outcomes, _labels, truth = teaching(past_outcomes(), now)
    learned_until = datetime.fromisoformat(model.card["until"])
    since = [place for place, one in enumerate(outcomes) if one.at > learned_until]
    if not since:
        return False
    _moments, found = columns_at(
        [Moment(outcomes[p].lead_id, outcomes[p].at) for p in since], model.card["kinds"]
    )
    said = foreteller_of(model).chances(found)
    drifted = has_drifted(truth[since], said)
    checked = {"outcomes": len(since), "came": int(truth[since].sum()), "said": round(float(said.sum()), 1)}
    note_check(model=model, card=model.card | {"since_training": checked}, now=now)
    if drifted and model.status == LikelihoodModel.Status.SHOWN:
        step_back(model=model, now=now)
    return drifted
