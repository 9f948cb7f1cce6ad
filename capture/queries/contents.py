"""Reading the content library: its pieces, and what became of their readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import django_filters
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from leads.choices import Band, ContentType, Phase
from leads.kinds import BY_CODE
from leads.models import Content, Verdict

NEWEST = Order("newest", _("Newest"), "created_at")
# Readers of the last year; what they became within 90 days of reading it first.
WINDOW, LATER = timedelta(days=365), timedelta(days=90)
CONSULTING = tuple(BY_CODE[code].id for code in ("content_downloaded", "video_watched", "webinar_attended"))
YES_NO = [("yes", _("Behind a form")), ("no", _("Free"))]
USES = [("", _("In use")), ("out", _("Out of use"))]


class ContentFilter(django_filters.FilterSet):
    """By what a piece is and whom it is for."""

    type = django_filters.ChoiceFilter(label=_("Type"), choices=ContentType.choices, empty_label=_("Type"))
    band = django_filters.ChoiceFilter(label=_("Band"), choices=Band.choices, empty_label=_("Band"))
    phase = django_filters.ChoiceFilter(label=_("Phase"), choices=Phase.choices, empty_label=_("Phase"))
    topic = django_filters.ChoiceFilter(label=_("Topic"), method="by_word", empty_label=_("Topic"))
    persona = django_filters.ChoiceFilter(label=_("Persona"), method="by_word", empty_label=_("Persona"))
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=[("fr", _("French")), ("en", _("English"))], empty_label=_("Language")
    )
    gated = django_filters.ChoiceFilter(
        label=_("Access"), method="by_gate", choices=YES_NO, empty_label=_("Access")
    )
    use = django_filters.ChoiceFilter(
        label=_("Use"), method="by_use", choices=USES[1:], empty_label=USES[0][1]
    )

    class Meta:
        model = Content
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # FilterSet's own
        topics, personas = known_words()
        self.filters["topic"].extra["choices"] = [(word, word) for word in topics]
        self.filters["persona"].extra["choices"] = [(word, word) for word in personas]

    def filter_queryset(self, queryset: QuerySet[Content]) -> QuerySet[Content]:
        """Those in use, unless the others are asked for."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("use") else rows.filter(is_active=True)

    def by_word(self, queryset: QuerySet[Content], name: str, value: str) -> QuerySet[Content]:
        """Pieces about a topic, or for a persona."""
        return queryset.filter(**{f"{name}s__contains": [value]})

    def by_gate(self, queryset: QuerySet[Content], name: str, value: str) -> QuerySet[Content]:
        """Behind a form, or free."""
        return queryset.filter(is_gated=value == "yes")

    def by_use(self, queryset: QuerySet[Content], name: str, value: str) -> QuerySet[Content]:
        """Those out of use."""
        return queryset.filter(is_active=False)


def known_words() -> tuple[list[str], list[str]]:
    """The topics and the personas that pieces have, in alphabetical order (one query)."""
    topics: set[str] = set()
    personas: set[str] = set()
    for of_topic, of_persona in Content.objects.values_list("topics", "personas"):
        topics.update(of_topic)
        personas.update(of_persona)
    return sorted(topics), sorted(personas)


@dataclass(frozen=True, slots=True)
class Performance:
    """What a piece did in a year: downloads and viewings, readers, and those who rose within 90 days."""

    uses: int = 0
    readers: int = 0
    mql: int = 0
    sql: int = 0
    won: int = 0


_PERFORMANCE = """
WITH reading AS (
    SELECT content_id, lead_id, min(occurred_at) AS first_at, count(*) AS uses
    FROM leads_event
    WHERE content_id = ANY(%(contents)s) AND kind_id = ANY(%(kinds)s) AND lead_id IS NOT NULL
      AND occurred_at >= %(since)s AND voided_at IS NULL AND verdict <> %(machine)s
    GROUP BY content_id, lead_id
)
SELECT reading.content_id,
       sum(uses) FILTER (WHERE risen.to_stage IS NULL), count(*) FILTER (WHERE risen.to_stage IS NULL),
       count(*) FILTER (WHERE risen.to_stage = 'mql'), count(*) FILTER (WHERE risen.to_stage = 'sql'),
       count(*) FILTER (WHERE risen.to_stage = 'customer')
FROM reading CROSS JOIN LATERAL (
    SELECT NULL AS to_stage
    UNION ALL
    SELECT DISTINCT to_stage::text FROM funnel_passage
    WHERE funnel_passage.lead_id = reading.lead_id AND to_stage IN ('mql', 'sql', 'customer')
      AND from_stage <> to_stage AND at >= reading.first_at AND at < reading.first_at + %(later)s
) AS risen
GROUP BY reading.content_id
"""


def performances(contents: Sequence[Content], *, now: datetime) -> dict[int, Performance]:
    """The figures of these pieces by their id, in one statement; pieces that nobody read are left out."""
    if not contents:
        return {}
    values: dict[str, Any] = {
        "contents": [content.pk for content in contents],
        "kinds": list(CONSULTING),
        "since": now - WINDOW,
        "later": LATER,
        "machine": Verdict.MACHINE.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PERFORMANCE, values)
        return {row[0]: Performance(*map(int, row[1:])) for row in cursor.fetchall()}
