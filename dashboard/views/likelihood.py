"""The card of the likelihood model: what it is, whether it may be shown, and how well it foretells."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page, wants_fragment
from dashboard import plots
from leads.models import Lead
from scoring.likelihood.entitlement import LEAST_OUTCOMES
from scoring.likelihood.model_words import MODELS, column_words, value_words, why_words
from scoring.likelihoods import Reason, account_of, current_model, likelihood_of, shown_model
from scoring.models import LikelihoodModel

SHOWN_FEATURES = 12
VERSIONS = 12
# From here on it is another population (scoring/likelihood/measures.py).
SHIFTED, MOVED = 0.25, 0.1


@dataclass(frozen=True, slots=True)
class Feature:
    """What the model looks at, and its share of all that moves it."""

    label: str
    weight: float


@require_GET
@page("scoring.view_rules")
def likelihood(request: PageRequest) -> HttpResponse:
    """The model card."""
    model = current_model()
    context: dict[str, Any] = {"model": model, "least": LEAST_OUTCOMES}
    if model is not None:
        context |= _card(model)
    return render(request, "dashboard/likelihood.html", context)


@require_GET
@page("leads.view_leads")
def lead_likelihood(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Why a lead's likelihood is what it is; not found while none is entitled to be shown."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user).present(), public_id=public_id)
    model, said = shown_model(), likelihood_of(lead)
    if model is None or said is None:
        raise Http404
    account = account_of(lead, model, now=timezone.now())
    context = {
        "lead": lead,
        "said": said,
        "gains": [_told(one) for one in account.gains],
        "losses": [_told(one) for one in account.losses],
        "by_regression": model.learner != "logistic_regression",
    }
    fragment = wants_fragment(request, "likelihood")
    name = "dashboard/_likelihood.html" if fragment else "dashboard/lead_likelihood.html"
    return render(request, name, context)


def _told(reason: Reason) -> str:
    """A reason in words: what it is, and what it is for this lead."""
    return f"{column_words(reason.name)}{_(':')} {value_words(reason.name, reason.value)}"


def _card(model: LikelihoodModel) -> dict[str, Any]:
    card, tested = model.card, model.card.get("tested") or {}
    exams = {name: exam for name, exam in card.get("exams", {}).items() if exam}
    return {
        "why": why_words(model.why),
        "card": card,
        "exam": exams.get(model.learner),
        "exams": [(MODELS[name], exams[name], name == model.learner) for name in MODELS if name in exams],
        "learner": MODELS.get(model.learner),
        "labels": card.get("labels", {}),
        "shift": _shift(card.get("shift")),
        "features": _features(card.get("features", [])),
        "curve": plots.roc(tested["curve"], tested["rules_curve"]) if tested else None,
        "curve_rows": tested["curve"][::4] if tested else [],
        "calibration": plots.calibration([(b["rows"], b["said"], b["came"]) for b in tested["calibration"]])
        if tested
        else None,
        "lifts": plots.lifts(tested["lift"]) if tested else [],
        "versions": LikelihoodModel.objects.defer("recipe", "trees")[:VERSIONS],
    }


def _shift(value: float | None) -> dict[str, Any] | None:
    """The stability index with its reading."""
    if value is None:
        return None
    return {"value": value, "level": "bad" if value >= SHIFTED else "warn" if value >= MOVED else "good"}


def _features(found: list[dict[str, Any]]) -> list[Feature]:
    total = sum(one["weight"] for one in found) or 1.0
    return [Feature(column_words(one["name"]), one["weight"] / total) for one in found[:SHOWN_FEATURES]]
