"""Settings: the checklist that has to hold before a lead is an opportunity."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, page
from funnel.actions.checklist_settings import add_item, move_item, put_item_to_use, take_template
from funnel.checklist_forms import ItemForm
from funnel.checklist_templates import TEMPLATES, Template
from funnel.models import ChecklistItem
from funnel.queries.checklist_preview import preview_of

MANAGES = "funnel.manage_sales"


@dataclass(frozen=True, slots=True)
class Offered:
    """A template as the reader sees it. ``is_taken``: the checklist in use is this one."""

    code: str
    label: str
    hint: str
    items: tuple[str, ...]
    is_taken: bool = False


@page(MANAGES)
@require_GET
def show(request: PageRequest) -> HttpResponse:
    """The items in use in their order, those out of use, and the templates."""
    items = list(ChecklistItem.objects.all())
    used = [item for item in items if item.is_active]
    present = [(item.code, item.is_required) for item in used]
    context = {
        "tab": "checklist",
        "used": used,
        "retired": [item for item in items if not item.is_active],
        "templates": [_offered(one, present) for one in TEMPLATES.values()],
    }
    return render(request, "funnel/checklist_settings.html", context)


def _offered(template: Template, present: list[tuple[str, bool]] | None = None) -> Offered:
    english = (get_language() or "fr").startswith("en")
    return Offered(
        template.code,
        template.label_en if english else template.label_fr,
        template.hint_en if english else template.hint_fr,
        tuple(item.label_en if english else item.label_fr for item in template.items),
        is_taken=present == [(item.code, item.is_required) for item in template.items],
    )


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, item_id: int | None = None) -> HttpResponse:
    """Make an item, or change the one that is named."""
    item = get_object_or_404(ChecklistItem, pk=item_id) if item_id else None
    form = ItemForm(request.POST if request.method == "POST" else None, instance=item)
    if form.is_valid():
        if item:
            form.save()
        else:
            add_item(item=form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("funnel:checklist_settings")
    status = 422 if form.errors else 200
    return render(request, "funnel/checklist_item.html", {"form": form, "item": item}, status=status)


@page(MANAGES)
@require_POST
def arrange(request: PageRequest, item_id: int) -> HttpResponse:
    """``do`` is up, down, retire or use."""
    item = get_object_or_404(ChecklistItem, pk=item_id)
    wanted = request.POST.get("do", "")
    if wanted in {"up", "down"}:
        move_item(item=item, up=wanted == "up")
    elif wanted in {"retire", "use"}:
        put_item_to_use(item=item, in_use=wanted == "use")
    return redirect("funnel:checklist_settings")


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: PageRequest, code: str) -> HttpResponse:
    """What taking this template changes; a POST takes it."""
    chosen = TEMPLATES.get(code)
    if chosen is None:
        raise Http404
    if request.method == "POST":
        take_template(template=chosen)
        messages.success(request, _("The checklist is in use. Every answer was kept."))
        return redirect("funnel:checklist_settings")
    found = preview_of(chosen)
    labels = {item.code: item.label for item in ChecklistItem.objects.all()}
    offered = _offered(chosen)
    labels |= dict(zip([item.code for item in chosen.items], offered.items, strict=True))
    context = {
        "template": offered,
        "preview": found,
        "changes": [
            (_("New"), "plus", [labels[one] for one in found.come]),
            (_("Kept"), "check", [labels[one] for one in found.stay]),
            (_("Out of use"), "circle-minus", [labels[one] for one in found.go]),
        ],
    }
    return render(request, "funnel/checklist_template.html", context)
