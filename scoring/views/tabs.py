"""Which tab draws a part of a document: what was opened there is shown there, also when it is refused.

A tab that uses the editor of conditions (templates/scoring/_tokens.html and _opened.html) draws itself by a
function ``draw(request, rule_set, opened, status)`` and is named here by the first word of its addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpResponse

from accounts.pages import PageRequest
from scoring.editor.addresses import Address
from scoring.editor.opened import Opened
from scoring.models import RuleSet
from scoring.sections.gates import draw_gates
from scoring.sections.matrix import draw_matrix
from scoring.views.rules import draw_rules

Draw = Callable[[PageRequest, RuleSet, Opened | None, int], HttpResponse]
DRAWN_BY: Mapping[str, Draw] = {
    "groups": draw_rules,
    "gates": draw_gates,
    "phases": draw_matrix,
    "temperatures": draw_matrix,
}


def draw_for(address: Address) -> Draw:
    """The tab of an address; the rules' for an unknown one."""
    return DRAWN_BY.get(address[0] if address else "", draw_rules)
