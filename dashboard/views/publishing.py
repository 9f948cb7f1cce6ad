"""Publishing rules: what it will do, the button, how far it is; and the way back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, may, page, wants_fragment
from dashboard.queries import previews
from dashboard.queries.publishing import publishing as progress
from dashboard.queries.replays import replay_shown
from dashboard.views.previews import trial_frame
from scoring.actions.predicates import TooManyPredicates
from scoring.actions.publishing import NotADraft, NotArchived, OutOfDate, publish_as_seen, roll_back
from scoring.diff_words import Told, tell
from scoring.drafts import diff
from scoring.engine.reading import RuleError
from scoring.models import RulePreview, RuleSet
from scoring.queries import live_rule_set
from scoring.rule_words import say
from scoring.tasks import nudge_passes
from scoring.views.frame import find_version, shown

Kind = RulePreview.Kind


@require_http_methods(["GET", "POST"])
@page("scoring.publish_rules")
def publish(request: PageRequest, draft_id: int) -> HttpResponse:
    """What would change, and what that does; the POST that carries what was seen publishes it.

    An archived version is published again as the next one. What is no longer what was seen is shown anew,
    with 409 (F38).
    """
    rule_set = find_version(draft_id)
    if rule_set.status == RuleSet.Status.LIVE:
        return redirect("dashboard:publishing")
    if request.method == "GET" or "revision" not in request.POST:
        return _confirm(request, rule_set)
    problem, status = "", 409
    try:
        _publish(request, rule_set)
    except OutOfDate:
        problem = _(
            "Something changed since you looked: read what would be published now, and confirm again."
        )
    except (NotADraft, NotArchived):
        problem = _("This version was published or thrown away meanwhile.")
    except RuleError as error:
        problem, status = say(error), 422
    except TooManyPredicates:
        problem, status = _("Rules ask too many different questions about properties: 63 at most."), 422
    else:
        nudge_passes()
        messages.success(request, _("The new rules are live. Scores are being renewed."))
        return redirect("dashboard:publishing")
    return _confirm(request, find_version(draft_id), problem, status)


def _publish(request: PageRequest, rule_set: RuleSet) -> None:
    revision, instead_of = (_number(request.POST.get(name, "")) for name in ("revision", "instead_of"))
    now = timezone.now()
    if rule_set.status == RuleSet.Status.ARCHIVED:
        roll_back(rule_set, instead_of=instead_of, by=request.user, now=now)
    else:
        publish_as_seen(rule_set, revision=revision or 0, instead_of=instead_of, by=request.user, now=now)


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _confirm(request: PageRequest, rule_set: RuleSet, problem: str = "", status: int = 200) -> HttpResponse:
    live, now = live_rule_set(), timezone.now()
    counted, replayed = (_done(rule_set, kind, live) for kind in (Kind.PREVIEW, Kind.REPLAY))
    context = trial_frame(request, rule_set, "publish") | {
        "problem": problem,
        "told": _told(live, rule_set),
        "found": previews.shown(rule_set, counted or previews.sample(rule_set, now=now), now=now),
        "replay": replay_shown(replayed) if replayed else None,
        "per_hour": settings.PUBLISHED_LEADS_AN_HOUR,
        "goes_back": rule_set.status == RuleSet.Status.ARCHIVED,
    }
    return shown(request, "dashboard/trials/publish.html", context, status=status)


def _done(rule_set: RuleSet, kind: Kind, live: RuleSet | None) -> dict[str, Any] | None:
    """What a finished trial of this very comparison found."""
    trial = previews.trial_of(rule_set, kind)
    if trial is None or trial.state != trial.State.DONE or previews.is_stale(trial, rule_set, live):
        return None
    return dict(trial.result)


def _told(live: RuleSet | None, rule_set: RuleSet) -> list[Told]:
    if live is None:
        return []
    return tell(diff(live.document, rule_set.document), live.document, rule_set.document)


@require_GET
@page("scoring.view_rules")
def publishing(request: PageRequest) -> HttpResponse:
    """How far the last publishing is; asked for again while it is at work."""
    found = progress(now=timezone.now())
    context = {"found": found, "may_publish": may(request.user, "scoring.publish_rules")}
    fragment = wants_fragment(request, "publishing")
    template = "dashboard/trials/_publishing.html" if fragment else "dashboard/trials/publishing.html"
    return render(request, template, context)
