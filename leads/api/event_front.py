"""The short way in for a server's events: before Django makes a request of them.

A WSGI application around Django's. Of POST /api/v1/events/ it takes what is usual in every respect (a known
secret key, the quick lane's events, within the limits) and answers it by the same functions as the view,
without request, middleware and response objects: these cost more than storing an event. Whatever it cannot
answer with 202 it hands on to Django, which alone words refusals.

Which headers an answer has, Django's middleware decides. So the first request for each host and scheme goes
Django's way, and the headers of its answer serve those after it; a host that Django refuses never gets here.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import structlog
from django.db import connection
from django.utils import timezone

from accounts.scopes import Scope
from leads.api.event_intake import batch_body, results_of
from leads.api.event_lane import RegularEvents, read_regular
from leads.api.event_shapes import MAX_BATCH_BYTES, PATH
from leads.api.event_together import store_together
from leads.api.keys import KeyCaller, bearer_of, remembered_key
from leads.api.problems import Problem
from leads.api.throttles import count_secret
from leads.failpoints import failpoint
from leads.incoming import canonical

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
Outer = tuple[str | None, ...]

# What the view learns of what was done here already; no header of a client can have such a name.
COUNTED = "ecluse.counted"
RESULTS = "ecluse.results"
# What the middleware around the view looks at: host, scheme, address and what a proxy says of them.
_OUTER = (
    "wsgi.url_scheme",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
)
# Whatever asks for more than an event to be taken.
_UNUSUAL = (
    "HTTP_ORIGIN",
    "HTTP_IDEMPOTENCY_KEY",
    "HTTP_CONTENT_ENCODING",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_X_ECLUSE_KEY",
    "HTTP_X_HTTP_METHOD_OVERRIDE",
)
_MOST_REMEMBERED = 100
_OWN = frozenset({"content-length", "x-request-id"})  # each answer has its own


class _Asked(NamedTuple):
    """A usual request: whose, and its events."""

    caller: KeyCaller
    events: RegularEvents


class EventFront:
    """Answers what it can, and hands on the rest to ``application`` as it came."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._headers: dict[Outer, Headers] = {}

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """WSGI."""
        if environ["PATH_INFO"] != PATH or not _is_usual(environ):
            return self._application(environ, start_response)
        outer = tuple([environ.get(name) for name in _OUTER])
        headers = self._headers.get(outer)
        if headers is None:
            return self._application(environ, self._remembering(outer, start_response))
        answer = _answer(environ)
        if answer is None:
            return self._application(environ, start_response)
        own = [("Content-Length", str(len(answer))), ("X-Request-Id", uuid.uuid4().hex)]
        start_response("202 Accepted", headers + own)
        return [answer]

    def _remembering(self, outer: Outer, start_response: Start) -> Start:
        """``start_response``, which keeps the headers of an event that was taken."""

        def start(status: str, headers: Headers, *more: Any) -> Any:
            if status == "202 Accepted":
                if len(self._headers) >= _MOST_REMEMBERED:
                    self._headers.clear()
                self._headers[outer] = [one for one in headers if one[0].lower() not in _OWN]
            return start_response(status, headers, *more)

        return start


def _is_usual(environ: Mapping[str, Any]) -> bool:
    """Whether the headers ask for nothing but events to be taken, of a size that may be."""
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and length.isascii()
        and length.isdigit()
        and 0 < int(length) <= MAX_BATCH_BYTES
        and not any(name in environ for name in _UNUSUAL)
    )


def _answer(environ: Environ) -> bytes | None:
    """The body of a usual request's answer. None for any other: its body may then be read once more, and
    what was done of it is noted in ``environ``."""
    try:
        connection.close_if_unusable_or_obsolete()
        # Not asked whether it lives: if it does not, Django's way is gone, and a retry stores nothing twice.
        connection.health_check_done = True  # type: ignore[attr-defined]
        return _take(environ)
    except Exception as error:  # noqa: BLE001  # whatever it is, Django's way says what to answer
        log.warning("events_handed_on", error=str(error).partition("\n")[0])
        connection.errors_occurred = True
        return None


def _take(environ: Environ) -> bytes | None:
    """Store the events of a usual request; its answer."""
    asked = _read(environ)
    if asked is None or not _may_pass(environ, asked.caller):
        return None
    outcomes = store_together(asked.events, now=timezone.now())
    if outcomes is None:
        return None
    failpoint("ingest.after_doorbell")
    results = results_of(asked.events.names, outcomes)
    if not asked.events.are_many and results[0].status != "accepted":
        environ[RESULTS] = results
        return None
    return canonical(batch_body(results) if asked.events.are_many else results[0])


def _read(environ: Environ) -> _Asked | None:
    """Who sends which events, when all about them is usual. The body can be read again afterwards."""
    value = bearer_of(environ.get("HTTP_AUTHORIZATION", ""))
    caller = remembered_key(value, now=timezone.now()) if value else None
    if caller is None or not caller.is_secret:
        return None
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    events = read_regular(body, caller)
    return None if events is None else _Asked(caller, events)


def _may_pass(environ: Environ, caller: KeyCaller) -> bool:
    """Whether the key may do that, and so often; counted once."""
    if not caller.may(Scope.EVENTS_WRITE):
        return False
    try:
        count_secret(caller)
    except Problem:
        return False
    environ[COUNTED] = True
    return True
