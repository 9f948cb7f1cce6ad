"""Changing a draft from the page: each change is one POST, saved, refused in words, or told to differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from accounts.pages import PageRequest
from scoring.actions.drafts import DraftConflict, change_draft, changes_since
from scoring.actions.publishing import NotADraft
from scoring.diff_words import part_words, where
from scoring.drafts import ABSENT, Change, Document, PartGone, Path, free_code, parts, put
from scoring.editor import edits
from scoring.editor.addresses import Address, decode, encode, split
from scoring.editor.opened import Opened, open_part, summary_of
from scoring.editor.starters import BY_CODE
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.rule_words import say
from scoring.views.frame import edits_draft, find_version, frame, shown, tab_url
from scoring.views.rules import join_of
from scoring.views.tabs import draw_for


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that was asked for: what it does, what it is called, and where the eye goes then."""

    edit: edits.Edit
    summary: str
    focus: str = ""


@require_POST
@edits_draft
def change(request: PageRequest, draft: RuleSet) -> HttpResponse:
    """Save what is opened (``verb=save``), draw it anew (``refresh``), or do what a button says.

    ``at`` says where, ``revision`` which state was seen. Without JavaScript the answer leads back to the tab.
    """
    address = decode(request.POST.get("at", ""))
    verb = request.POST.get("verb", "save")
    if verb in ("save", "refresh"):
        return _form(request, draft, address, is_saved=verb == "save")
    asked = _asked(verb, address, request.POST, draft)
    return _kept(request, draft, asked, None)


def _form(request: PageRequest, draft: RuleSet, address: Address, *, is_saved: bool) -> HttpResponse:
    gone = _gone(request, draft, address)
    document = gone.put_back(draft.document) if gone and "revive" in request.POST else draft.document
    try:
        opened = open_part(
            document,
            encode(address),
            asked=request.POST.get("as", ""),
            join=join_of(request.POST.get("join")),
            data=request.POST,
        )
    except PartGone:
        return _told_gone(request, draft, gone)
    if not is_saved:
        opened.is_typed = True
        opened.form.put_focus(request.POST.get("focus", ""))
        return draw_for(address)(request, draft, opened, 200)
    if not opened.is_valid():
        return draw_for(address)(request, draft, opened, 422)
    edit = opened.edit()
    if gone and "revive" in request.POST:
        edit = _after(gone.put_back, edit)
    return _kept(request, draft, Asked(edit, _named(draft, address, summary_of(opened))), opened)


def _kept(request: PageRequest, draft: RuleSet, asked: Asked, opened: Opened | None) -> HttpResponse:
    address = decode(request.POST.get("at", ""))
    try:
        changed = change_draft(
            draft=draft,
            revision=_revision(request.POST, draft),
            change=asked.edit,
            summary=asked.summary,
            by=request.user,
            now=timezone.now(),
        )
    except RuleError as error:
        return _refused(request, draft, opened, error)
    except DraftConflict as conflict:
        return _told_conflict(request, conflict)
    except NotADraft:
        return redirect("scoring:rules", draft.pk)
    except LookupError:
        return _told_gone(request, draft, _gone(request, draft, address))
    return _back(request, changed, asked.focus or _focus(opened, changed, draft, address))


def _refused(request: PageRequest, draft: RuleSet, opened: Opened | None, error: RuleError) -> HttpResponse:
    """The same page, with what was typed and why it is not taken."""
    address = decode(request.POST.get("at", ""))
    if opened is not None:
        opened.refuse(error, draft.document)
        return draw_for(address)(request, draft, opened, 422)
    request.refusal = say(error)  # type: ignore[attr-defined]  # the tab shows it above its parts
    return draw_for(address)(request, draft, None, 422)


def _focus(opened: Opened | None, changed: RuleSet, before: RuleSet, address: Address) -> str:
    """The part that was edited, or the rule that came."""
    if opened is not None and opened.kind == "rule":
        code = edits.new_code(changed.document, before.document)
        return encode((*address, code))
    return encode(address)


def _back(request: PageRequest, draft: RuleSet, focus: str) -> HttpResponse:
    """To the tab, where the part that was edited has the focus."""
    tab = tab_url(request)
    if tab == request.path:
        tab = reverse("scoring:rules", args=[draft.pk])
    return redirect(f"{tab.partition('?')[0]}?{urlencode({'focus': focus})}")


@dataclass(frozen=True, slots=True)
class Gone:
    """A part that was removed while somebody edited it."""

    path: Path
    before: Any

    def put_back(self, document: Document) -> Document:
        """The document with the part as it was; a group that went along comes with it."""
        return put(document, self.path, self.before)


def _gone(request: PageRequest, draft: RuleSet, address: Address) -> Gone | None:
    """What was removed of this address since it was seen."""
    part, _rest = split(address)
    seen = _number(request.POST.get("gone_since"), _revision(request.POST, draft))
    for change_ in reversed(changes_since(draft, seen)):
        if change_.path == part and change_.new is ABSENT:
            return Gone(part, change_.old)
    return None


def _after(first: edits.Edit, second: edits.Edit) -> edits.Edit:
    return lambda document: second(first(document))


def _told_gone(request: PageRequest, draft: RuleSet, gone: Gone | None) -> HttpResponse:
    before = part_words(gone.path, gone.before, draft.document) if gone else ""
    rows = [
        {
            "where": where(gone.path, draft.document) if gone else "",
            "before": before,
            "theirs": "",
            "mine": "",
        }
    ]
    return _conflict(request, find_version(draft.pk), rows, may_revive=gone is not None)


