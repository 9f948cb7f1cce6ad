"""The funnel report."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from dashboard import charts
from dashboard.queries.home import StageFigure, leads_url
from dashboard.queries.report import FunnelReport, report_to_show
from funnel.choices import STAGES


@require_GET
@page("dashboard.view_reports")
def funnel(request: PageRequest) -> HttpResponse:
    """Totals, stages ever reached, conversion by channel and by cohort."""
    report = report_to_show(now=timezone.now())
    context = {
        "report": report,
        "stages": _stages(report),
        "flight": charts.flight([number for _stage, number in report.reached]),
        "channel_rate": max((line.rate or 0 for line in report.channels), default=0),
        "cohort_rate": max((line.rate or 0 for line in report.cohorts), default=0),
        "rate_label": _("of the stage before"),
    }
    return render(request, "dashboard/funnel.html", context)


def _stages(report: FunnelReport) -> list[StageFigure]:
    """Each stage with the share of the one before that reached it."""
    before = [None, *(number for _stage, number in report.reached[:-1])]
    return [
        StageFigure(
            code=code,
            label=STAGES[code],
            value=number,
            arrived=number,
            rate=number / previous if previous else None,
            url=leads_url(arrived=code),
        )
        for (code, number), previous in zip(report.reached, before, strict=True)
    ]
