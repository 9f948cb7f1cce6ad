"""The thirty rules of the scoring benchmarks, as a marketer's site might have them after a year.

16 behaviours counted inside a window with a cap (three of them with a condition on event properties), 4 that
fade by half-life, 3 that take points away, 7 attributes. Matrix, phases, temperatures and gates are those of
the shipped template for B2B services.
"""

from __future__ import annotations

from typing import Any

RULES = 30
PAGES = {"path": "pages", "op": "at_least", "value": 3}
FORM = {"path": "form", "op": "equals", "value": "contact"}
SECONDS = {"path": "seconds", "op": "at_least", "value": 60}
# The kind of event that carries each property, and a value for which the question's answer is yes.
ANSWERED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "page_viewed": (PAGES, {"pages": 5}),
    "form_submitted": (FORM, {"form": "contact"}),
    "time_on_site": (SECONDS, {"seconds": 90}),
}
# code: kinds, points, at most one per, days, most
_WINDOWED = {
    "pages": (["page_viewed"], 1, "hour", 90, 15),
    "deep_visits": (["page_viewed"], 2, "day", 60, 5),
    "forms": (["form_submitted"], 6, "day", 180, 3),
    "long_visits": (["time_on_site"], 2, "day", 90, 5),
    "returns": (["return_visit"], 3, "day", 90, 5),
    "downloads": (["content_downloaded"], 10, "day", 365, 5),
    "videos": (["video_watched", "comment_posted", "social_interaction"], 3, "day", 90, 4),
    "registered": (["webinar_registered", "event_registered"], 5, "week", 90, 2),
    "webinars": (["webinar_attended"], 15, "", 180, 2),
    "meetings_outside": (["event_attended", "trade_show_meeting"], 15, "", 180, 2),
    "answers": (["email_replied", "chat", "social_message", "referral_made"], 12, "day", 120, 2),
    "clicks": (["email_clicked", "ad_clicked"], 3, "day", 90, 5),
    "shops": (["shop_visit", "coupon_claimed"], 6, "week", 120, 2),
    "contact": (["contact_requested", "inbound_call"], 40, "day", 180, 1),
    "demo": (["demo_requested", "trial_started"], 40, "day", 180, 1),
    "meeting": (["meeting_booked", "meeting_held"], 40, "day", 180, 1),
}
_PROPERTIES = {"deep_visits": PAGES, "forms": FORM, "long_visits": SECONDS}
# code: kinds, points, half-life in days, most
_FADING = {
    "pricing": (["pricing_viewed"], 10, 30, 3),
    "proofs": (["content_downloaded"], 6, 60, 3),
    "quote": (["quote_requested"], 50, 45, 1),
    "newsletter": (["newsletter_subscribed"], 5, 90, 1),
}
_COOLING: dict[str, dict[str, Any]] = {
    "silent": {"points": -10, "when": {"inactive_days": 60}},
    "long_silent": {"points": -20, "when": {"inactive_days": 180}},
    "unsubscribed": {
        "points": -20,
        "when": {"event": {"kind": ["unsubscribed", "consent_withdrawn"]}, "within_days": 365},
    },
}
# code: points, field, values
_ATTRIBUTES = {
    "target_sector": (20, "company.sector", ["industry", "food", "construction"]),
    "medium_company": (20, "company.headcount", ["50_249", "250_4999"]),
    "turnover": (10, "company.turnover", ["10m_50m"]),
    "in_france": (5, "company.country", ["FR", "BE"]),
    "executive": (15, "seniority", ["executive", "director"]),
    "decides": (15, "company_role", ["decision_maker", "buyer"]),
    "budget": (12, "budget_range", ["20k_50k"]),
}
# What a second version of the rules gives more points for.
_MOVED = frozenset({"executive", "pricing", "contact"})


def thirty_rules(shift: int = 0) -> dict[str, object]:
    """A complete rule document; ``shift`` is added to the points of three of its rules."""
    from scoring.actions.publishing import template

    rules = {"fit": _attributes(), "engagement": [*_windowed(), *_fading(), *_cooling()]}
    assert sum(map(len, rules.values())) == RULES
    for rule in (*rules["fit"], *rules["engagement"]):
        rule["points"] += shift * (rule["code"] in _MOVED)
    groups = [
        {"code": measure, "name": measure, "measures": measure, "cap": 100, "rules": of_measure}
        for measure, of_measure in rules.items()
    ]
    return template("b2b_services") | {"groups": groups}


def _windowed() -> list[dict[str, Any]]:
    rules = []
    for code, (kinds, points, one_per, days, most) in _WINDOWED.items():
        event: dict[str, Any] = {"kind": kinds}
        if code in _PROPERTIES:
            event["properties"] = [_PROPERTIES[code]]
        count: dict[str, Any] = {"event": event, "within_days": days, "most": most}
        if one_per:
            count["one_per"] = one_per
        rules.append({"code": code, "name": code, "points": points, "count": count})
    return rules


def _fading() -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": code,
            "points": points,
            "count": {"event": {"kind": kinds}, "one_per": "day", "most": most, "half_life": half_life},
        }
        for code, (kinds, points, half_life, most) in _FADING.items()
    ]


def _cooling() -> list[dict[str, Any]]:
    return [{"code": code, "name": code, **rule} for code, rule in _COOLING.items()]


def _attributes() -> list[dict[str, Any]]:
    return [
        {"code": code, "name": code, "points": points, "when": {"field": field, "op": "in", "value": values}}
        for code, (points, field, values) in _ATTRIBUTES.items()
    ]
