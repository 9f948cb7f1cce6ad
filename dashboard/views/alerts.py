"""Which crossings people are told of: the alerts, made and changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, page
from dashboard.alert_forms import AlertForm
from scoring.models import AlertRule
from scoring.models.alert import Recipient


@require_GET
@page("scoring.manage_alerts")
def alerts(request: PageRequest) -> HttpResponse:
    """All alerts."""
    names = dict(Recipient)
    rows = [
        (rule, [names[one] for one in rule.recipients if one in names]) for rule in AlertRule.objects.all()
    ]
    return render(request, "dashboard/alerts.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@page("scoring.manage_alerts")
def new_alert(request: PageRequest) -> HttpResponse:
    """Make one."""
    blank = AlertRule(created_at=timezone.now(), created_by=request.user, trigger="hot", recipients=["owner"])
    return _form(request, blank)


@require_http_methods(["GET", "POST"])
@page("scoring.manage_alerts")
def edit_alert(request: PageRequest, alert_id: int) -> HttpResponse:
    """Change one."""
    return _form(request, get_object_or_404(AlertRule, pk=alert_id))


@require_POST
@page("scoring.manage_alerts")
def delete_alert(request: PageRequest, alert_id: int) -> HttpResponse:
    """Delete one; what people were told by it stays."""
    get_object_or_404(AlertRule, pk=alert_id).delete()
    messages.success(request, _("Deleted."))
    return redirect("dashboard:alerts")


def _form(request: PageRequest, rule: AlertRule) -> HttpResponse:
    form = AlertForm(request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("dashboard:alerts")
    context = {"form": form, "rule": rule if rule.pk else None}
    return render(request, "dashboard/alert.html", context, status=422 if request.method == "POST" else 200)
