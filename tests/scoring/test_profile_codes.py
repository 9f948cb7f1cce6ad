"""What the database says of a profile, in codes, is what the plain reader finds: for every kind of field."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from leads.models import Company
from leads.models.lists import List, ListMembership
from scoring.actions import rescore
from scoring.engine.conditions import Attribute
from scoring.engine.fields import OPERATORS, FieldType, holds
from scoring.engine.parse import parse
from scoring.engine.profiles import WORD_BITS, Column, Layout
from scoring.queries import explain
from tests.scoring.conftest import document
from tests.scoring.test_rescore import explained, stored

ODD = "l'\"usine\\n % \u00e9nergie {0} \U0001f3ed"
ASKED = {
    "company.sector": "industry",
    "job_title": ODD,
    "email": None,
    "company": None,
    "company.domain": None,
    "social": None,
    "need": None,
    "phone_is_valid": True,
    "is_reachable": False,
    "interests": "energy",
    "lists": "vip",
    "custom.size": 3,
    "custom.o'key": "x",
}


def questions() -> list[dict]:
    """Every operator on fields of every type, and months that begin and end at every distance."""
    asked: list[dict] = [
        {"field": "project_month", "op": "within_months", "value": n} for n in (0, 1, 6, 120)
    ]
    asked += [{"field": "project_month", "op": op} for op in ("is_set", "is_not_set")]
    for name, value in ASKED.items():
        for op in sorted(OPERATORS[Column(name).type]):
            if op in ("is_set", "is_not_set"):
                asked.append({"field": name, "op": op})
            elif op in ("at_least", "at_most"):
                asked.append({"field": name, "op": op, "value": 3})
            elif op in ("in", "not_in", "has_any", "has_none"):
                asked.append({"field": name, "op": op, "value": [value, "other"]})
            else:
                asked.append({"field": name, "op": op, "value": value})
    return asked


@pytest.fixture
def odd_leads(make_lead, now):
    companies = [
        None,
        Company.objects.create(name="A", sector="industry", domain="a.example", created_at=now),
        Company.objects.create(name="B", sector="Industry", created_at=now),
        Company.objects.create(name="C", sector="", created_at=now),
    ]
    months = [None, *(date(2026 + n // 12, n % 12 + 1, 15) for n in (1, 2, 3, 7, 8, 9)), date(2036, 4, 1)]
    customs = [{}, {"size": 3}, {"size": 3.0}, {"size": "3"}, {"size": True}, {"size": None, "o'key": "x"},
               {"size": [3], "o'key": "a\nb"}, {"size": -1e9}]  # fmt: skip
    titles = ["", ODD, ODD + " ", "usine"]
    interests = [[], ["energy"], ["water", "other"], ["a,b", "ENERGY"]]
    return [
        make_lead(
            company=companies[n % 4],
            project_month=months[n % len(months)],
            custom=customs[n % len(customs)],
            job_title=titles[n // 2 % 4],
            interests=interests[n // 3 % 4],
            social={"linkedin": "x"} if n % 3 else {},
            phone_is_valid=n % 2 == 0,
            need="une pompe" if n % 5 else "",
        )
        for n in range(24)
    ]


def test_every_operator_on_every_kind_of_field_agrees(odd_leads, publish_document, now):
    """Each question of a document is worth another power of two, so that no two hide each other."""
    vip = List.objects.create(code="vip", name="VIP", created_at=now)
    for n, lead in enumerate(odd_leads[::2]):
        left = now if n % 3 == 0 else None
        ListMembership.objects.create(list=vip, lead=lead, joined_at=now, left_at=left)
    asked = questions()
    seen: set[int] = set()
    for start in range(0, len(asked), 6):
        rules = [
            {"code": f"r{n}", "name": "r", "points": 2**n, "when": question}
            for n, question in enumerate(asked[start : start + 6])
        ]
        live = document(*rules, completeness=sorted(ASKED))
        live["groups"][0]["measures"] = "fit"
        publish_document(live)
        rescore([lead.pk for lead in odd_leads], now=now)
        for lead in odd_leads:
            assert stored(lead) == explained(lead, now=now)
            seen.add(explain(lead, now=now).shown_fit)
    assert len(seen) > 20


def test_the_same_document_asks_everything_at_once(odd_leads, publish_document, now):
    """Columns are packed into as many words as they need."""
    rules = [
        {"code": f"r{n}", "name": "r", "points": (n + 1) / 1000, "when": question}
        for n, question in enumerate(questions())
        if question["field"] != "lists" or "value" not in question
    ]
    live = document(*rules, completeness=sorted(ASKED))
    live["groups"][0]["measures"] = "fit"
    publish_document(live)
    rescore([lead.pk for lead in odd_leads], now=now)
    for lead in odd_leads:
        assert stored(lead) == explained(lead, now=now)


def test_a_code_takes_the_bits_it_needs_and_a_word_holds_no_more_than_it_can():
    named = [f"sector {n}" for n in range(7)]
    rules = [
        {"code": f"r{n}", "name": "r", "points": 1, "when": {"field": field, "op": "in", "value": named}}
        for n, field in enumerate(
            f"{prefix}{name}"
            for prefix, names in (("", "region country seniority department channel audience job_title"),
                                  ("company.", "sector headcount turnover country region"))
            for name in names.split()
        )
    ]  # fmt: skip
    rules += [
        {
            "code": f"s{n}",
            "name": "s",
            "points": 1,
            "when": {"field": "interests", "op": "has", "value": f"i{n}"},
        }
        for n in range(40)
    ]
    live = document(*rules)
    live["groups"][0]["measures"] = "fit"
    layout = Layout(parse(live))
    assert {column.bits for column in layout.places if column.type is FieldType.TEXT} == {4}
    assert layout.words == 2
    taken = [(word, bit + n) for column, (word, bit) in layout.places.items() for n in range(column.bits)]
    assert len(taken) == len(set(taken)) == 12 * 4 + 40
    assert max(bit for _, bit in taken) < WORD_BITS


@pytest.mark.parametrize(("months", "ahead"), list(product([(), (0,), (1, 6)], [-3, -1, 0, 1, 2, 6, 7, 40])))
def test_the_value_that_stands_for_a_month_passes_the_same_tests(months, ahead):
    today = date(2026, 11, 30)
    number = today.year * 12 + today.month - 1 + ahead
    month = date(number // 12, number % 12 + 1, 17).isoformat()
    values = Column("project_month", months).values(today)
    code = 1 + sum(ahead >= limit + 1 for limit in (-1, *months))
    for limit in months:
        test = Attribute("project_month", "within_months", limit)
        assert holds(test, values[code], today) == holds(test, month, today)
