"""The table of channel rules: its rows, and applying it to the past."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, may, page, unfinished, wants_fragment
from capture.source_forms import RuleForm, in_words
from leads.actions.channel_runs import Busy, begin_run, preview, undo_run
from leads.actions.sources import move_rule, remove_rule, restore_shipped_rules, save_rule
from leads.channels import Channel
from leads.models import ChannelRule, ChannelRun, RunState


@require_GET
@page("capture.view_capture")
def rules(request: PageRequest) -> HttpResponse:
    """The rules in their order, and the last application to the past."""
    run = ChannelRun.objects.first()
    if wants_fragment(request, "run"):
        return render(request, "capture/_channel_run.html", {"run": run, "may_edit": _may_edit(request)})
    rows = [
        {"rule": rule, "words": [in_words(one) for one in rule.conditions]}
        for rule in ChannelRule.objects.select_related("campaign")
    ]
    context = {"tab": "rules", "rows": rows, "run": run, "may_edit": _may_edit(request)}
    return render(request, "capture/channel_rules.html", context)


def _may_edit(request: PageRequest) -> bool:
    return may(request.user, "leads.edit_sources")


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.edit_sources")
def rule(request: PageRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a rule."""
    found = get_object_or_404(ChannelRule, pk=pk) if pk is not None else None
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = RuleForm(typed, rule=found)
    if request.method == "POST" and form.is_valid():
        save_rule(rule=found, draft=form.draft())
        messages.success(request, _("Saved. It holds for what comes in from now on."))
        return redirect("capture:channel_rules")
    context = {"tab": "rules", "form": form, "rule": found, "may_edit": True}
    return render(request, "capture/channel_rule.html", context, status=422 if typed and form.errors else 200)


@require_POST
@page("leads.edit_sources")
def act(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Move a rule, or take it out."""
    found = get_object_or_404(ChannelRule, pk=pk)
    if verb == "remove":
        remove_rule(rule=found)
        messages.success(request, _("Removed."))
    elif verb in {"up", "down"}:
        move_rule(rule=found, up=verb == "up")
    else:
        raise Http404
    return redirect("capture:channel_rules")


@require_POST
@page("leads.edit_sources")
def restore(request: PageRequest) -> HttpResponse:
    """Put the table back as it was delivered."""
    restore_shipped_rules()
    messages.success(request, _("The rules are again those that Écluse came with."))
    return redirect("capture:channel_rules")


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.edit_sources")
def past(request: PageRequest) -> HttpResponse:
    """See what the rules would change in the past; the POST has it done."""
    if request.method == "POST":
        try:
            begin_run(by=request.user, now=timezone.now())
            messages.success(
                request, _("Begun. It goes on in the background; this page shows how far it is.")
            )
        except Busy:
            messages.error(request, _("The rules are being applied already."))
        return redirect("capture:channel_rules")
    labels = dict(Channel.choices)
    found = preview()
    moves = [(labels.get(move.before, "—"), labels.get(move.after, "—"), move) for move in found.moves]
    context = {"tab": "rules", "preview": found, "moves": moves, "may_edit": True}
    return render(request, "capture/channel_preview.html", context)


@require_POST
@page("leads.edit_sources")
def undo(request: PageRequest, pk: int) -> HttpResponse:
    """Take back the last application to the past."""
    run = get_object_or_404(ChannelRun, pk=pk)
    if run != ChannelRun.objects.first() or run.state != RunState.DONE:
        raise Http404
    undo_run(run=run, by=request.user, now=timezone.now())
    messages.success(request, _("Taken back."))
    return redirect("capture:channel_rules")
