"""Rule sets over the API: read, drafted, validated, compared, published, rolled back."""

from __future__ import annotations

import json
from typing import ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from leads.api.idempotency import Answer
from leads.api.permissions import access
from leads.api.problems import Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from scoring.actions.drafts import checked, discard_draft
from scoring.actions.publishing import NotADraft, NotArchived, OutOfDate, publish_as_seen, roll_back
from scoring.api_rule_drafts import (
    begun,
    changed_meanwhile,
    checked_as,
    etag,
    found,
    match_of,
    no_draft,
    person,
    plain,
    refused,
    replaced,
    revision_of,
    tag,
)
from scoring.api_rule_shapes import (
    MAX_DOCUMENT_BYTES,
    Comparison,
    DiffQuery,
    DocumentIn,
    DocumentParser,
    DraftIn,
    RuleSetOut,
    RuleSetWhole,
    Validation,
)
from scoring.diff_words import tell
from scoring.drafts import diff
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.queries import live_rule_set
from scoring.rule_words import say

_READ = access(Scope.SCORING_READ, permission="scoring.view_rules")
_EDIT = access(Scope.SCORING_MANAGE, permission="scoring.edit_rules")
_PUBLISH = access(Scope.SCORING_MANAGE, permission="scoring.publish_rules")
_IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag that you read.",
)


class RuleSetsView(ApiView):
    """All versions."""

    access: ClassVar = {"GET": _READ, "POST": _EDIT}
    parser_classes = [DocumentParser]
    max_body = MAX_DOCUMENT_BYTES

    @extend_schema(
        operation_id="rule_sets_list", responses={200: RuleSetOut(many=True)} | problems(401, 403, 429)
    )
    def get(self, request: Request) -> Response:
        """The versions, the newest first: drafts, the live one, the archived ones."""
        return Response(RuleSetOut(RuleSet.objects.defer("document"), many=True).data)

    @extend_schema(
        operation_id="rule_sets_create",
        parameters=[IDEMPOTENCY_KEY],
        request=DraftIn,
        responses={201: RuleSetWhole} | problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    )
    def post(self, request: Request) -> HttpResponse:
        """Begin a draft: like a version, or with a document, which is checked."""
        given = checked_as(DraftIn, request.data)

        def effect() -> Answer:
            draft = begun(given, by=person(request))
            return Answer(201, plain(RuleSetWhole(draft).data))

        response = self.answer(effect)
        made = json.loads(response.content)
        response["ETag"] = tag(made["id"], made["revision"])
        return response


