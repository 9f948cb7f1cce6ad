"""The shipped templates, parsed, to be shown line by line; and what each asks for that the site lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from leads.choices import Phase
from scoring.actions.publishing import TEMPLATE_CODES, template
from scoring.choices import Temperature
from scoring.engine import rules
from scoring.engine.parse import parse
from scoring.engine.parse_conditions import Vocabulary
from scoring.lacking import lacking

SORTS: dict[str, str | Promise] = {
    "list": _("list"),
    "kind": _("kind of event"),
    "content": _("content"),
    "custom": _("field"),
}


@dataclass(frozen=True, slots=True)
class ShownTemplate:
    """A template and its rules."""

    code: str
    tree: rules.RuleSet

    @property
    def rule_count(self) -> int:
        """How many rules it has."""
        return sum(len(group.rules) for group in self.tree.groups)

    def groups_of(self, measure: str) -> list[rules.Group]:
        """The groups that make the fit, or the engagement."""
        return [group for group in self.tree.groups if group.measures == measure]

    @property
    def measures(self) -> list[tuple[str | Promise, list[rules.Group]]]:
        """Its groups, those about who somebody is first."""
        return [(_("Fit"), self.groups_of("fit")), (_("Engagement"), self.groups_of("engagement"))]

    @property
    def tables(self) -> list[tuple[str | Promise, list[tuple[str | Promise, rules.Step]]]]:
        """Its rows for phases and temperatures, each with its name."""
        phases, temperatures = dict(Phase.choices), dict(Temperature.choices)
        return [
            (_("Buying phases"), [(phases[step.code], step) for step in self.tree.phases]),
            (_("Temperature"), [(temperatures[step.code], step) for step in self.tree.temperatures]),
        ]

    @property
    def gates(self) -> list[tuple[str | Promise, rules.Gate]]:
        """Its two gates with their names."""
        return [(_("Gate to MQL"), self.tree.mql), (_("Gate to ready for sales"), self.tree.ready)]


@dataclass(frozen=True, slots=True)
class ShownLack:
    """A code that is not on this site, and the names of what asks for it."""

    sort: str | Promise
    code: str
    asked_by: Sequence[str]


def shown_templates() -> list[ShownTemplate]:
    """Every shipped template, in the order of the gallery."""
    return [shown_template(code) for code in TEMPLATE_CODES]


@cache
def shown_template(code: str) -> ShownTemplate:
    """One of them. Raises KeyError."""
    return ShownTemplate(code, parse(template(code)))


def shown_lacks(code: str, known: Vocabulary) -> list[ShownLack]:
    """What a template names that the site does not have, code by code. Raises KeyError."""
    names = _names(shown_template(code).tree)
    found: dict[tuple[str, str], list[str]] = {}
    for one in lacking(template(code), known):
        found.setdefault((one.sort, one.code), []).append(names.get(one.path[-1], one.path[-1]))
    return [ShownLack(SORTS[sort], missing, asked) for (sort, missing), asked in found.items()]


def _names(tree: rules.RuleSet) -> dict[str, str]:
    language = get_language() or "fr"
    named: list[rules.Rule | rules.Persona] = [rule for group in tree.groups for rule in group.rules]
    named += tree.personas
    names = {one.code: one.name.in_(language) for one in named}
    return names | {
        "phases": str(_("Buying phases")),
        "temperatures": str(_("Temperature")),
        "mql": str(_("Gate to MQL")),
        "ready": str(_("Gate to ready for sales")),
    }
