"""Random rule documents, leads and events. Documents are made as JSON, so that the parser is on the way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import strategies as st

from scoring.engine.events import pack
from scoring.engine.explain import EARLIEST, Adjustment, LeadFacts, Occurrence
from scoring.engine.fields import FieldType
from scoring.engine.kernel import Block
from scoring.engine.profiles import Column, Layout, Profiles, month_ahead
from scoring.engine.program import Program
from scoring.engine.signatures import PropertyPredicate, SignatureFacts

# Ordinary summer time, half an hour of it, changes at 00:01, changes at midnight, a day that never was.
ZONES = (
    "Europe/Paris", "Australia/Lord_Howe", "America/St_Johns", "America/Sao_Paulo", "Pacific/Apia",
    "Asia/Kathmandu", "UTC",
)  # fmt: skip
TODAYS = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 30), date(2010, 11, 8), date(2011, 12, 31),
          date(2018, 11, 4), date(2024, 2, 29), date(2026, 1, 1))  # fmt: skip
KINDS = ("page_viewed", "content_downloaded", "contact_requested", "email_opened")
PREDICATE = PropertyPredicate("pages", "at_least", 3)
BITS = {PREDICATE: 4}
SIGNATURES = tuple(
    SignatureFacts(
        id=number,
        kind=kind,
        content=content,
        content_type={"a": "ebook", "b": "ebook", "c": "white_paper"}.get(content, ""),
        band="tofu" if number % 2 else "mofu",
        phase={"a": "interest", "c": "decision"}.get(content, ""),
        topics=frozenset({"energy"} if content == "a" else ()),
        channel=("", "seo")[number % 2],
        mask=16 * (number % 3 == 0),
        is_intent=kind == "contact_requested",
        is_activity=kind != "email_opened",
    )
    for number, (kind, content) in enumerate(
        ((kind, content) for kind in KINDS for content in ("", "a", "b", "c")), start=3
    )
)
FIELDS = {
    "company.sector": st.sampled_from(["industry", "food", "", None]),
    "audience": st.sampled_from(["b2b", "b2c", "unknown"]),
    "seniority": st.sampled_from(["director", "staff", ""]),
    "email": st.booleans().map(lambda known: known or None),
    "lists": st.lists(st.sampled_from(["vip", "fair"]), max_size=2, unique=True),
    "interests": st.lists(st.sampled_from(["energy", "water"]), max_size=2, unique=True),
    "project_month": st.sampled_from([None, "2026-03-01", "2026-09-01", "2010-12-01"]),
    "custom.size": st.sampled_from([None, 1, 12, "many", True]),
    "phone_is_valid": st.booleans(),
    "stage": st.sampled_from(["lead", "mql", "sal", "recycled"]),
    "consent.newsletter": st.sampled_from(["given", "withdrawn", "unknown"]),
}


def attributes() -> st.SearchStrategy[dict]:
    sector = st.sampled_from(["is", "is_not"]).map(
        lambda op: {"field": "company.sector", "op": op, "value": "industry"}
    )
    return st.one_of(
        sector,
        st.sampled_from(["in", "not_in"]).map(
            lambda op: {"field": "seniority", "op": op, "value": ["director", "manager"]}
        ),
        st.sampled_from(["has_any", "has_none"]).map(
            lambda op: {"field": "interests", "op": op, "value": ["energy"]}
        ),
        st.sampled_from(["energy", "water"]).map(
            lambda item: {"field": "interests", "op": "has", "value": item}
        ),
        st.sampled_from(["vip", "fair"]).map(lambda code: {"field": "lists", "op": "has", "value": code}),
        st.sampled_from(["is", "is_not"]).map(lambda op: {"field": "stage", "op": op, "value": "mql"}),
        st.sampled_from(["in", "not_in"]).map(
            lambda op: {"field": "stage", "op": op, "value": ["lead", "recycled"]}
        ),
        st.sampled_from(["given", "withdrawn", "unknown"]).map(
            lambda word: {"field": "consent.newsletter", "op": "is", "value": word}
        ),
        st.integers(0, 12).map(lambda n: {"field": "project_month", "op": "within_months", "value": n}),
        st.tuples(st.sampled_from(["at_least", "at_most"]), st.integers(0, 12)).map(
            lambda pair: {"field": "custom.size", "op": pair[0], "value": pair[1]}
        ),
        st.sampled_from(["in", "not_in"]).map(
            lambda op: {"field": "custom.size", "op": op, "value": [12, "many"]}
        ),
        st.sampled_from([1, True, "many"]).map(lambda v: {"field": "custom.size", "op": "is", "value": v}),
        st.booleans().map(lambda v: {"field": "phone_is_valid", "op": "is", "value": v}),
        st.tuples(
            st.sampled_from(
                ["email", "company.sector", "interests", "project_month", "custom.size", "stage"]
            ),
            st.sampled_from(["is_set", "is_not_set"]),
        ).map(lambda pair: {"field": pair[0], "op": pair[1]}),
    )


def matches() -> st.SearchStrategy[dict]:
    some = st.fixed_dictionaries(
        {},
        optional={
            "kind": st.lists(st.sampled_from(KINDS[:3]), min_size=1, max_size=2, unique=True),
            "content_type": st.just(["ebook"]),
            "content": st.just(["b"]),
            "band": st.just(["tofu"]),
            "phase": st.just(["interest"]),
            "topic": st.just(["energy"]),
            "channel": st.just(["seo"]),
            "properties": st.just([{"path": "pages", "op": "at_least", "value": 3}]),
            "intent": st.booleans(),
            "activity": st.booleans(),
        },
    )
    return some.filter(bool)


DAYS = st.one_of(st.integers(1, 4), st.sampled_from([7, 30, 400]))
ONE_PER = st.sampled_from(["hour", "day", "week"])


def event_conditions() -> st.SearchStrategy[dict]:
    happened = st.fixed_dictionaries(
        {"event": matches()},
        optional={
            "at_least": st.integers(1, 3),
            "distinct_contents": st.integers(1, 3),
            "within_days": DAYS,
            "one_per": ONE_PER,
        },
    )
    inactive = st.fixed_dictionaries({"inactive_days": DAYS}, optional={"event": matches()})
    return happened | inactive


PERSONA = st.integers(1, 100).map(lambda share: {"persona": "buyer", "at_least": share})
VIP = st.just({"list": "vip"})
READINGS = st.one_of(
    st.just({"grade": ["A", "B"]}), st.just({"level": [1, 2]}), st.just({"phase": ["interest", "decision"]})
)
TEMPERATURES = st.just({"temperature": ["warm", "hot"]})


def measures(*names: str) -> st.SearchStrategy[dict]:
    bounds = st.one_of(
        st.integers(0, 60).map(lambda least: {"at_least": least}),
        st.integers(1, 101).map(lambda below: {"below": below}),
        st.integers(0, 60).map(lambda least: {"at_least": least, "below": least + 20}),
    )
    return st.builds(lambda name, bound: {"score": name, **bound}, st.sampled_from(names), bounds)


def nested(leaf: st.SearchStrategy[dict]) -> st.SearchStrategy[dict]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"all": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=4,
    )


FIT = nested(st.one_of(attributes(), PERSONA, VIP, measures("completeness")))
BEHAVIOUR = nested(st.one_of(attributes(), PERSONA, VIP, measures("completeness"), event_conditions()))
CONCLUSIONS = st.one_of(
    attributes(), PERSONA, event_conditions(), READINGS, measures("fit", "engagement", "completeness")
)
TEMPERATURE = nested(CONCLUSIONS)
GATE = nested(CONCLUSIONS | TEMPERATURES)
ENABLED = st.sampled_from([True, True, False])
POINTS = st.one_of(st.integers(-40, 60), st.sampled_from([0.001, 7.5, -3.333, 1000, -1000]))
COUNT = st.fixed_dictionaries(
    {"event": matches()},
    optional={"one_per": ONE_PER, "within_days": DAYS, "most": st.integers(1, 4), "half_life": DAYS},
)


@st.composite
def documents(draw: st.DrawFn) -> dict:
    codes = iter(range(1000))

    def rule(scope: st.SearchStrategy[dict], counts: bool) -> dict:
        made = {"code": f"r{next(codes)}", "name": "Règle", "points": draw(POINTS), "enabled": draw(ENABLED)}
        shape = draw(st.sampled_from(["when", "count", "both"])) if counts else "when"
        if shape in ("when", "both"):
            made["when"] = draw(scope)
        if shape in ("count", "both"):
            made["count"] = draw(COUNT)
        return made

    def group(measures: str) -> dict:
        scope, counts = (FIT, False) if measures == "fit" else (BEHAVIOUR, True)
        limits = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "cap": st.sampled_from([0, 5, 12.345, 40]),
                    "audience": st.just(["b2b"]),
                    "sectors": st.just(["industry"]),
                    "stages": st.just(["lead", "mql"]),
                    "enabled": ENABLED,
                },
            )
        )
        rules = [rule(scope, counts) for _ in range(draw(st.integers(1, 3)))]
        return {"code": f"g{next(codes)}", "name": "Groupe", "measures": measures, "rules": rules, **limits}

    fast = [{"code": f"f{next(codes)}", "when": draw(BEHAVIOUR)} for _ in range(draw(st.integers(0, 2)))]
    return {
        "name": "Essai",
        "personas": [
            {
                "code": "buyer",
                "name": "Acheteuse",
                "criteria": [{**draw(attributes()), "weight": draw(st.integers(1, 9))} for _ in range(2)],
            }
        ],
        "completeness": draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, unique=True)),
        "groups": [
            group(draw(st.sampled_from(["fit", "engagement"]))) for _ in range(draw(st.integers(1, 3)))
        ],
        "phases": [{"phase": p, "when": draw(BEHAVIOUR)} for p in ("decision", "interest")],
        "temperatures": [{"temperature": t, "when": draw(TEMPERATURE)} for t in ("hot", "warm")],
        "gates": {
            "mql": {"when": draw(BEHAVIOUR)},
            "ready": {"when": draw(GATE), "keep": draw(GATE), "fast": fast},
        },
        "priority": {"fit": 2, "engagement": 3},
    }


def occurrences(zone: ZoneInfo, today: date) -> st.SearchStrategy[tuple[Occurrence, ...]]:
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=zone).astimezone(UTC)
    moment = st.one_of(
        st.timedeltas(timedelta(days=-3), timedelta(days=1)),
        st.timedeltas(timedelta(days=-20), timedelta(0)),
        st.timedeltas(timedelta(days=-900), timedelta(0)),
    ).map(lambda back: noon + back)
    one = st.tuples(moment, st.sampled_from(SIGNATURES))
    return st.lists(one, max_size=8).map(
        lambda found: tuple(
            Occurrence(number, when, signature.id) for number, (when, signature) in enumerate(found, start=1)
        )
    )


def profiles() -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(FIELDS)


def adjustments(today: date) -> st.SearchStrategy[tuple[Adjustment, ...]]:
    """What people added by hand: for ever, until today, until a day that has gone by."""
    ends = st.sampled_from([None, today, today - timedelta(days=1), today + timedelta(days=30)])
    one = st.tuples(st.sampled_from(["fit", "engagement"]), st.integers(-100, 100), ends)
    return st.lists(one, max_size=3).map(
        lambda found: tuple(
            Adjustment(number, measure, points * 1000, "Rencontré au salon", expires_on=end)
            for number, (measure, points, end) in enumerate(found, start=1)
        )
    )


def leads(zone: ZoneInfo, today: date) -> st.SearchStrategy[LeadFacts]:
    return st.builds(as_facts, profiles(), occurrences(zone, today), adjustments(today))


def as_facts(profile: dict, found: tuple[Occurrence, ...], by_hand: tuple[Adjustment, ...] = ()) -> LeadFacts:
    return LeadFacts({k: tuple(v) if isinstance(v, list) else v for k, v in profile.items()}, found, by_hand)


def as_block(program: Program, leads: list[LeadFacts], today: date) -> Block:
    """The same leads as the database would hand them over."""
    events = [
        (place, one.signature, int(max(one.occurred_at, EARLIEST).timestamp()) // 60)
        for place, lead in enumerate(leads)
        for one in lead.occurrences
    ]
    return Block(
        size=len(leads),
        profiles=as_profiles(program.layout, [lead.profile for lead in leads], today),
        events=pack(*np.array(events, np.int64).reshape(-1, 3).T),
        adjustments={
            measure: np.array([adjusted(lead, measure, today) for lead in leads], np.int64)
            for measure in ("fit", "engagement")
        },
    )


def adjusted(lead: LeadFacts, measure: str, today: date) -> int:
    """What counts today of what was added by hand, as the database sums it up."""
    counting = (one for one in lead.adjustments if one.expires_on is None or one.expires_on >= today)
    return sum(one.points for one in counting if one.measure == measure)


def as_profiles(layout: Layout, profiles: list[dict], today: date) -> Profiles:
    """Profiles as the database packs them."""
    words = [np.zeros(len(profiles), np.int64) for _ in range(layout.words)]
    for column, (word, bit) in layout.places.items():
        codes = [code(column, profile[column.field], today) for profile in profiles]
        words[word] |= np.array(codes, np.int64) << bit
    texts = {
        name: ["" if one[name] is None else json.dumps(one[name]) for one in profiles]
        for name in layout.texts
    }
    return Profiles(words, texts)


def code(column: Column, value: object, today: date) -> int:
    """Which of the named values a field holds, worked out as the database does."""
    match column.type:
        case FieldType.LIST:
            return int(any(item in column.named for item in value) if column.named else bool(value))
        case FieldType.MONTH:
            if value is None:
                return 0
            limits = [month_ahead(today, months + 1).isoformat() for months in (-1, *column.named)]
            return 1 + sum(value >= limit for limit in limits)
        case FieldType.TEXT:
            known = (*column.named, value)
            return known.index(value) + 1 if value else 0
    return int(bool(value))
