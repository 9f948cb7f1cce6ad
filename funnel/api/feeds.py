"""What happened, in order: decisions about leads, and how businesses ended. For systems that follow along."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import BooleanField, Prefetch, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from funnel.choices import Outcome
from funnel.models import Opportunity, OutsideReference, Passage
from funnel.service_levels import UNDO_IN_PAGE
from leads.api.fields import Choice, Moment, StrictSerializer
from leads.api.pagination import KeysetPages
from leads.api.permissions import access
from leads.api.schema import problems
from leads.api.views import ApiView

READS = access(Scope.LEADS_READ, permissions=("funnel.manage_sales",))
# Of details, what is nobody's business outside.
_INTERNAL = frozenset({"rep"})
# Numbers are given before a transaction ends: a row is shown once nothing that began before it is still open,
# so that a reader who remembers the last number misses nothing. After five minutes it is shown in any case:
# no decision takes that long, and other databases of the same server must not hold up the feed.
_SETTLED = """(funnel_passage.at < now() - interval '5 minutes'
    OR funnel_passage.xmin::text::bigint
       < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295))"""


class _References(serializers.Serializer[Any]):
    """Names of a lead in other systems."""

    system = serializers.CharField()
    kind = serializers.CharField()
    reference = serializers.CharField()


REFERENCES = Prefetch(
    "lead__outside_references", OutsideReference.objects.order_by("system", "kind"), to_attr="names"
)


class DecisionOut(serializers.ModelSerializer[Passage]):
    """One passage of a lead from one stage to another, by somebody or by itself."""

    lead = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    by = serializers.EmailField(source="actor.email", read_only=True, allow_null=True, default=None)
    reason = serializers.CharField(source="reason.code", read_only=True, allow_null=True, default=None)
    # Plain text: these vocabularies are named once, where a caller chooses from them.
    verb = serializers.CharField(read_only=True)
    from_stage = serializers.CharField(read_only=True)
    from_situation = serializers.CharField(read_only=True)
    to_stage = serializers.CharField(read_only=True)
    to_situation = serializers.CharField(read_only=True)
    outcome = serializers.CharField(read_only=True)
    undoes = serializers.IntegerField(source="undoes_id", read_only=True, allow_null=True)
    details = serializers.SerializerMethodField()
    references = _References(source="lead.names", many=True, read_only=True)

    class Meta:
        model = Passage
        fields: ClassVar = [
            "id",
            "lead",
            "verb",
            "from_stage",
            "from_situation",
            "to_stage",
            "to_situation",
            "at",
            "cycle",
            "by",
            "cause",
            "reason",
            "note",
            "details",
            "outcome",
            "undoes",
            "is_imported",
            "references",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_details(self, passage: Passage) -> dict[str, object]:
        """Further facts: offer, partner, missing_fields …"""
        return {name: value for name, value in passage.details.items() if name not in _INTERNAL}


class FeedFilters(StrictSerializer):
    """Where to go on."""

    after = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, help_text="The id of the last decision you have."
    )
    limit = serializers.CharField(required=False, max_length=10, help_text="1 to 200 a page; 50 by default.")
    cursor = serializers.CharField(required=False, max_length=1000, help_text="From next or previous.")


class DecisionPages(KeysetPages):
    """In the order in which they were made."""

    ordering = ("id",)


class DecisionsView(ApiView, generics.ListAPIView[Passage]):
    """All decisions, append-only."""

    access: ClassVar = {"GET": READS}
    serializer_class = DecisionOut
    pagination_class = DecisionPages

    def get_queryset(self) -> QuerySet[Passage]:
        """What is settled, after the given one."""
        filters = FeedFilters(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        settled = Passage.objects.filter(
            RawSQL(_SETTLED, (), output_field=BooleanField()),  # nosec B611: a constant
            at__lte=timezone.now() - UNDO_IN_PAGE,
        )
        after = filters.validated_data.get("after", 0)
        return (
            settled.filter(pk__gt=after)
            .select_related("lead", "actor", "reason")
            .prefetch_related(REFERENCES)
        )

    @extend_schema(
        operation_id="decisions_list",
        parameters=[FeedFilters],
        responses={200: DecisionOut(many=True)} | problems(400, 401, 403, 404, 429),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every passage of every lead, the oldest first; none is ever changed or taken away.

        Remember the last `id` and ask with `after` next time. A decision shows up ten seconds after it was
        made, when it can no longer be undone in the page; one undone later is followed by its `undo`, whose
        `undoes` names it.
        """
        return super().get(request, *args, **kwargs)


class OutcomeOut(serializers.ModelSerializer[Opportunity]):
    """A business with a lead: what is expected, how it ended. Amounts in euros."""

    lead = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    outcome = serializers.CharField(read_only=True)
    changed_at = serializers.DateTimeField(read_only=True, help_text="When it was opened or closed.")
    references = _References(source="lead.names", many=True, read_only=True)

    class Meta:
        model = Opportunity
        fields: ClassVar = [
            "id",
            "lead",
            "cycle",
            "product",
            "expected_amount",
            "expected_close",
            "opened_at",
            "outcome",
            "amount",
            "closed_at",
            "partner",
            "competitor",
            "changed_at",
            "references",
        ]
        read_only_fields = fields


class OutcomeFilters(StrictSerializer):
    """Which businesses."""

    since = Moment(required=False, help_text="Opened or closed at this time or later.")
    outcome = Choice(choices=[*Outcome.values, "open"], required=False)
    limit = serializers.CharField(required=False, max_length=10, help_text="1 to 200 a page; 50 by default.")
    cursor = serializers.CharField(required=False, max_length=1000, help_text="From next or previous.")


class OutcomePages(KeysetPages):
    """By their last change, the oldest first."""

    ordering = ("changed_at", "id")


class OutcomesView(ApiView, generics.ListAPIView[Opportunity]):
    """Opportunities and how they ended."""

    access: ClassVar = {"GET": READS}
    serializer_class = OutcomeOut
    pagination_class = OutcomePages

    def get_queryset(self) -> QuerySet[Opportunity]:
        """Filtered as the address asks."""
        filters = OutcomeFilters(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        wanted = filters.validated_data
        found = Opportunity.objects.annotate(changed_at=Greatest("opened_at", "closed_at"))
        if "outcome" in wanted:
            found = found.filter(outcome="" if wanted["outcome"] == "open" else wanted["outcome"])
        if "since" in wanted:
            found = found.filter(changed_at__gte=wanted["since"])
        return found.select_related("lead").prefetch_related(REFERENCES)

    @extend_schema(
        operation_id="outcomes_list",
        parameters=[OutcomeFilters],
        responses={200: OutcomeOut(many=True)} | problems(400, 401, 403, 404, 429),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Opportunities by their last change, the oldest first, page by page."""
        return super().get(request, *args, **kwargs)
