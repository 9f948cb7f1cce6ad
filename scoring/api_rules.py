"""Rule sets over the API: read, drafted, validated, compared, published, rolled back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import Scope
from leads.api.fields import StrictSerializer
from leads.api.idempotency import Answer
from leads.api.parsers import StrictJSONParser
from leads.api.permissions import access
from leads.api.problems import FieldError, Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from scoring.actions.drafts import change_draft, checked, discard_draft, locked, open_draft
from scoring.actions.publishing import (
    NotADraft,
    NotArchived,
    OutOfDate,
    make_draft,
    publish_as_seen,
    roll_back,
)
from scoring.diff_words import tell
from scoring.drafts import Document, diff
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.queries import live_rule_set
from scoring.rule_words import say

MAX_DOCUMENT_BYTES = 512 * 1024
# A document is about a dozen levels deep; the engine says which conditions are too deep.
MAX_LEVELS = 32
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


class DocumentParser(StrictJSONParser):
    """Strict JSON, deep enough for rules."""

    max_levels = MAX_LEVELS


class RuleSetOut(serializers.ModelSerializer[RuleSet]):
    """A version without its document."""

    discarded = serializers.SerializerMethodField()

    class Meta:
        model = RuleSet
        fields: ClassVar = [
            "id", "version", "status", "discarded", "name", "revision", "based_on", "created_at", "edited_at",
            "published_at", "archived_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_discarded(self, rule_set: RuleSet) -> bool:
        """Whether the draft was thrown away."""
        return rule_set.discarded_at is not None


class RuleSetWhole(RuleSetOut):
    """A version with its document (docs/scoring.md)."""

    document = serializers.JSONField()

    class Meta(RuleSetOut.Meta):
        fields: ClassVar = [*RuleSetOut.Meta.fields, "document"]
        read_only_fields = fields


class DraftIn(StrictSerializer):
    """What a draft begins as: a copy of a version (the live one unless said), or a document."""

    like = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    document = serializers.DictField(required=False)


class DocumentIn(StrictSerializer):
    """A whole document."""

    document = serializers.DictField()


class Finding(serializers.Serializer[Any]):
    """What is wrong, and where."""

    path = serializers.CharField(help_text="For example $.groups[2].rules[0].when.within_days")
    detail = serializers.CharField(help_text="In the language of Accept-Language.")


class Validation(serializers.Serializer[Any]):
    """Whether a document may be published here."""

    valid = serializers.BooleanField()
    errors = Finding(many=True)  # type: ignore[assignment]  # the field's name is that of DRF's own errors


class ChangeOut(serializers.Serializer[Any]):
    """One part that differs, in sentences."""

    path = serializers.ListField(child=serializers.CharField())
    kind = serializers.ChoiceField(choices=["added", "removed", "changed", "moved"])
    where = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class Comparison(serializers.Serializer[Any]):
    """What differs between two versions."""

    old = serializers.IntegerField()
    new = serializers.IntegerField()
    changes = ChangeOut(many=True)


class DiffQuery(StrictSerializer):
    """Against which version; the live one unless said."""

    against = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


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
        given = _checked(DraftIn, request.data)

        def effect() -> Answer:
            draft = _begun(given, by=_person(request))
            return Answer(201, _plain(RuleSetWhole(draft).data))

        response = self.answer(effect)
        made = json.loads(response.content)
        response["ETag"] = _tag(made["id"], made["revision"])
        return response


class RuleSetView(ApiView):
    """One version."""

    access: ClassVar = {"GET": _READ, "DELETE": _EDIT}

    @extend_schema(
        operation_id="rule_sets_retrieve", responses={200: RuleSetWhole} | problems(401, 403, 404, 429)
    )
    def get(self, request: Request, pk: int) -> Response:
        """A version with its document; the ETag is what If-Match wants."""
        rule_set = _found(pk)
        return Response(RuleSetWhole(rule_set).data, headers=_etag(rule_set))

    @extend_schema(
        operation_id="rule_sets_discard", responses={204: None} | problems(401, 403, 404, 409, 429)
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Throw a draft away; a page of Écluse can take it up again."""
        try:
            discard_draft(draft=_found(pk), by=_person(request), now=timezone.now())
        except NotADraft as error:
            raise _no_draft() from error
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
        rule_set = _found(pk)
        return Response(rule_set.document, headers=_etag(rule_set))

    @extend_schema(
        operation_id="rule_sets_replace",
        parameters=[_IF_MATCH],
        request=DocumentIn,
        responses={200: RuleSetWhole} | problems(400, 401, 403, 404, 409, 412, 413, 415, 428, 429),
    )
    def put(self, request: Request, pk: int) -> Response:
        """Replace a draft's document, if the draft is still as you read it; else 412, and nothing changes."""
        document = _checked(DocumentIn, request.data)["document"]
        draft = _replaced(_found(pk), document, match=_match(request), by=_person(request))
        return Response(RuleSetWhole(draft).data, headers=_etag(draft))


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
            checked(_checked(DocumentIn, request.data)["document"])
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
        new = _found(pk)
        against = _checked(DiffQuery, request.query_params.dict()).get("against")
        old = _found(against) if against else live_rule_set()
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
        draft, match = _found(pk), _match(request)
        live = live_rule_set()
        try:
            published = publish_as_seen(
                draft,
                revision=_revision(draft, match),
                instead_of=live.version if live else None,
                by=_person(request),
                now=timezone.now(),
            )
        except NotADraft as error:
            raise _no_draft() from error
        except OutOfDate as error:
            raise _changed_meanwhile(_found(pk)) from error
        except RuleError as error:
            raise _refused(error) from error
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
        to, live = _found(pk), live_rule_set()
        try:
            again = roll_back(
                to, instead_of=live.version if live else None, by=_person(request), now=timezone.now()
            )
        except NotArchived as error:
            raise Problem(
                409, "not_archived", _("Only a version that was live can be gone back to.")
            ) from error
        except OutOfDate as error:
            raise _changed_meanwhile(to) from error
        except RuleError as error:
            raise _refused(error) from error
        return Response(RuleSetOut(again).data)


