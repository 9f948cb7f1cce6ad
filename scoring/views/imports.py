"""A rule set from a JSON file: checked, compared with the live version, and only then a draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page
from leads.api.strict import NotStrict, check_depth, decode
from scoring.actions.drafts import checked
from scoring.actions.publishing import make_draft
from scoring.diff_words import tell
from scoring.drafts import Document, diff
from scoring.engine.reading import RuleError
from scoring.queries import live_rule_set
from scoring.rule_words import say

LARGEST = 512 * 1024
# A document is about a dozen levels deep; the engine says which conditions are too deep.
MOST_LEVELS = 32


class NotADocument(ValueError):
    """What was sent cannot be read as a rule set; the message says why, in the reader's language."""


@require_http_methods(["GET", "POST"])
@page("scoring.edit_rules")
def import_rules(request: PageRequest) -> HttpResponse:
    """Choose a file or paste its text; what it would change is shown; a second POST makes the draft."""
    context: dict[str, Any] = {}
    if request.method == "GET":
        return render(request, "scoring/import.html", context)
    text = request.POST.get("text", "")
    try:
        text = _sent(request)
        document = read_document(text)
        checked(document)
    except NotADocument as error:
        return render(request, "scoring/import.html", {"problem": str(error), "text": text}, status=422)
    except RuleError as error:
        context = {"problem": say(error), "path": error.path, "text": text}
        return render(request, "scoring/import.html", context, status=422)
    if "confirmed" in request.POST:
        draft = make_draft(document=document, by=request.user, now=timezone.now(), based_on=live_rule_set())
        return redirect("scoring:rules", draft.pk)
    return render(request, "scoring/import.html", {"text": text, "checked": True} | _against_live(document))


def read_document(text: str) -> Document:
    """A JSON object out of a text. Raises NotADocument."""
    body = text.encode(errors="surrogatepass")
    if len(body) > LARGEST:
        raise NotADocument(_("The file is too large: a rule set has 512 KB at most."))
    try:
        document = decode(body)
        check_depth(document, MOST_LEVELS)
    except NotStrict as error:
        raise NotADocument(str(error.detail)) from error
    if not isinstance(document, dict):
        raise NotADocument(_("A rule set is a JSON object: { … }"))
    return document


def _sent(request: PageRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if file.size is None or file.size > LARGEST:
        raise NotADocument(_("The file is too large: a rule set has 512 KB at most."))
    try:
        return bytes(file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotADocument(_("The file is not text in UTF-8.")) from error


def _against_live(document: Document) -> dict[str, Any]:
    live = live_rule_set()
    if live is None:
        return {"told": [], "live": None}
    changes = diff(live.document, document)
    return {"told": tell(changes, live.document, document), "live": live}
