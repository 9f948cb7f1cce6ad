"""The two gates of a version: what opens them, what keeps somebody in, what opens them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page
from leads.kinds import BY_CODE
from scoring.crowd import through
from scoring.editor.edits import Edit
from scoring.editor.opened import Opened
from scoring.editor.words import name_of
from scoring.models import RuleSet
from scoring.sections.gate_edits import (
    closed_at_once,
    kept_longer,
    moved_path,
    named_path,
    with_path,
    without_path,
)
from scoring.sections.lines import line
from scoring.sections.saving import save
from scoring.views.frame import edits_draft, find_version, frame, shown
from scoring.views.rules import opened_by

GATES: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "mql": (
        lazy("Gate to MQL"),
        lazy("Classifies for marketing: whoever passes is worth nurturing. Sales see only who is ready."),
    ),
    "ready": (
        lazy("Gate to ready for sales"),
        lazy("The hand-over: whoever passes is offered to sales as soon as somebody has room."),
    ),
}
# What a fast path is usually for.
USUAL = (
    *("contact_requested", "quote_requested", "demo_requested", "meeting_booked", "inbound_call"),
    *("trial_started", "event_attended", "webinar_attended", "trade_show_meeting", "shop_visit"),
)  # fmt: skip


@require_GET
@page("scoring.view_rules")
def gates(request: PageRequest, draft_id: int) -> HttpResponse:
    """Both gates; ``?open=`` an address unfolds the editor of a condition."""
    rule_set = find_version(draft_id)
    return draw_gates(request, rule_set, opened_by(request, rule_set), 200)


def draw_gates(request: PageRequest, rule_set: RuleSet, opened: Opened | None, status: int) -> HttpResponse:
    """The tab, with what is opened, if who looks may edit."""
    context = frame(request, rule_set, tab="gates")
    opened = opened if context["may_edit"] else None
    context |= {
        "gates": [_card(code, rule_set.document, opened) for code in GATES],
        "through": through(),
        "usual": [(code, BY_CODE[code].label) for code in USUAL],
        "opened": opened,
        "focus": request.GET.get("focus", ""),
        "refusal": getattr(request, "refusal", ""),
    }
    return shown(request, "scoring/sections/gates.html", context, status)


@require_POST
@edits_draft
def change_gate(request: PageRequest, draft: RuleSet, gate: str, verb: str) -> HttpResponse:
    """Keep in longer or not; add, move, rename or remove a fast path (``code`` or ``kind``)."""
    if gate not in GATES or verb not in _VERBS:
        raise Http404
    title, make = _VERBS[verb]
    summary = _("%(gate)s: %(what)s") % {"gate": GATES[gate][0], "what": title}
    if refused := save(request, draft, make(gate, request.POST), summary):
        request.refusal = refused.text  # type: ignore[attr-defined]  # shown above the gates
        return draw_gates(request, find_version(draft.pk), None, refused.status)
    return redirect("scoring:gates", draft.pk)


def _card(code: str, document: Mapping[str, Any], opened: Opened | None) -> dict[str, Any]:
    gate = document["gates"][code]
    title, does = GATES[code]
    paths = [
        {
            "code": one["code"],
            "name": _path_name(one),
            "names": one.get("name", {}),
            "line": line(one["when"], ("gates", code, "fast", one["code"], "when"), document, opened),
        }
        for one in gate.get("fast", ())
    ]
    return {
        "code": code,
        "title": title,
        "does": does,
        "note": name_of(gate["note"]) if "note" in gate else "",
        "when": line(gate["when"], ("gates", code, "when"), document, opened),
        "keep": line(gate["keep"], ("gates", code, "keep"), document, opened) if "keep" in gate else None,
        "paths": paths,
    }


def _path_name(path: Mapping[str, Any]) -> str:
    """The name of a fast path; else the act that opens it, else its code."""
    if "name" in path:
        return name_of(path["name"])
    kinds = path["when"].get("event", {}).get("kind", ()) if isinstance(path["when"], dict) else ()
    first = kinds if isinstance(kinds, str) else next(iter(kinds), "")
    return str(BY_CODE[first].label) if first in BY_CODE else str(path["code"])


def _in_both(kind: str) -> dict[str, str]:
    names = {}
    for language in ("fr", "en"):
        with override(language):
            names[language] = str(BY_CODE[kind].label)
    return names


def _add(gate: str, given: QueryDict) -> Edit:
    kind = given.get("kind", "")
    if kind not in USUAL:
        raise Http404
    return lambda document: with_path(document, gate, kind, _in_both(kind))


def _rename(gate: str, given: QueryDict) -> Edit:
    french, english = given.get("fr", "").strip(), given.get("en", "").strip()
    name = {"fr": french or english, "en": english or french}
    return lambda document: named_path(document, gate, given.get("code", ""), name)


_VERBS: Mapping[str, tuple[str | Promise, Any]] = {
    "keep": (lazy("who is in stays longer"), lambda gate, _given: lambda it: kept_longer(it, gate)),
    "close": (lazy("who is in leaves at once"), lambda gate, _given: lambda it: closed_at_once(it, gate)),
    "add": (lazy("a fast path added"), _add),
    "rename": (lazy("a fast path renamed"), _rename),
    "remove": (
        lazy("a fast path removed"),
        lambda gate, given: lambda it: without_path(it, gate, given.get("code", "")),
    ),
    "up": (
        lazy("another order"),
        lambda gate, given: lambda it: moved_path(it, gate, given.get("code", ""), -1),
    ),
    "down": (
        lazy("another order"),
        lambda gate, given: lambda it: moved_path(it, gate, given.get("code", ""), 1),
    ),
}
