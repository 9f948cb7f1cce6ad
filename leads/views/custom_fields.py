"""Settings: the custom fields."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, page
from leads.actions.custom_fields import move_field, put_to_use
from leads.custom_fields import About
from leads.forms.custom_fields import CustomFieldForm
from leads.models import CustomField


@require_GET
@page("leads.edit_fields")
def custom_fields(request: PageRequest) -> HttpResponse:
    """All definitions, about leads and about companies, in the order they are shown."""
    fields = list(CustomField.objects.all())
    groups = [(about, [field for field in fields if field.about == about]) for about in About]
    return render(request, "leads/custom_fields.html", {"groups": groups, "any": bool(fields)})


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.edit_fields")
def custom_field(request: PageRequest, field_id: int | None = None) -> HttpResponse:
    """Make a field, or change the one that is named."""
    field = get_object_or_404(CustomField, pk=field_id) if field_id else None
    form = CustomFieldForm(request.POST if request.method == "POST" else None, field=field)
    if form.is_valid() and form.save(now=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("leads:custom_fields")
    status = 422 if form.errors else 200
    return render(request, "leads/custom_field.html", {"form": form, "field": field}, status=status)


@require_POST
@page("leads.edit_fields")
def arrange_custom_field(request: PageRequest, field_id: int) -> HttpResponse:
    """``do`` is up, down, retire or use."""
    field = get_object_or_404(CustomField, pk=field_id)
    wanted = request.POST.get("do", "")
    if wanted in {"up", "down"}:
        move_field(field=field, up=wanted == "up")
    elif wanted in {"retire", "use"}:
        put_to_use(field=field, in_use=wanted == "use")
    return redirect("leads:custom_fields")
