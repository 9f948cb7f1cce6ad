"""The living style guide, /styleguide/: every part of the visual language with the markup that makes it.

Shown in development and in the demo only. Its rows are invented here; no database is read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboard import charts
from funnel.choices import STAGES


@dataclass(frozen=True)
class Sample:
    """A lead of the guide's table."""

    name: str
    company: str
    stage: str
    grade: str
    level: int
    temperature: str
    minutes_ago: int

    @property
    def last_event_at(self) -> dt.datetime:
        """When it last did something."""
        return timezone.now() - dt.timedelta(minutes=self.minutes_ago)


SAMPLES = [
    Sample("Claire Fontaine", "Ateliers du Rhône", "mql", "A", 1, "hot", 4),
    Sample("Yanis Belkacem", "Mécanique Vosges", "sal", "A", 2, "warm", 95),
    Sample("Élodie O'Neill", "Énergie & Procédés", "sql", "B", 1, "hot", 60 * 26),
    Sample("Bruno Weiss", "Fonderie de l'Est", "customer", "B", 3, "cold", 60 * 24 * 12),
    Sample("Anaïs Le Goff", "Armor Industrie", "recycled", "C", 2, "warm", 60 * 24 * 40),
    Sample("Hugo Marchand", "—", "disqualified", "D", 4, "cold", 60 * 24 * 200),
]
FUNNEL = [("lead", 1424), ("mql", 361), ("sal", 74), ("sql", 41), ("customer", 118)]


def styleguide(request: HttpRequest) -> HttpResponse:
    """The guide; 404 in production."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    stages = [
        {"code": code, "label": STAGES[code], "value": value, "url": "#", "rate": rate}
        for (code, value), rate in zip(FUNNEL, [0.253, 0.205, 0.55, 0.31, None], strict=True)
    ]
    steps = [
        {"code": code, "state": state}
        for code, state in [
            ("lead", "done"),
            ("mql", "done"),
            ("sal", "now"),
            ("sql", "next"),
            ("customer", "next"),
        ]
    ]
    return render(
        request,
        "dashboard/styleguide.html",
        {
            "samples": SAMPLES,
            "stages": stages,
            "steps": steps,
            "flight": charts.flight([value for _, value in FUNNEL]),
            "columns": charts.columns([(f"S{week}", (week * 37) % 53 + 8) for week in range(1, 25)]),
            "matrix": [[(grade, level) for level in range(1, 5)] for grade in "ABCD"],
            "page_keys": [("a", "Accept"), ("r", "Return to marketing")],
        },
    )
