"""Person or machine? What a post gives away, weighed; the reasons are kept with it. Pure.

A machine never learns the verdict: it reads the same thanks as everybody. A person who was taken for one
is found again among the submissions set aside (bar: inputs B61).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SHORTEST_SECONDS = 3.0
ENOUGH = 100
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)


class Token(StrEnum):
    """What became of the form's signed token; a form in plain HTML of a known site has none."""

    GOOD = "good"
    UNNEEDED = "unneeded"
    MISSING = "missing"
    INVALID = "invalid"


class Proof(StrEnum):
    """What became of the proof of work."""

    UNASKED = "unasked"
    DONE = "done"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of one post. ``seconds``: from the form's showing to its sending, if known."""

    honeypot: bool = False
    seconds: float | None = None
    token: Token = Token.GOOD
    proof: Proof = Proof.UNASKED
    foreign_origin: bool = False
    links: int = 0
    link_as_name: bool = False
    disposable: bool = False


def judge(signals: Signals) -> tuple[str, ...]:
    """Why this is spam, as stable codes, the gravest first; empty when it is taken for a person's.

    A throw-away address or a few links say little alone; together with each other they are enough.
    """
    weights = {
        "honeypot": ENOUGH * signals.honeypot,
        "token_invalid": ENOUGH * (signals.token is Token.INVALID),
        "token_missing": ENOUGH * (signals.token is Token.MISSING),
        "foreign_origin": ENOUGH * signals.foreign_origin,
        "too_fast": ENOUGH * (signals.seconds is not None and signals.seconds < SHORTEST_SECONDS),
        "proof_missing": ENOUGH * (signals.proof is Proof.MISSING),
        "link_as_name": ENOUGH * signals.link_as_name,
        "many_links": _for_links(signals.links),
        "disposable": 40 * signals.disposable,
    }
    reasons = sorted((name for name, weight in weights.items() if weight), key=lambda name: -weights[name])
    return tuple(reasons) if sum(weights.values()) >= ENOUGH else ()


def _for_links(number: int) -> int:
    """Two links are a person's who shows something; more are an advertiser's."""
    if number > 5:
        return ENOUGH
    return 60 if number > 2 else 0


def count_links(texts: Iterable[str]) -> int:
    """How many links these texts hold."""
    return sum(len(_LINK.findall(text)) for text in texts)
