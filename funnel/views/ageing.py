"""Settings: the ageing rule, with a look ahead before it is switched on."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page
from funnel.actions.ageing import set_rule
from funnel.ageing import LEAST_DAYS, Limits
from funnel.queries.ageing import ageing_rule, would_age
from funnel.refusals import Incomplete
from funnel.views.checklist_settings import MANAGES


class LimitsForm(forms.Form):
    """After how many days or cycles."""

    days = forms.IntegerField(
        label=gettext_lazy("Days since the first contact"),
        min_value=LEAST_DAYS,
        max_value=3650,
        required=False,
    )
    cycles = forms.IntegerField(label=gettext_lazy("Most cycles"), min_value=1, max_value=100, required=False)

    @property
    def limits(self) -> Limits:
        """As the rule has them."""
        return Limits(self.cleaned_data.get("days"), self.cleaned_data.get("cycles"))


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest) -> HttpResponse:
    """The rule and what it would do. A GET with limits looks ahead; a POST switches it on (``do``) or off."""
    rule, now = ageing_rule(), timezone.now()
    stored = {"days": rule.days, "cycles": rule.cycles}
    typed = request.POST if request.method == "POST" else request.GET if "days" in request.GET else stored
    form = LimitsForm(typed, label_suffix="")
    valid = form.is_valid()
    if request.method == "POST" and (valid or request.POST.get("do") == "off"):
        on = request.POST.get("do") == "on"
        try:
            set_rule(limits=form.limits if on else Limits(**stored), is_on=on, by=request.user, now=now)
        except Incomplete as incomplete:
            form.add_error(incomplete.field, incomplete.message)
        else:
            messages.success(request, _("The rule is on from tonight.") if on else _("The rule is off."))
            return redirect("funnel:ageing")
    ahead = would_age(form.limits, now=now) if valid and form.limits.says_when else None
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "rule": rule, "ahead": ahead, "tab": "ageing"}
    return render(request, "funnel/ageing.html", context, status=status)
