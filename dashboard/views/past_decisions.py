"""Rules replayed on what sales decided, and what past refusals suggest."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page, wants_fragment
from dashboard.queries import previews
from dashboard.queries.replays import replay_shown, suggestions_shown
from dashboard.suggesting import name_of
from dashboard.views.previews import PERMISSION, trial_frame
from scoring.actions.drafts import DraftConflict, change_draft
from scoring.engine.reading import RuleError
from scoring.models import RulePreview, RuleSet
from scoring.proposals import WAYS
from scoring.queries import live_rule_set
from scoring.rule_words import say
from scoring.traits import Trait
from scoring.views.frame import edits_draft, find_version, shown

Kind = RulePreview.Kind


@require_GET
@page(PERMISSION)
def past_decisions(request: PageRequest, draft_id: int) -> HttpResponse:
    """What these rules would have said of each past offer at its moment, against what sales decided."""
    rule_set = find_version(draft_id)
    trial, suggesting = _current(rule_set, Kind.REPLAY), _current(rule_set, Kind.SUGGEST)
    context = trial_frame(request, rule_set, "past_decisions") | {"trial": trial, "suggesting": suggesting}
    for target, which in (("trial", trial), ("suggesting", suggesting)):
        if wants_fragment(request, target) and which is not None and which.is_at_work:
            return render(
                request, "dashboard/trials/_state.html", context | {"trial": which, "target": target}
            )
    if trial is not None and trial.state == trial.State.DONE:
        context["found"] = replay_shown(trial.result)
    if suggesting is not None and suggesting.state == suggesting.State.DONE:
        context["suggestions"] = suggestions_shown(suggesting.result, request.LANGUAGE_CODE)
        context["looked_at"] = suggesting.result["offers"]
    return shown(request, "dashboard/trials/past_decisions.html", context)


def _current(rule_set: RuleSet, kind: Kind) -> RulePreview | None:
    """The trial, unless the rules or those they were compared with changed since."""
    trial = previews.trial_of(rule_set, kind)
    return None if trial is None or previews.is_stale(trial, rule_set, live_rule_set()) else trial


@require_POST
@edits_draft
def add_suggestion(request: PageRequest, draft: RuleSet) -> HttpResponse:
    """Add what a suggestion proposes to the draft; its other parts stay as they are."""
    trial = RulePreview.objects.filter(rule_set=draft, kind=Kind.SUGGEST).order_by("-revision").first()
    place = request.POST.get("place", "")
    found = trial.result.get("suggestions", []) if trial else []
    if not (place.isascii() and place.isdigit() and int(place[:4]) < len(found)):
        return redirect("dashboard:past_decisions", draft.pk)
    one = found[int(place[:4])]
    trait = Trait(**one["trait"])
    name = name_of(trait)
    try:
        change_draft(
            draft=draft,
            revision=draft.revision,
            change=WAYS[one["way"]](trait, name),
            summary=_("Held back after past decisions: %(what)s") % {"what": name[_language(request)]},
            by=request.user,
            now=timezone.now(),
        )
    except (DraftConflict, LookupError):
        messages.error(request, _("Somebody changed this part of the draft meanwhile: look at it first."))
    except RuleError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, _("Added to the draft: replay it to see what it changes."))
    return redirect("dashboard:past_decisions", draft.pk)


def _language(request: PageRequest) -> str:
    return "en" if request.LANGUAGE_CODE.startswith("en") else "fr"
