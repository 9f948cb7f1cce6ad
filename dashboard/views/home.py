"""The marketer's dashboard; reps land in their inbox instead, the DPO among the leads."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, may
from dashboard import charts
from dashboard.navigation import navigation_for
from dashboard.queries.home import DAYS, HOT_COUNTED, Home, home, leads_url, messages_url
from dashboard.templatetags.ui import count, percent


@require_GET
@login_required
def index(request: PageRequest) -> HttpResponse:
    """The dashboard for those who may see reports, else the first page that is theirs."""
    if not may(request.user, "dashboard.view_reports"):
        return redirect(next(item.url for item in navigation_for(request).all))
    figures = home(timezone.now())
    context = {
        "home": figures,
        "days": DAYS,
        "flight": charts.flight([stage.value for stage in figures.stages]),
        "columns": charts.columns(
            [(formats.date_format(day, "SHORT_DATE_FORMAT"), number) for day, number in figures.arrivals]
        ),
        "urls": _addresses(),
        "notes": _notes(figures),
        "channel_maximum": max((bar.value for bar in figures.channels if not bar.is_rest), default=0),
        "reason_maximum": max((bar.value for bar in figures.reasons), default=0),
    }
    return render(request, "dashboard/home.html", context)


def _addresses() -> dict[str, str]:
    """The leads or messages behind each figure."""
    return {
        "hot": leads_url(temperature="hot", sort="priority"),
        "to_decide": leads_url(stage="offered"),
        "accepted": leads_url(decided="accept", days=DAYS),
        "sent": messages_url(state="sent"),
        "held": messages_url(state="held"),
        "capacity": reverse("funnel:capacity"),
    }


def _notes(home: Home) -> dict[str, str]:
    """The line below each figure."""
    places = home.capacity
    return {
        "hot": _("or more") if home.hot_count >= HOT_COUNTED else "",
        "waiting": _("%(number)s wait for a place") % {"number": count(places.waiting)},
        "places": _("of %(places)s") % {"places": count(places.places)},
        "acceptance": _("%(rate)s of the decisions") % {"rate": percent(home.acceptance, 0)},
        "held": _("%(number)s held back") % {"number": count(home.held)},
    }