def _found(pk: int) -> RuleSet:
    found = _all().filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _all() -> QuerySet[RuleSet]:
    return RuleSet.objects.all()


def _person(request: Request) -> User | None:
    """Who does it; None for a key."""
    return request.user if isinstance(request.user, User) else None


def _checked(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def _plain(data: Any) -> dict[str, Any]:
    """As JSON writes it: answers are kept for their Idempotency-Key."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in data.items()}


def _begun(given: Mapping[str, Any], *, by: User | None) -> RuleSet:
    now = timezone.now()
    try:
        if "document" in given:
            return make_draft(document=given["document"], by=by, now=now, based_on=live_rule_set())
        like = _found(given["like"]) if "like" in given else None
        return open_draft(by=by, now=now, like=like)
    except RuleError as error:
        raise _refused(error) from error
    except RuleSet.DoesNotExist as error:
        raise Problem(409, "no_live_rules", _("Publish a rule set first: nothing is scored yet.")) from error


@transaction.atomic
def _replaced(draft: RuleSet, document: Document, *, match: str, by: User | None) -> RuleSet:
    try:
        present = locked(draft)
        revision = _revision(present, match)
        return change_draft(
            draft=present,
            revision=revision,
            change=lambda _present: document,
            summary=str(_("Replaced through the API")),
            by=by,
            now=timezone.now(),
        )
    except NotADraft as error:
        raise _no_draft() from error
    except RuleError as error:
        raise _refused(error) from error


def _etag(rule_set: RuleSet) -> dict[str, str]:
    return {"ETag": _tag(rule_set.pk, rule_set.revision)}


def _tag(pk: int, revision: int) -> str:
    return f'"{pk}-{revision}"'


def _match(request: Request) -> str:
    match = request.headers.get("If-Match", "")
    if not match:
        detail = _("Send If-Match with the ETag that you read: nobody's change is overwritten then.")
        raise Problem(428, "if_match_required", detail)
    return match


def _revision(present: RuleSet, match: str) -> int:
    """The draft's revision, if it is the one that was read. Raises Problem 412."""
    if match.strip().removeprefix("W/") != _etag(present)["ETag"]:
        raise _changed_meanwhile(present)
    return present.revision


def _changed_meanwhile(present: RuleSet) -> Problem:
    detail = _("Somebody changed this meanwhile: read it again, and decide what to do with both.")
    return Problem(412, "changed_meanwhile", detail, headers=_etag(present))


def _no_draft() -> Problem:
    return Problem(409, "not_a_draft", _("Only a draft can be changed or published."))


def _refused(error: RuleError) -> Problem:
    """What the engine does not take, with its path."""
    detail = say(error)
    return Problem(400, "rules_refused", detail, errors=[FieldError(error.path, "rules_refused", detail)])


urlpatterns = [
    path("rule-sets/", RuleSetsView.as_view(), name="api_rule_sets"),
    path("rule-sets/validate/", ValidateView.as_view(), name="api_rule_sets_validate"),
    path("rule-sets/<int:pk>/", RuleSetView.as_view(), name="api_rule_set"),
    path("rule-sets/<int:pk>/document/", DocumentView.as_view(), name="api_rule_set_document"),
    path("rule-sets/<int:pk>/diff/", DiffView.as_view(), name="api_rule_set_diff"),
    path("rule-sets/<int:pk>/publish/", PublishView.as_view(), name="api_rule_set_publish"),
    path("rule-sets/<int:pk>/roll-back/", RollBackView.as_view(), name="api_rule_set_roll_back"),
]
