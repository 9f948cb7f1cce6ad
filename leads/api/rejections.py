"""Keeping public posts that were refused: a human's lead is never lost to a strict check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError

from leads.api.keys import KeyCaller
from leads.models import RejectedSubmission

log = structlog.get_logger(__name__)
_KEPT_CHARACTERS = 65_536


def keep_rejected(
    *, caller: KeyCaller, body: bytes, errors: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Store the post with its errors for 30 days. Never fails: the refusal is already decided."""
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")[:_KEPT_CHARACTERS]
    try:
        RejectedSubmission.objects.create(
            source_id=caller.source_id, received_at=now, body=text, errors=list(errors)
        )
    except DatabaseError as error:
        log.warning("rejected_submission_not_kept", error=str(error))
