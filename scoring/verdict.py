"""What scoring hands upwards about a lead: a plain value for the funnel and for nurturing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """A lead's conclusions as of one day under one published rule set.

    ``fit`` and ``engagement`` are thousandths (0..100 000); ``grade`` A–D reads the fit and ``level`` 1–4
    (1 is best) the engagement; ``phase`` and ``temperature`` are codes (scoring/engine/rules.py);
    ``completeness`` is whole percent. The gates tell who may enter, the ``keep`` ones who may stay once in;
    ``fast_path`` names the fast path by which the lead is ready, or is empty. A higher ``priority`` is
    offered first. ``changed``: something differs from what was stored; ``band_changed``: a grade, level,
    phase, temperature or gate does. ``reads_stage``: the rules ask where the lead stands, so that a passage
    makes the score old.
    """

    lead_id: int
    fit: int
    engagement: int
    grade: str
    level: int
    phase: str
    temperature: str
    completeness: int
    mql_gate: bool
    mql_keep: bool
    ready_gate: bool
    ready_keep: bool
    fast_path: str
    priority: int
    rules_version: int
    changed: bool
    band_changed: bool
    reads_stage: bool = False
