"""The checklists that Écluse ships, and what changes when a site takes another one. Plain values only.

Labels are data, so both languages stand here. The first template is what the fifth article asks for;
the others are the usual methods of sales teams.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from funnel.checklist import Item, State, progress


@dataclass(frozen=True, slots=True)
class ShippedItem:
    """See funnel.models.ChecklistItem."""

    code: str
    label_fr: str
    label_en: str
    help_fr: str
    help_en: str
    is_required: bool = True
    kind: str = "text"
    sources: tuple[str, ...] = ()

    @property
    def item(self) -> Item:
        """The plain value that decides."""
        return Item(self.code, self.is_required)


@dataclass(frozen=True, slots=True)
class Template:
    """A checklist as a whole. ``hint`` says whom it suits."""

    code: str
    label_fr: str
    label_en: str
    hint_fr: str
    hint_en: str
    items: tuple[ShippedItem, ...]


_BUDGET = ShippedItem(
    "budget",
    "Budget",
    "Budget",
    "Nos prix correspondent-ils à son budget ? Combien y attache-t-il de valeur ?",
    "Do our prices fit the budget? How much do they value it?",
    sources=("budget_range",),
)
_PROCESS = ShippedItem(
    "decision_process",
    "Processus de décision",
    "Decision process",
    "Parlons-nous au décideur ? Sinon, quelles actions pour l’atteindre ?",
    "Are we speaking to the decision-maker? If not, which next actions?",
    kind="actions",
)
_AUTHORITY = ShippedItem(
    "authority",
    "Autorité",
    "Authority",
    "Qui peut décider dans l’entreprise, et avec quel rôle (pas forcément le plus élevé) ?",
    "Who in the company can decide, and in which role (not necessarily the highest)?",
    kind="person",
    sources=("company_role", "seniority"),
)
_NEED = ShippedItem(
    "need",
    "Besoin",
    "Need",
    "Quel problème veut-il résoudre ?",
    "Which problem is to be solved?",
    sources=("need", "pain_point", "intent"),
)
_TIMING = ShippedItem("timing", "Échéance", "Timing", "Pour quand ?", "By when?", sources=("project_month",))


def _optional(item: ShippedItem) -> ShippedItem:
    return ShippedItem(
        item.code,
        item.label_fr,
        item.label_en,
        item.help_fr,
        item.help_en,
        is_required=False,
        kind=item.kind,
        sources=item.sources,
    )


TEMPLATES: Mapping[str, Template] = {
    template.code: template
    for template in (
        Template(
            "three",
            "Les trois questions",
            "The three questions",
            "Budget, processus de décision et autorité ; besoin et échéance en plus.",
            "Budget, decision process and authority; need and timing besides.",
            (_BUDGET, _PROCESS, _AUTHORITY, _optional(_NEED), _optional(_TIMING)),
        ),
        Template(
            "bant",
            "BANT",
            "BANT",
            "Pour des ventes courtes : budget, autorité, besoin, échéance.",
            "For short sales: budget, authority, need, timing.",
            (_BUDGET, _AUTHORITY, _NEED, _TIMING),
        ),
        Template(
            "meddic",
            "MEDDIC",
            "MEDDIC",
            "Pour des ventes longues à plusieurs décideurs.",
            "For long sales with several deciders.",
            (
                ShippedItem(
                    "metrics",
                    "Indicateurs",
                    "Metrics",
                    "Quel gain chiffré attend-il ?",
                    "Which measurable gain do they expect?",
                ),
                ShippedItem(
                    "economic_buyer",
                    "Décideur économique",
                    "Economic buyer",
                    "Qui engage la dépense ?",
                    "Who commits the money?",
                    kind="person",
                    sources=("company_role",),
                ),
                ShippedItem(
                    "decision_criteria",
                    "Critères de décision",
                    "Decision criteria",
                    "Sur quels critères va-t-il choisir ?",
                    "By which criteria will they choose?",
                ),
                _PROCESS,
                ShippedItem(
                    "pain",
                    "Problème",
                    "Pain",
                    "Que lui coûte le problème aujourd’hui ?",
                    "What does the problem cost them today?",
                    sources=("pain_point", "need"),
                ),
                ShippedItem(
                    "champion",
                    "Allié",
                    "Champion",
                    "Qui, dans l’entreprise, défend notre offre ?",
                    "Who in the company speaks up for us?",
                    kind="person",
                ),
            ),
        ),
        Template(
            "champ",
            "CHAMP",
            "CHAMP",
            "Le besoin d’abord : défis, autorité, budget, priorité.",
            "Need first: challenges, authority, money, prioritisation.",
            (
                ShippedItem(
                    "challenges",
                    "Défis",
                    "Challenges",
                    "Quel défi doit-il relever ?",
                    "Which challenge do they face?",
                    sources=("pain_point", "need"),
                ),
                _AUTHORITY,
                _BUDGET,
                ShippedItem(
                    "prioritisation",
                    "Priorité",
                    "Prioritisation",
                    "Quelle place ce projet a-t-il parmi les autres, et pour quand ?",
                    "Where does this project stand among others, and by when?",
                    sources=("project_month",),
                ),
            ),
        ),
    )
}
DEFAULT = "three"


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking another checklist changes: items that come, stay and go (codes), and how many of the
    leads in work have all that is required, now and then."""

    come: tuple[str, ...]
    stay: tuple[str, ...]
    go: tuple[str, ...]
    leads: int
    hold_now: int
    hold_then: int


def preview(now: Sequence[Item], then: Sequence[Item], answers: Collection[Mapping[str, State]]) -> Preview:
    """What changes from one checklist to another; ``answers``: of each lead in work, by item."""
    before, after = [item.code for item in now], [item.code for item in then]
    return Preview(
        come=tuple(code for code in after if code not in before),
        stay=tuple(code for code in after if code in before),
        go=tuple(code for code in before if code not in after),
        leads=len(answers),
        hold_now=sum(progress(now, one).holds for one in answers),
        hold_then=sum(progress(then, one).holds for one in answers),
    )
