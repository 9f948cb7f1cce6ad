"""The reasons and checklist items that Écluse ships; a site changes, adds and retires its own.

Labels are data, so both languages stand here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from funnel.checklist_templates import DEFAULT, TEMPLATES
from funnel.models import ChecklistItem, ConversionGoal, Reason
from leads.kinds import BY_CODE


@dataclass(frozen=True, slots=True)
class ShippedReason:
    """See funnel.models.Reason."""

    code: str
    label_fr: str
    label_en: str
    verbs: list[str]
    teaches: str
    lands_on: str = "recycled"
    track_code: str = ""
    cooldown_days: int = 30
    needs_month: bool = False
    needs_note: bool = False
    needs_fields: bool = False


REASONS = (
    ShippedReason(
        "project_far",
        "Projet trop lointain",
        "Project too far away",
        ["return", "lose"],
        "neutral",
        track_code="incubation",
        needs_month=True,
    ),
    ShippedReason(
        "no_budget",
        "Pas encore de budget",
        "No budget yet",
        ["return", "lose"],
        "negative",
        track_code="incubation",
        cooldown_days=90,
    ),
    ShippedReason(
        "wrong_person",
        "Mauvais interlocuteur : trouver le décideur",
        "Wrong person: find the decision-maker",
        ["return"],
        "negative",
    ),
    ShippedReason(
        "information_missing",
        "Informations manquantes",
        "Information missing",
        ["return"],
        "neutral",
        cooldown_days=14,
        needs_fields=True,
    ),
    ShippedReason("unreachable", "Injoignable", "Unreachable", ["return"], "negative"),
    ShippedReason("wrong_territory", "Hors de mon secteur", "Wrong territory", ["decline"], "neutral"),
    ShippedReason("overloaded", "Commercial surchargé", "Rep overloaded", ["decline"], "neutral"),
    ShippedReason("out_of_target", "Hors cible", "Out of target", ["disqualify"], "negative", "disqualified"),
    ShippedReason(
        "spam",
        "Étudiant, concurrent ou indésirable",
        "Student, competitor or spam",
        ["disqualify"],
        "negative",
        "disqualified",
    ),
    ShippedReason("no_need", "Pas de besoin", "No need", ["disqualify", "lose"], "negative", "disqualified"),
    ShippedReason("duplicate", "Doublon", "Duplicate", ["disqualify"], "neutral", "disqualified"),
    ShippedReason(
        "lost_to_competitor",
        "Perdu face à un concurrent",
        "Lost to a competitor",
        ["lose"],
        "positive",
        cooldown_days=365,
    ),
    ShippedReason(
        "better_served",
        "Réorienté vers un confrère",
        "Better served by a partner",
        ["refer"],
        "neutral",
        "disqualified",
        needs_note=True,
    ),
    ShippedReason("new_project", "Nouveau projet", "New project", ["reopen"], "neutral"),
    # Given by the ageing rule alone, never by people.
    ShippedReason(
        "aged", "Jamais qualifié dans le délai", "Never qualified in time", [], "neutral", "disqualified"
    ),
    ShippedReason(
        "mistake",
        "Décision prise par erreur",
        "Decided by mistake",
        ["reopen", "wake", "cool", "unready"],
        "neutral",
    ),
    ShippedReason("met", "Rencontré ou connu de nous", "Met or known to us", ["promote"], "neutral"),
    ShippedReason(
        "came_back",
        "S’est manifesté de nouveau",
        "Got in touch again",
        ["promote", "wake", "reopen"],
        "neutral",
    ),
    ShippedReason("not_ripe", "Pas encore mûr", "Not ripe yet", ["cool", "unready"], "neutral"),
    ShippedReason(
        "interest_gone", "L’intérêt est retombé", "Interest has gone", ["cool"], "neutral", cooldown_days=90
    ),
)


def add_shipped(*, using: str, **_: object) -> None:
    """Add what is not there yet after each migrate; what a site changed or retired stays as it is."""
    for position, reason in enumerate(REASONS, start=1):
        values = asdict(reason) | {"position": position * 10}
        Reason.objects.using(using).get_or_create(code=values.pop("code"), defaults=values)
    for position, item in enumerate(TEMPLATES[DEFAULT].items, start=1):
        values = asdict(item) | {"position": position * 10, "sources": list(item.sources)}
        ChecklistItem.objects.using(using).get_or_create(code=values.pop("code"), defaults=values)
    if not ConversionGoal.objects.using(using).exists():
        ConversionGoal.objects.using(using).create(kind_id=BY_CODE["purchase"].id)
