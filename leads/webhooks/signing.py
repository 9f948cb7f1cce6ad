"""Signatures of the Standard Webhooks specification (https://www.standardwebhooks.com), version 1."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

SECRET_BYTES = 32


def new_secret() -> str:
    """A secret that only the two servers know, as the specification spells it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(*, message_id: str, body: str, at: datetime, keys: Iterable[str]) -> dict[str, str]:
    """The three headers that prove who sent ``body`` and when; one signature for each key in force."""
    moment = at.astimezone(UTC)
    signatures = [Signer(key).sign(message_id, moment, body) for key in keys if key]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
