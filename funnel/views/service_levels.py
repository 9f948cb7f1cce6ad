"""Settings: who is promised a first answer, and within how many working minutes."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import PageRequest, page
from funnel.models import ServiceLevel
from funnel.models.service_level import subject_label
from leads.kinds import SHIPPED

MANAGES = "funnel.manage_sales"
_BANDS = [letter + number for letter in "ABCD" for number in "1234"]


class ServiceLevelForm(forms.ModelForm[ServiceLevel]):
    """One promise: for what, and the minutes."""

    subject = forms.ChoiceField(label=gettext_lazy("For whom"))

    class Meta:
        model = ServiceLevel
        fields: ClassVar = ["subject", "minutes", "is_active"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [
            kind.code for kind in SHIPPED if kind.is_activity and not kind.is_internal and kind.points > 0
        ]
        self.fields["subject"].choices = [  # type: ignore[attr-defined]
            (gettext_lazy("Who did this"), [(code, subject_label(code)) for code in kinds]),
            (gettext_lazy("Who became ready"), [(band, subject_label(band)) for band in _BANDS]),
        ]


@page(MANAGES)
@require_http_methods(["GET", "POST"])
def service_levels(request: PageRequest, level_id: int | None = None) -> HttpResponse:
    """All promises, and a form to make or change one."""
    level = get_object_or_404(ServiceLevel, pk=level_id) if level_id else None
    form = ServiceLevelForm(request.POST if request.method == "POST" else None, instance=level)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("funnel:service_levels")
    context = {"levels": ServiceLevel.objects.all(), "form": form, "level": level}
    return render(request, "funnel/service_levels.html", context, status=422 if form.errors else 200)


@page(MANAGES)
@require_POST
def delete(request: PageRequest, level_id: int) -> HttpResponse:
    """Promise it no more; what was promised is followed up all the same."""
    get_object_or_404(ServiceLevel, pk=level_id).delete()
    messages.success(request, _("Deleted."))
    return redirect("funnel:service_levels")
