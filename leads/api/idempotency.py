"""Idempotency-Key with Stripe's semantics: one effect, one answer, replayed for 24 hours.

The key's row is inserted first, in the transaction of the effect: parallel requests with one key wait for
each other at its unique index, and all but the first replay what it answered. Input that was refused and
failures leave no trace, so the same key may be tried again; a refusal that was decided (409) is an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from leads.api.problems import Problem, problem_body, request_id_of
from leads.models import IdempotencyRecord

REMEMBERED = timedelta(hours=24)
HEADER = "Idempotency-Key"

# A row older than a day is taken over as if it were new.
_CLAIM = """
INSERT INTO leads_idempotencyrecord (caller, key, fingerprint, status, created_at)
VALUES (%(caller)s, %(key)s, %(fingerprint)s, 0, %(now)s)
ON CONFLICT (caller, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = 0, body = NULL, created_at = excluded.created_at
    WHERE leads_idempotencyrecord.created_at < %(expired)s
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; ``replayed`` when it was given before."""

    status: int
    body: Any
    replayed: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The header that tells a replay."""
        return {"Idempotent-Replayed": "true"} if self.replayed else {}


def answer_once(
    request: HttpRequest,
    *,
    caller: str,
    now: datetime,
    effect: Callable[[], Answer],
    content: bytes | None = None,
) -> Answer:
    """Run ``effect`` in a transaction, at most once for the request's Idempotency-Key (if it has one).

    ``content`` stands for the body where that was read piece by piece: an upload with its boundaries differs
    each time it is sent. Raises Problem 400 for an unusable key, 422 when the key came before with another
    body.
    """
    key = request.headers.get(HEADER)
    if key is None:
        with transaction.atomic():
            return effect()
    _check_key(key)
    fingerprint = _fingerprint(request, request.body if content is None else content)
    with transaction.atomic():
        record_id = _claim(caller, key, fingerprint, now)
        if record_id is None:
            return _replay(caller, key, fingerprint)
        answer = _run(request, effect)
        IdempotencyRecord.objects.filter(pk=record_id).update(
            status=answer.status, body=msgspec.to_builtins(answer.body)
        )
    return answer


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Problem(
            400, "idempotency_key_invalid", _("Idempotency-Key must have 1 to 255 visible characters.")
        )


def _fingerprint(request: HttpRequest, content: bytes) -> str:
    """What makes two requests the same: method, path and body."""
    head = f"{request.method}\n{request.path}\n".encode()
    return sha256(head + content).hexdigest()


def _claim(caller: str, key: str, fingerprint: str, now: datetime) -> int | None:
    """The id of the key's row when this request is the first; waits for one that is under way."""
    values: dict[str, str | datetime] = {
        "caller": caller,
        "key": key,
        "fingerprint": fingerprint,
        "now": now,
        "expired": now - REMEMBERED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _replay(caller: str, key: str, fingerprint: str) -> Answer:
    """The answer that was given before."""
    record = IdempotencyRecord.objects.get(caller=caller, key=key)
    if record.fingerprint != fingerprint:
        raise Problem(
            422,
            "idempotency_key_reused",
            _("This Idempotency-Key was used for another request; use a new one."),
        )
    return Answer(record.status, record.body, replayed=True)


def _run(request: HttpRequest, effect: Callable[[], Answer]) -> Answer:
    """The effect's answer; a decided refusal undoes the effect but is remembered too."""
    try:
        with transaction.atomic():
            return effect()
    except Problem as problem:
        if problem.status_code != 409:
            raise
        body = problem_body(
            status=409,
            code=problem.code,
            detail=str(problem.detail),
            request_id=request_id_of(request),
            errors=problem.errors,
        )
        return Answer(409, body)
