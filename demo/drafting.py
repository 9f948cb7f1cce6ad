"""Rules that somebody at Valbrume is working on: a draft that differs from the live version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accounts.models import User
from scoring.actions.drafts import change_draft, open_draft
from scoring.drafts import Document, get, put
from scoring.models import RuleSet
from scoring.sections.persona_edits import counted, described, with_trait

PERSONA = "responsable_maintenance"
NAME = {"fr": "Responsable maintenance", "en": "Maintenance manager"}
STORY = {
    "fr": "Vit avec les arrêts de ligne, teste un capteur sur une machine, puis convainc sa direction.",
    "en": "Lives with line stoppages, tries a sensor on one machine, then convinces the management.",
}
TRAITS = (
    {"field": "seniority", "op": "is", "value": "manager", "weight": 3},
    {"field": "company_role", "op": "in", "value": ["influencer", "user"], "weight": 2},
    {"field": "company.sector", "op": "in", "value": ["industry", "food"], "weight": 2},
    {"field": "interests", "op": "has_any", "value": ["maintenance-predictive", "capteurs"], "weight": 3},
)


def draft_rules(*, by: User, now: datetime) -> RuleSet:
    """A draft with a second persona, counted in fit, and stricter thresholds for A and B."""
    draft = open_draft(by=by, now=now)
    steps: list[tuple[str, Callable[[Document], Document]]] = [
        ("Persona\u00a0: Responsable maintenance", _with_persona),
        ("Ressembler au responsable maintenance compte dans le profil", _with_rule),
        ("Matrice\u00a0: A et B cinq points plus haut", _stricter),
    ]
    for summary, change in steps:
        draft = change_draft(
            draft=draft, revision=draft.revision, change=change, summary=summary, by=by, now=now
        )
    return draft


def _with_persona(document: Document) -> Document:
    made = described(document, "", NAME, STORY)
    made = with_trait(made, PERSONA, 0, TRAITS[0])
    for trait in TRAITS[1:]:
        made = with_trait(made, PERSONA, None, trait)
    return made


def _with_rule(document: Document) -> Document:
    return counted(document, PERSONA)


def _stricter(document: Document) -> Document:
    matrix = get(document, ("matrix",))
    a, b, c = matrix["fit"]
    return put(document, ("matrix",), matrix | {"fit": [a + 5, b + 5, c]})
