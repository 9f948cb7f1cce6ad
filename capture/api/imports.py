"""Imports through the API: a file with its mapping and options, how far it is, what was rejected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar, cast

from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from accounts.models import User
from accounts.scopes import Scope
from capture.actions import imports as actions
from capture.choices import ImportState, Notice
from capture.imports.reading import Unreadable
from capture.models import Import
from capture.tasks import nudge_imports
from leads.api.fields import Choice, Line, StrictSerializer
from leads.api.idempotency import Answer
from leads.api.permissions import Access, access
from leads.api.problems import FieldError, Problem
from leads.api.responses import json_response
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from leads.channels import Acquisition, Channel
from leads.models import Campaign, List

_NOT_READY = {"no_channel": "channel", "no_notice": "notice", "no_source": "notice_source",
              "unknown_target": "mapping", "target_twice": "mapping", "no_identity": "mapping",
              "mapping_length": "mapping"}  # fmt: skip


class ImportIn(StrictSerializer):
    """A file (multipart/form-data), what its columns mean and what is decided for all of it."""

    file = serializers.FileField(help_text="CSV or .xlsx, at most 50 MB by default.")
    mapping = serializers.JSONField(
        required=False, help_text="A list with a target for each column; guessed when left out."
    )
    channel = Choice(choices=Channel.choices, required=False)
    campaign = Line(max_length=60)
    acquisition = Choice(choices=Acquisition.choices, required=False)
    notice = Choice(choices=Notice.choices)
    notice_source = Line(max_length=200)
    overwrite = serializers.BooleanField(required=False, default=False)
    again = serializers.BooleanField(required=False, default=False)
    list = Line(max_length=60)
    language = Choice(choices=[("fr", "fr"), ("en", "en")], required=False)
    check_only = serializers.BooleanField(
        required=False, default=False, help_text="Count what would happen and write nothing."
    )


class ImportOut(serializers.Serializer[Any]):
    """Where an import stands; every row of the file is in one of the counts."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    columns = serializers.ListField(child=serializers.CharField())
    mapping = serializers.ListField(child=serializers.CharField())
    rows = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    error = serializers.CharField()
    has_rejects = serializers.BooleanField()


def _shown(batch: Import) -> dict[str, Any]:
    account = batch.result or batch.report
    return {
        "id": str(batch.public_id),
        "state": batch.state,
        "columns": batch.header,
        "mapping": batch.mapping,
        "rows": account.get("rows", 0),
        "counts": account.get("counts", {}),
        "error": batch.error,
        "has_rejects": bool(batch.rejects),
    }


class ImportsView(ApiView):
    """Take files in."""

    access: ClassVar[Mapping[str, Access]] = {
        "POST": access(Scope.LEADS_WRITE, permission="capture.import_leads"),
    }
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="imports_create",
        tags=["imports"],
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": ImportIn},
        responses={202: ImportOut, **problems(400, 401, 403, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> HttpResponse:
        """Upload a file and have it imported (or only checked); ask for its state at its own address."""
        sent = ImportIn(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        by = request.user if isinstance(request.user, User) else None

        def effect() -> Answer:
            return Answer(202, _shown(_received(values, by)))

        answer = self.answer(effect, content=_content(values))
        nudge_imports()
        return answer


def _content(values: Mapping[str, Any]) -> bytes:
    """What makes two uploads the same: the file and all that was said of it."""
    digest = sha256()
    for block in values["file"].chunks():
        digest.update(block)
    values["file"].seek(0)
    said = {name: value for name, value in values.items() if name != "file"}
    return digest.digest() + json.dumps(said, sort_keys=True, default=str).encode()


def _received(values: Mapping[str, Any], by: User | None) -> Import:
    """The file kept, and asked to be checked or imported. Raises Problem; nothing is kept then."""
    try:
        batch = actions.receive(upload=values["file"], name=values["file"].name, by=by, now=timezone.now())
    except Unreadable as error:
        status = 413 if error.code == "too_large" else 400
        raise Problem(status, f"file_{error.code}", str(error)) from error
    try:
        _settle(batch, values)
    except actions.NotReady as error:
        actions.give_up(batch=batch)
        field = _NOT_READY.get(error.code, "")
        errors = [FieldError(field, error.code, str(error))]
        raise Problem(400, "invalid", str(error), errors=errors) from error
    return batch


def _settle(batch: Import, values: Mapping[str, Any]) -> None:
    """Mapping and options; then the file is checked, and imported unless only that was asked for."""
    mapping = values.get("mapping", batch.mapping)
    if not isinstance(mapping, list) or not all(isinstance(code, str) for code in mapping):
        raise actions.NotReady("mapping_length", str(_("Give a list with a target for each column.")))
    actions.check_mapping(mapping)
    actions.set_mapping(batch=batch, mapping=mapping, now=timezone.now())
    actions.set_options(
        batch=batch,
        options=actions.Options(
            channel=values.get("channel", ""),
            campaign=_named(Campaign, values.get("campaign", "")),
            acquisition=values.get("acquisition", Acquisition.INDIRECT),
            notice=values["notice"],
            notice_source=values.get("notice_source", ""),
            overwrite=values["overwrite"],
            again=values["again"],
            joins=_named(List, values.get("list", "")),
            language=values.get("language", "fr"),
        ),
    )
    actions.ask_check(batch=batch, then_run=not values["check_only"])


def _named(model: Any, code: str) -> Any:
    if not code:
        return None
    found = model.objects.filter(code=code).first()
    if found is None:
        raise actions.NotReady("unknown_code", _("There is no “%(code)s” here.") % {"code": code})
    return found


class ImportView(ApiView):
    """One import."""

    access: ClassVar[Mapping[str, Access]] = {
        "GET": access(Scope.LEADS_WRITE, permission="capture.import_leads"),
    }

    @extend_schema(
        operation_id="imports_retrieve",
        tags=["imports"],
        responses={200: ImportOut, **problems(401, 403, 404, 429)},
    )
    def get(self, _request: Request, public_id: str) -> HttpResponse:
        """How far it is and what became of its rows."""
        return json_response(200, _shown(_found(public_id)), {})


class ImportRejectsView(ApiView):
    """The rejected rows of one import."""

    access: ClassVar[Mapping[str, Access]] = {
        "GET": access(Scope.LEADS_WRITE, permission="capture.import_leads"),
    }

    @extend_schema(
        operation_id="imports_rejects",
        tags=["imports"],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.BINARY, description="The rows, a reason before each."
            ),
            **problems(401, 403, 404, 429),
        },
    )
    def get(self, _request: Request, public_id: str) -> HttpResponse:
        """The rows that were not taken as CSV, the reason in the first column."""
        batch = _found(public_id)
        if not batch.rejects:
            raise NotFound
        answer = FileResponse(batch.rejects.open("rb"), as_attachment=True, filename="rejects.csv",
                              content_type="text/csv; charset=utf-8")  # fmt: skip
        return cast("HttpResponse", answer)


def _found(public_id: str) -> Import:
    batch = Import.objects.filter(public_id=public_id).first()
    if batch is None:
        raise NotFound
    return batch
