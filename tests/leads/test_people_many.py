"""Recognising many people at once gives what recognising them one by one gives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.actions.people import Arrival, Identity, NoIdentity, Recognised, recognise
from leads.actions.people_many import Encounter, recognise_many
from leads.choices import Origin
from leads.models import Company, Event, Lead, ProfileChange, Wake
from leads.normalise import normalise_email, normalise_phone

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

# Few values, so that encounters meet each other in every way.
EMAILS = ("a@acier.example", "b@acier.example", "c@bois.example", "d@orange.fr", "e@mailinator.com")
PHONES = ("01 99 00 12 34", "01 99 00 12 35", "12")
REFERENCES = ("crm:1", "crm:2")
COMPANIES: tuple[dict[str, object], ...] = (
    {},
    {"name": "Acier Dupont"},
    {"name": "ACIER dupont", "region": "Bretagne"},
    {"name": "Été & fils"},
    {"name": "ÉTÉ & FILS", "postcode": "35000"},
    {"name": "Acier Dupont SARL", "siren": "732829320"},
    {"name": "Tout autre nom", "siren": "732829320"},
    {"name": "acier dupont", "siren": "552100554"},
    {"siren": "732829320"},
    {"domain": "bois.example", "name": "Bois", "sector": "industry"},
    {"domain": "bois.example", "name": "Bois du Nord", "headcount": "10-49"},
)


def _identity(email: str | None, phone: str | None, reference: str | None) -> Identity:
    return Identity(
        email=normalise_email(email) if email else None,
        phone=normalise_phone(phone) if phone else None,
        reference=reference,
    )


IDENTITIES = st.builds(
    _identity,
    st.none() | st.sampled_from(EMAILS),
    st.none() | st.sampled_from(PHONES),
    st.none() | st.sampled_from(REFERENCES),
).filter(lambda identity: identity.is_usable)
PROFILES: st.SearchStrategy[Mapping[str, object]] = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(("", "Marie", "Paul")),
        "job_title": st.sampled_from(("", "Acheteuse", "Directrice")),
        "interests": st.sampled_from(([], ["gmao"], ["capteurs", "gmao"])),
        "custom": st.sampled_from(({}, {"persona": "x"}, {"persona": "y", "size": 3})),
    },
)
ENCOUNTERS = st.builds(
    Encounter,
    identity=IDENTITIES,
    profile=PROFILES,
    origin=st.sampled_from((Origin.FORM, Origin.SALES)),
    arrival=st.sampled_from((Arrival(), Arrival("webinar", "direct", "/w/"), Arrival("trade_show"))),
    company=st.sampled_from(COMPANIES),
)
RULES = st.fixed_dictionaries({"overwrite": st.booleans(), "trusted": st.booleans()})


def _one_by_one(
    encounters: Sequence[Encounter], *, overwrite: bool = True, trusted: bool = True
) -> list[Recognised]:
    return [
        recognise(
            identity=one.identity,
            profile=one.profile,
            origin=one.origin,
            arrival=one.arrival,
            company=one.company,
            now=NOW,
            overwrite=overwrite,
            trusted=trusted,
        )
        for one in encounters
    ]


def _at_once(
    encounters: Sequence[Encounter], *, overwrite: bool = True, trusted: bool = True
) -> list[Recognised]:
    return recognise_many(encounters=encounters, now=NOW, overwrite=overwrite, trusted=trusted)


_IDS = {"id", "public_id", "company_id", "lead_id", "merged_into_id"}


def _everything(results: Sequence[Recognised]) -> dict[str, object]:
    """All that stands in the database, with ids replaced by the place in the order of ids."""
    leads = {
        number: place for place, number in enumerate(Lead.objects.order_by("pk").values_list("pk", flat=True))
    }
    companies = {
        number: place
        for place, number in enumerate(Company.objects.order_by("pk").values_list("pk", flat=True))
    }

    def plain(row: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in row.items() if name not in _IDS} | {
            "of": (leads.get(row.get("lead_id")), companies.get(row.get("company_id")))  # type: ignore[call-overload]
        }

    return {
        "results": [(leads[one.lead.pk], one.created) for one in results],
        "leads": [plain(row) for row in Lead.objects.order_by("pk").values()],
        # Companies are numbered when they are met first, in both ways.
        "companies": [plain(row) for row in Company.objects.order_by("pk").values()],
        "history": sorted(map(repr, (plain(row) for row in ProfileChange.objects.order_by("pk").values()))),
        "latest": {
            (leads.get(one.lead_id), companies.get(one.company_id), one.field): one.new  # type: ignore[arg-type]
            for one in ProfileChange.objects.order_by("pk")
        },
        "events": sorted(
            repr((leads[lead], kind, at, properties))
            for lead, kind, at, properties in Event.objects.values_list(
                "lead_id", "kind_id", "occurred_at", "properties"
            )
        ),
        "woken": sorted({leads[number] for number in Wake.objects.values_list("lead_id", flat=True)}),
    }


def _played(
    present: Sequence[Encounter],
    merges: bool,
    batch: Sequence[Encounter],
    way: Callable[..., list[Recognised]],
    rules: Mapping[str, bool],
) -> dict[str, object]:
    """What stands in the database after the batch came to those present; everything is rolled back."""
    with transaction.atomic():
        _one_by_one(present)
        if merges:
            _merge_first_two()
        found = _everything(way(batch, **rules))
        transaction.set_rollback(True)
    return found


def _merge_first_two() -> None:
    """The oldest lead was merged into the second one, but keeps its keys."""
    two = list(Lead.objects.order_by("pk")[:2])
    if len(two) == 2:
        Lead.objects.filter(pk=two[0].pk).update(merged_into=two[1])


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    present=st.lists(ENCOUNTERS, max_size=4),
    merges=st.booleans(),
    batch=st.lists(ENCOUNTERS, max_size=7),
    rules=RULES,
)
def test_many_at_once_are_as_one_by_one(
    present: list[Encounter], merges: bool, batch: list[Encounter], rules: dict[str, bool]
) -> None:
    expected = _played(present, merges, batch, _one_by_one, rules)
    assert _played(present, merges, batch, _at_once, rules) == expected


def _crowd(count: int, word: str) -> list[Encounter]:
    return [
        Encounter(
            identity=_identity(f"{word}{number}@{word}{number % 7}.example", None, None),
            profile={"first_name": f"{word} {number}"},
            origin=Origin.FORM,
            arrival=Arrival("webinar"),
        )
        for number in range(count)
    ]


@pytest.mark.django_db
def test_the_number_of_statements_does_not_depend_on_the_number_of_people() -> None:
    counts = []
    _at_once(_crowd(1, "warm"))  # what a process remembers is read now
    for number in (2, 60):
        with CaptureQueriesContext(connection) as new:
            _at_once(_crowd(number, f"n{number}"))
        with CaptureQueriesContext(connection) as known:
            again = [
                Encounter(one.identity, {"city": "Lyon"}, Origin.FORM) for one in _crowd(number, f"n{number}")
            ]
            _at_once(again)
        counts.append((len(new), len(known)))
    assert counts[0] == counts[1]
    assert counts[0] == (22, 18)


@pytest.mark.django_db
def test_each_was_met_at_a_time_of_their_own() -> None:
    earlier = NOW - timedelta(hours=3)
    one = Encounter(_identity(EMAILS[0], None, None), {"city": "Lyon"}, Origin.SALES, at=earlier)
    lead = _at_once([one])[0].lead
    lead.refresh_from_db()
    assert lead.created_at == earlier
    assert ProfileChange.objects.get(field="city").at == earlier
    assert Event.objects.get().occurred_at == earlier
    assert Event.objects.get().received_at == NOW


@pytest.mark.django_db
def test_nobody_is_written_when_one_cannot_be_recognised() -> None:
    nobody = Encounter(_identity(None, "12", None), {}, Origin.FORM)
    with pytest.raises(NoIdentity):
        _at_once([*_crowd(2, "x"), nobody])
    assert not Lead.objects.exists()
    assert _at_once([]) == []


@pytest.mark.django_db
def test_another_lead_s_reference_stays_theirs() -> None:
    _at_once([Encounter(_identity(EMAILS[0], None, "crm:1"), {}, Origin.FORM)])
    taken = Encounter(_identity(EMAILS[1], None, None), {}, Origin.FORM)
    _at_once([taken, Encounter(_identity(EMAILS[1], None, "crm:1"), {}, Origin.FORM)])
    held = dict(Lead.objects.values_list("email", "reference"))
    assert held == {EMAILS[0]: "crm:1", EMAILS[1]: None}


@pytest.mark.django_db(transaction=True)
def test_two_batches_with_the_same_people_make_each_of_them_once() -> None:
    crowd = _crowd(40, "z")
    start = threading.Barrier(3)
    done: list[Recognised] = []

    def work(batch: Sequence[Encounter], way: Callable[..., list[Recognised]]) -> None:
        try:
            start.wait(timeout=10)
            for part in range(0, len(batch), 10):
                done.extend(way(batch[part : part + 10]))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=(crowd, _at_once)),
        threading.Thread(target=work, args=(crowd[::-1], _at_once)),
        threading.Thread(target=work, args=(crowd, _one_by_one)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(done) == 120
    assert sum(one.created for one in done) == 40
    assert Lead.objects.count() == 40
    assert Company.objects.count() == 7
    assert {lead.first_name for lead in Lead.objects.all()} == {f"z {number}" for number in range(40)}