class RuleSetView(ApiView):
    """One version."""

    access: ClassVar = {"GET": _READ, "DELETE": _EDIT}

    @extend_schema(
        operation_id="rule_sets_retrieve", responses={200: RuleSetWhole} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, pk: int) -> Response:
        """A version with its document; the ETag is what If-Match wants."""
        rule_set = found(pk)
        return Response(RuleSetWhole(rule_set).data, headers=etag(rule_set))

    @extend_schema(
        operation_id="rule_sets_discard", responses={204: None} | problems(401, 403, 404, 409, 429)
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Throw a draft away; a page of Écluse can take it up again."""
        try:
            discard_draft(draft=found(pk), by=person(request), now=timezone.now())
        except NotADraft as error:
            raise no_draft() from error
        return Response(status=204)


class DocumentView(ApiView):
    """The document of a version."""

    access: ClassVar = {"GET": _READ, "PUT": _EDIT}
    parser_classes = [DocumentParser]
    max_body = MAX_DOCUMENT_BYTES

    @extend_schema(
        operation_id="rule_sets_export",
        responses={200: OpenApiTypes.OBJECT} | problems(401, 403, 404, 429),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The document alone, as importing takes it."""
        rule_set = found(pk)
        return Response(rule_set.document, headers=etag(rule_set))

    @extend_schema(
        operation_id="rule_sets_replace",
        parameters=[_IF_MATCH],
        request=DocumentIn,
        responses={200: RuleSetWhole} | problems(400, 401, 403, 404, 409, 412, 413, 415, 428, 429),
    )
    def put(self, request: Request, pk: int) -> Response:
        """Replace a draft's document, if the draft is still as you read it; else 412, and nothing changes."""
        document = checked_as(DocumentIn, request.data)["document"]
        draft = replaced(found(pk), document, match=match_of(request), by=person(request))
        return Response(RuleSetWhole(draft).data, headers=etag(draft))


class ValidateView(ApiView):
    """Checking without keeping."""

    access: ClassVar = {"POST": _READ}
    parser_classes = [DocumentParser]
    max_body = MAX_DOCUMENT_BYTES

    @extend_schema(
        operation_id="rule_sets_validate",
        request=DocumentIn,
        responses={200: Validation} | problems(400, 401, 403, 413, 415, 429),
    )
    def post(self, request: Request) -> Response:
        """Whether a document may be published here, and what is wrong first; nothing is kept."""
        try:
            checked(checked_as(DocumentIn, request.data)["document"])
        except RuleError as error:
            finding = {"path": error.path, "detail": say(error)}
            return Response({"valid": False, "errors": [finding]})
        return Response({"valid": True, "errors": []})


class DiffView(ApiView):
    """What differs."""

    access: ClassVar = {"GET": _READ}

    @extend_schema(
        operation_id="rule_sets_diff",
        parameters=[DiffQuery],
        responses={200: Comparison} | problems(400, 401, 403, 404, 409, 429),
    )
    def get(self, request: Request, pk: int) -> Response:
        """What a version changes against another one (the live one unless ``against`` names it)."""
        new = found(pk)
        against = checked_as(DiffQuery, request.query_params.dict()).get("against")
        old = found(against) if against else live_rule_set()
        if old is None:
            raise Problem(409, "no_live_rules", _("Publish a rule set first: nothing is scored yet."))
        told = tell(diff(old.document, new.document), old.document, new.document)
        changes = [
            {"path": one.path, "kind": one.kind, "where": one.where, "before": one.old, "after": one.new}
            for one in told
        ]
        return Response({"old": old.pk, "new": new.pk, "changes": changes})


class PublishView(ApiView):
    """Publishing a draft."""

    access: ClassVar = {"POST": _PUBLISH}

    @extend_schema(
        operation_id="rule_sets_publish",
        parameters=[_IF_MATCH],
        request=None,
        responses={200: RuleSetOut} | problems(400, 401, 403, 404, 409, 412, 428, 429),
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make a draft the live rules, if it is still as you read it; all leads are scored anew then."""
        draft, match = found(pk), match_of(request)
        live = live_rule_set()
        try:
            published = publish_as_seen(
                draft,
                revision=revision_of(draft, match),
                instead_of=live.version if live else None,
                by=person(request),
                now=timezone.now(),
            )
        except NotADraft as error:
            raise no_draft() from error
        except OutOfDate as error:
            raise changed_meanwhile(found(pk)) from error
        except RuleError as error:
            raise refused(error) from error
        return Response(RuleSetOut(published).data)


class RollBackView(ApiView):
    """Going back to an archived version."""

    access: ClassVar = {"POST": _PUBLISH}

    @extend_schema(
        operation_id="rule_sets_roll_back",
        request=None,
        responses={200: RuleSetOut} | problems(400, 401, 403, 404, 409, 412, 429),
    )
    def post(self, request: Request, pk: int) -> Response:
        """Publish an archived version again, under the next number."""
        to, live = found(pk), live_rule_set()
        try:
            again = roll_back(
                to, instead_of=live.version if live else None, by=person(request), now=timezone.now()
            )
        except NotArchived as error:
            raise Problem(
                409, "not_archived", _("Only a version that was live can be gone back to.")
            ) from error
        except OutOfDate as error:
            raise changed_meanwhile(to) from error
        except RuleError as error:
            raise refused(error) from error
        return Response(RuleSetOut(again).data)


urlpatterns = [
    path("rule-sets/", RuleSetsView.as_view(), name="api_rule_sets"),
    path("rule-sets/validate/", ValidateView.as_view(), name="api_rule_sets_validate"),
    path("rule-sets/<int:pk>/", RuleSetView.as_view(), name="api_rule_set"),
    path("rule-sets/<int:pk>/document/", DocumentView.as_view(), name="api_rule_set_document"),
    path("rule-sets/<int:pk>/diff/", DiffView.as_view(), name="api_rule_set_diff"),
    path("rule-sets/<int:pk>/publish/", PublishView.as_view(), name="api_rule_set_publish"),
    path("rule-sets/<int:pk>/roll-back/", RollBackView.as_view(), name="api_rule_set_roll_back"),
]