def _told_conflict(request: PageRequest, conflict: DraftConflict) -> HttpResponse:
    """Before, theirs and mine, part by part."""
    draft = find_version(conflict.theirs.pk)
    since = changes_since(draft, _revision(request.POST, draft))
    rows = [_row(path, conflict, since) for path in conflict.paths]
    return _conflict(request, draft, rows)


def _row(path: Path, conflict: DraftConflict, since: list[Change]) -> Mapping[str, str]:
    before = next(one.old for one in since if one.path == path)
    theirs = conflict.theirs.document
    return {
        "where": where(path, conflict.mine, theirs),
        "before": part_words(path, before, theirs),
        "theirs": part_words(path, _part(theirs, path), theirs),
        "mine": part_words(path, _part(conflict.mine, path), conflict.mine),
    }


def _part(document: Document, path: Path) -> Any:
    return parts(document).get(path, ABSENT)


def _conflict(
    request: PageRequest, draft: RuleSet, rows: Sequence[Mapping[str, str]], *, may_revive: bool = False
) -> HttpResponse:
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "revision", "revive", "gone_since")
    ]
    who = draft.edited_by
    context = frame(request, draft, tab="rules") | {
        "rows": rows,
        "sent": sent,
        "sent_verb": request.POST.get("verb", "save"),
        # What is brought back has to be found among the edits since.
        "gone_since": request.POST.get("revision", "") if may_revive else "",
        "who": who,
        "may_revive": may_revive,
        "is_gone": not any(row["theirs"] for row in rows),
        "may_edit_mine": request.POST.get("verb", "save") == "save" and not may_revive,
        "next": request.POST.get("next") or reverse("scoring:rules", args=[draft.pk]),
    }
    return shown(request, "scoring/conflict.html", context, status=409)


def _asked(verb: str, address: Address, given: QueryDict, draft: RuleSet) -> Asked:
    """What a button does. Http404 for an unknown one."""
    make = _VERBS.get(verb.partition(":")[0])
    if make is None or not address:
        raise Http404
    return make(address, given, draft)


def _named(draft: RuleSet, address: Address, what: str) -> str:
    """ "Pricing viewed: Points"."""
    name = where(split(address)[0], draft.document)
    return f"{name} · {what}" if name else what


def _remove(address: Address, _given: QueryDict, draft: RuleSet) -> Asked:
    is_part = not split(address)[1]
    summary = _named(draft, address, _("Removed") if is_part else _("Condition removed"))
    return Asked(edits.remove_part(address), summary, "undo" if is_part else encode(address[:4]))


def _copy(address: Address, _given: QueryDict, draft: RuleSet) -> Asked:
    suffix = {}
    for language in ("fr", "en"):
        with override(language):
            suffix[language] = _(" (copy)")
    return Asked(edits.copy_rule(address, suffix), _named(draft, address, _("Copied")), encode(address))


def _move(step: int) -> Callable[[Address, QueryDict, RuleSet], Asked]:
    def make(address: Address, _given: QueryDict, draft: RuleSet) -> Asked:
        return Asked(edits.move_part(address, step), _named(draft, address, _("Moved")), encode(address))

    return make


def _switch(is_on: bool) -> Callable[[Address, QueryDict, RuleSet], Asked]:
    def make(address: Address, _given: QueryDict, draft: RuleSet) -> Asked:
        word = _("Switched on") if is_on else _("Switched off")
        return Asked(edits.switch(address, is_on), _named(draft, address, word), encode(address))

    return make


def _transfer(address: Address, given: QueryDict, draft: RuleSet) -> Asked:
    group = given.get("verb", "").partition(":")[2]
    to = encode(("groups", group, "rules", address[-1]))
    return Asked(edits.transfer_rule(address, group), _named(draft, address, _("Moved to another group")), to)


def _add(address: Address, given: QueryDict, draft: RuleSet) -> Asked:
    starter = given.get("starter", "")
    if starter not in BY_CODE or len(address) < 2:
        raise Http404
    summary = _named(draft, address[:2], _("New rule"))
    code = free_code(draft.document, starter)
    return Asked(edits.add_starter(address[1], starter), summary, encode((*address[:2], "rules", code)))


def _add_group(_address: Address, given: QueryDict, draft: RuleSet) -> Asked:
    starter = given.get("starter", "")
    if starter not in BY_CODE:
        raise Http404
    measures = BY_CODE[starter].measures
    name = given.get("name", "").strip() or _("New group")
    code = free_code(draft.document, f"{measures}_group")
    edit = edits.add_group(measures, starter, {"name": {"fr": name, "en": name}})
    return Asked(edit, _("New group"), encode(("groups", code)))


_VERBS: Mapping[str, Callable[[Address, QueryDict, RuleSet], Asked]] = {
    "remove": _remove,
    "copy": _copy,
    "up": _move(-1),
    "down": _move(1),
    "on": _switch(True),
    "off": _switch(False),
    "transfer": _transfer,
    "add": _add,
    "add_group": _add_group,
}


def _revision(given: QueryDict, draft: RuleSet) -> int:
    return _number(given.get("revision"), draft.revision)


def _number(given: str | None, otherwise: int) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else otherwise
