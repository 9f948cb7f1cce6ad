"""Matrix, phases, temperatures, completeness and priority of a version: said in sentences, and edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page
from leads.choices import Phase
from scoring.choices import Temperature
from scoring.crowd import Spread, crowd, examples, spread
from scoring.editor.opened import Opened
from scoring.editor.site import Site
from scoring.editor.words import name_of
from scoring.models import RuleSet
from scoring.queries import live_rule_set, parsed
from scoring.ranking import ranked
from scoring.sections.forms import FORMS, CompletenessForm, IntentForm, MatrixForm, PriorityForm, SectionForm
from scoring.sections.lines import line
from scoring.sections.saving import Refused, save
from scoring.sections.steps import TABLES, added, moved, rows, without
from scoring.views.frame import edits_draft, find_version, frame, shown
from scoring.views.rules import opened_by

NAMES = {"phases": dict(Phase.choices), "temperatures": dict(Temperature.choices)}


@require_GET
@page("scoring.view_rules")
def matrix(request: PageRequest, draft_id: int) -> HttpResponse:
    """Everything that is read from the two scores; ``?open=`` an address unfolds a condition's editor."""
    rule_set = find_version(draft_id)
    return draw_matrix(request, rule_set, opened_by(request, rule_set), 200)


def draw_matrix(request: PageRequest, rule_set: RuleSet, opened: Opened | None, status: int) -> HttpResponse:
    """The tab, with the condition of a phase or temperature that is opened."""
    return _page(request, rule_set, opened=opened, status=status)


@require_GET
@page("scoring.view_rules")
def picture(request: PageRequest, draft_id: int) -> HttpResponse:
    """The matrix with the leads that would be in each cell under the thresholds in the address."""
    rule_set = find_version(draft_id)
    form = MatrixForm(request.GET)
    if not form.is_valid():
        form = MatrixForm(MatrixForm.read(rule_set.document))
        form.is_valid()
    return render(request, "scoring/sections/_picture.html", {"crowd": crowd(form.matrix)})


@require_POST
@edits_draft
def save_section(request: PageRequest, draft: RuleSet, section: str) -> HttpResponse:
    """Save one part; what was wrong is said beside it, with what was typed."""
    if section not in FORMS:
        raise Http404
    form = _bound(request, draft, section)
    if not form.is_valid():
        return _page(request, draft, form, status=422)
    summary = str(form.summary)
    refused = save(request, draft, form.write, summary % form.cleaned_data if "%" in summary else summary)
    if refused:
        return _page(request, refused.draft, form, refused, status=refused.status)
    return redirect("scoring:matrix", draft.pk)


@require_POST
@edits_draft
def change_steps(request: PageRequest, draft: RuleSet, table: str, verb: str) -> HttpResponse:
    """Move, remove or add a row of the phases or temperatures (``place``, or ``code``)."""
    if table not in TABLES:
        raise Http404
    given = request.POST.get("place", "")
    place = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else -1
    code = request.POST.get("code", "")
    changes = {
        "up": lambda document: moved(document, table, place, -1),
        "down": lambda document: moved(document, table, place, 1),
        "remove": lambda document: without(document, table, place),
        "add": lambda document: added(document, table, code),
    }
    if verb not in changes:
        raise Http404
    titles = {"phases": _("Phases"), "temperatures": _("Temperatures")}
    said = {"add": _("a row added"), "remove": _("a row removed")}.get(verb, _("another order"))
    summary = _("%(table)s: %(what)s") % {"table": titles[table], "what": said}
    if refused := save(request, draft, changes[verb], summary):
        return _page(request, refused.draft, None, refused, status=refused.status)
    return redirect("scoring:matrix", draft.pk)


def _bound(request: PageRequest, draft: RuleSet, section: str) -> SectionForm:
    if section == CompletenessForm.code:
        initial = CompletenessForm.read(draft.document)
        return CompletenessForm(request.POST, initial=initial, own=_own_fields(draft))
    return FORMS[section](request.POST)


def _own_fields(rule_set: RuleSet) -> list[tuple[str, str]]:
    return [(name, one.label) for name, one in Site(rule_set.document, "gate").own_fields.items()]


def _page(
    request: PageRequest,
    rule_set: RuleSet,
    typed: SectionForm | None = None,
    refused: Refused | None = None,
    *,
    opened: Opened | None = None,
    status: int = 200,
) -> HttpResponse:
    found = _forms(rule_set, typed)
    tree, live = parsed(rule_set), live_rule_set()
    context = frame(request, rule_set, tab="matrix") | found
    opened = opened if context["may_edit"] else None
    context |= _tables(rule_set.document, spread(), opened) | {
        "opened": opened,
        "focus": request.GET.get("focus", ""),
        "revision": refused.revision if refused else rule_set.revision,
        "problem": refused.text if refused else getattr(request, "refusal", ""),
        "typed": typed.code if typed else "",
        "crowd": crowd(_matrix_of(found["thresholds"], tree.matrix)),
        "ranking": ranked(examples(parsed(live).priority), tree.priority) if live else [],
        "tree": tree,
    }
    return shown(request, "scoring/sections/matrix.html", context, status=status)


def _matrix_of(form: MatrixForm, otherwise: Any) -> Any:
    return form.matrix if form.is_bound and form.is_valid() else otherwise


def _forms(rule_set: RuleSet, typed: SectionForm | None) -> dict[str, Any]:
    document = rule_set.document
    useful = CompletenessForm(initial=CompletenessForm.read(document), own=_own_fields(rule_set))
    forms: dict[str, Any] = {
        "thresholds": MatrixForm.of(document),
        "intent": IntentForm.of(document),
        "useful": useful,
        "priority": PriorityForm.of(document),
    }
    if typed is not None:
        names = {"matrix": "thresholds", "completeness": "useful"}
        forms[names.get(typed.code, typed.code)] = typed
    return forms


def _tables(document: Mapping[str, Any], found: Spread, opened: Opened | None) -> dict[str, Any]:
    counts = {"phases": found.phases, "temperatures": found.temperatures}
    tables = []
    for table, (word, codes) in TABLES.items():
        entries = [
            {
                "place": place,
                "code": row[word],
                "name": NAMES[table][row[word]],
                "line": line(row["when"], (table, str(place), "when"), document, opened),
                "note": name_of(row["note"]) if "note" in row else "",
                "leads": counts[table][row[word]],
            }
            for place, row in enumerate(rows(document, table))
        ]
        rest = "awareness" if table == "phases" else "cold"
        missing = [(code, NAMES[table][code]) for code in codes]
        tables.append(
            {
                "code": table,
                "rows": entries,
                "rest": NAMES[table][rest],
                "rest_leads": counts[table][rest],
                "addable": missing,
            }
        )
    return {"tables": tables}
