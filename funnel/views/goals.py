"""Settings: the events that make somebody a customer without a rep."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, page
from funnel.forms import EuroField
from funnel.models import ConversionGoal
from funnel.views.checklist_settings import MANAGES
from leads.models import EventKind


class KindField(forms.ModelChoiceField[EventKind]):
    """A kind of event by its label."""

    def label_from_instance(self, obj: EventKind) -> str:
        """The kind in the reader's language."""
        return obj.label


class GoalForm(forms.ModelForm[ConversionGoal]):
    """Which event, and on which condition."""

    kind = KindField(EventKind.objects.filter(is_internal=False), label=gettext_lazy("Event"))
    least_amount = EuroField(label=gettext_lazy("Only from this amount (€)"), required=False)

    class Meta:
        model = ConversionGoal
        fields = ("kind", "only_property", "only_value", "least_amount", "is_active")

    def clean(self) -> dict[str, Any]:
        """A property and its value come together."""
        given = super().clean() or self.cleaned_data
        if bool(given.get("only_property")) != bool(given.get("only_value")):
            self.add_error("only_value", _("Give the property and its value, or neither."))
        return given


@page(MANAGES)
@require_GET
def show(request: PageRequest) -> HttpResponse:
    """All of them, those out of use too."""
    goals = ConversionGoal.objects.select_related("kind")
    return render(request, "funnel/goals.html", {"goals": goals, "tab": "goals"})


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, goal_id: int | None = None) -> HttpResponse:
    """Make one, or change the one that is named."""
    goal = get_object_or_404(ConversionGoal, pk=goal_id) if goal_id else None
    form = GoalForm(request.POST if request.method == "POST" else None, instance=goal, label_suffix="")
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("funnel:goals")
    context = {"form": form, "title": goal.kind.label if goal else _("New goal")}
    return render(request, "funnel/goal.html", context, status=422 if form.errors else 200)
