"""Proof of work (ALTCHA, first version of the protocol): a second of a browser's time, too much for floods.

A challenge belongs to one showing of a form by that showing's nonce, which is good for one submission ever:
so a solution is too, without a memory of solved ones. It ends after ten minutes; the page asks for it when
somebody begins to type.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from django.conf import settings

CHALLENGE_LIFE = timedelta(minutes=10)
# Half of this is tried on average; a browser tries some 100,000 a second.
MOST_NUMBERS = 60_000


class Solution(msgspec.Struct):
    """What the browser sends, as base64 of JSON."""

    algorithm: str
    challenge: str
    number: int
    salt: str
    signature: str


def make_challenge(nonce: UUID, *, now: datetime) -> dict[str, object]:
    """A challenge for the showing with this nonce, as the widget and our worker take it."""
    options = ChallengeOptions(
        algorithm="SHA-256",
        max_number=MOST_NUMBERS,
        hmac_key=_key(),
        expires=now + CHALLENGE_LIFE,
        params={"nonce": nonce.hex},
    )
    made = create_challenge(options)
    return {
        "algorithm": made.algorithm,
        "challenge": made.challenge,
        "maxnumber": MOST_NUMBERS,
        "salt": made.salt,
        "signature": made.signature,
    }


def is_solved(payload: str, nonce: UUID, *, now: datetime) -> bool:
    """Whether ``payload`` solves a challenge of ours for this nonce, in time."""
    try:
        solution = msgspec.json.decode(base64.b64decode(payload, validate=True), type=Solution)
    except (msgspec.MsgspecError, UnicodeDecodeError, binascii.Error):
        return False
    terms = parse_qs(solution.salt.partition("?")[2])
    # Exactly one of each: who adds another may mean another reading (CVE-2025-68113).
    if terms.get("nonce") != [nonce.hex] or len(terms.get("expires", [])) != 1:
        return False
    if solution.algorithm != "SHA-256" or not terms["expires"][0].isdecimal():
        return False
    in_time = now.timestamp() <= int(terms["expires"][0])
    return in_time and verify_solution(msgspec.to_builtins(solution), _key(), check_expires=False)[0]


def _key() -> str:
    return f"{settings.LINK_SIGNING_KEY}.altcha"
