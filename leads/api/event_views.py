"""POST /api/v1/events/: the hot endpoint, a plain Django view."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.scopes import Scope
from leads.api.authentication import authenticate_key
from leads.api.event_intake import LEAD_UNKNOWN, Result, take_events
from leads.api.event_shapes import MAX_BATCH_BYTES, MAX_EVENT_BYTES, MAX_EVENTS
from leads.api.idempotency import HEADER, Answer, answer_once
from leads.api.keys import KeyCaller, header_key
from leads.api.parsers import check_size
from leads.api.problems import FieldError, Problem, not_strict, problem_body, request_id_of
from leads.api.responses import json_response
from leads.api.strict import NotStrict, check_charset, decode
from leads.api.throttles import check_limits, count_failure
from leads.failpoints import failpoint

_ACCEPTED = frozenset({"application/json", "text/plain"})


@csrf_exempt
@require_POST
def receive_events(request: HttpRequest) -> HttpResponse:
    """Take one event, or up to 500 as ``{"events": […]}``, and answer for each."""
    value = header_key(request)
    caller = authenticate_key(request, value) if value else None
    document = _document(request, is_secret=caller is not None and caller.is_secret)
    body_key = document.pop("key", None)
    if caller is None:
        caller = _caller_of_body(request, body_key)
    if not caller.may(Scope.EVENTS_WRITE):
        raise Problem(403, "scope_missing", _("This key was not given the right to do that."))
    check_limits(request, caller, purpose="events")
    answer = _answer(request, document, caller)
    failpoint("ingest.after_commit")
    return json_response(answer.status, answer.body, answer.headers)


def _document(request: HttpRequest, *, is_secret: bool) -> dict[str, Any]:
    """The body as a JSON object. A beacon's text/plain is for pages only."""
    content_type = request.content_type
    if content_type not in _ACCEPTED or (is_secret and content_type != "application/json"):
        raise Problem(415, "unsupported_media_type", _("Send application/json."))
    body = request.body
    check_size(len(body), MAX_BATCH_BYTES)
    try:
        check_charset((request.content_params or {}).get("charset"))
        document = decode(body)
    except NotStrict as error:
        raise not_strict(error) from error
    if not isinstance(document, dict):
        raise Problem(400, "not_an_object", _("Send a JSON object: {…}."))
    if "events" not in document:
        check_size(len(body), MAX_EVENT_BYTES)
    return document


def _caller_of_body(request: HttpRequest, key: object) -> KeyCaller:
    """The caller of a key in the body, which must be a publishable one."""
    if isinstance(key, str):
        return authenticate_key(request, key, from_body=True)
    count_failure(request)
    raise Problem(
        401,
        "not_authenticated",
        _("Send an API key in the Authorization header."),
        headers={"WWW-Authenticate": 'Bearer realm="ecluse"'},
    )


def _answer(request: HttpRequest, document: dict[str, Any], caller: KeyCaller) -> Answer:
    """The answer, remembered when the request has an Idempotency-Key."""
    now = timezone.now()

    def effect() -> Answer:
        may_track = request.headers.get("Sec-GPC") != "1" and request.headers.get("DNT") != "1"
        if "events" in document:
            return _answer_many(document, caller, may_track, now)
        return _answer_one(request, take_events([document], caller, now=now, may_track=may_track)[0])

    if HEADER in request.headers:
        return answer_once(request, caller=caller.name, now=now, effect=effect)
    return effect()


def _answer_many(document: dict[str, Any], caller: KeyCaller, may_track: bool, now: datetime) -> Answer:
    """The batch's answer: one result an event, in their order."""
    events = document["events"]
    unknown = sorted(document.keys() - {"events"})
    if unknown:
        raise Problem(
            400,
            "invalid",
            _("Some values cannot be taken; see errors."),
            errors=[FieldError(field, "unknown_field", _("There is no such field.")) for field in unknown],
        )
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise Problem(400, "batch_size", _("Send 1 to 500 events in the list “events”."))
    results = take_events(events, caller, now=now, may_track=may_track)
    taken = sum(result.status == "accepted" for result in results)
    return Answer(202, {"accepted": taken, "results": results})


def _answer_one(request: HttpRequest, result: Result) -> Answer:
    """A single event's answer. Raises Problem where it was not taken."""
    if result.status == "accepted":
        return Answer(202, result)
    if result.status == "not_stored":
        return Answer(204, None)
    if result.status == "conflict":
        # Not raised: the conflict is kept aside, and raising would undo that.
        body = problem_body(
            status=409,
            code="event_conflict",
            detail=_("This event_id was used for another event; the first one stays."),
            request_id=request_id_of(request),
        )
        return Answer(409, body)
    errors = [FieldError(**error) for error in result.errors or ()]
    if errors[0]["code"] == LEAD_UNKNOWN.code:
        raise Problem(404, LEAD_UNKNOWN.code, LEAD_UNKNOWN.detail, errors=errors)
    raise Problem(400, "invalid", _("Some values cannot be taken; see errors."), errors=errors)
