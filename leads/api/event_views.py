"""POST /api/v1/events/: the hot endpoint, a plain Django view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.scopes import Scope
from leads.api import recent
from leads.api.authentication import authenticate_key
from leads.api.event_front import COUNTED, RESULTS
from leads.api.event_intake import LEAD_UNKNOWN, Result, batch_body, results_of, take_events
from leads.api.event_lane import RegularEvents, regular_events
from leads.api.event_shapes import MAX_BATCH_BYTES, MAX_EVENT_BYTES, MAX_EVENTS
from leads.api.event_together import store_together
from leads.api.idempotency import Answer, answer_once
from leads.api.keys import KeyCaller, header_key
from leads.api.page_visit import ENVELOPE, NO_VISIT, visit_of
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
    events = regular_events(request, caller)
    document = _document(request, caller) if events is None else None
    body_key = document.pop("key", None) if document is not None else None
    if caller is None:
        caller = _caller_of_body(request, body_key)
    if not caller.may(Scope.EVENTS_WRITE):
        raise Problem(403, "scope_missing", _("This key was not given the right to do that."))
    if COUNTED not in request.META:
        check_limits(request, caller, purpose="events")
    answer = _answer(request, _Sent(caller, timezone.now(), events, document))
    failpoint("ingest.after_doorbell")
    return json_response(answer.status, answer.body, answer.headers)


class _Sent(NamedTuple):
    """What came in: events of the quick lane, or a document of any form."""

    caller: KeyCaller
    now: datetime
    regular: RegularEvents | None
    document: dict[str, Any] | None


def _document(request: HttpRequest, caller: KeyCaller | None) -> dict[str, Any]:
    """The body as a JSON object. A beacon's text/plain is for pages only."""
    content_type = request.content_type
    is_secret = caller is not None and caller.is_secret
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


def _answer(request: HttpRequest, sent: _Sent) -> Answer:
    """The answer, remembered when the request has an Idempotency-Key."""

    def effect() -> Answer:
        return _answer_regular(request, sent) or _answer_any(request, sent)

    if "HTTP_IDEMPOTENCY_KEY" in request.META:
        return answer_once(request, caller=sent.caller.name, now=sent.now, effect=effect)
    return effect()


def _answer_regular(request: HttpRequest, sent: _Sent) -> Answer | None:
    """The quick lane's answer; None where the thorough way has to be gone."""
    if sent.regular is None:
        return None
    if RESULTS in request.META:
        return _answer_one(request, request.META[RESULTS][0])
    outcomes = store_together(sent.regular, now=sent.now)
    if outcomes is None:
        return None
    results = results_of(sent.regular.names, outcomes)
    return _batch(results) if sent.regular.are_many else _answer_one(request, results[0])


def _answer_any(request: HttpRequest, sent: _Sent) -> Answer:
    """The thorough way's answer."""
    document = _document(request, sent.caller) if sent.document is None else sent.document
    are_many = "events" in document
    events = _events_of(document, sent.caller) if are_many else [document]
    visit = NO_VISIT
    if not sent.caller.is_secret:
        visit = visit_of(request, document if are_many else {}, now=sent.now)
    results = take_events(events, sent.caller, now=sent.now, visit=visit)
    if not sent.caller.is_secret:
        recent.note_batch(sent.caller.prefix, events, results, now=sent.now)
    return _batch(results) if are_many else _answer_one(request, results[0])


def _events_of(document: Mapping[str, Any], caller: KeyCaller) -> list[Any]:
    """The events of a batch. Raises Problem for another form."""
    unknown = sorted(document.keys() - {"events"} - (frozenset() if caller.is_secret else ENVELOPE))
    if unknown:
        raise Problem(
            400,
            "invalid",
            _("Some values cannot be taken; see errors."),
            errors=[FieldError(field, "unknown_field", _("There is no such field.")) for field in unknown],
        )
    events = document["events"]
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise Problem(400, "batch_size", _("Send 1 to 500 events in the list “events”."))
    return events


def _batch(results: Sequence[Result]) -> Answer:
    """The batch's answer: one result an event, in their order."""
    return Answer(202, batch_body(results))


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
