"""Likely duplicates: which pairs, how likely, why; and that decisions about them last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from leads.actions.duplicates import (
    ask_again,
    look_at_everybody,
    look_at_the_new,
    look_for_duplicates,
    not_the_same,
    note_keys,
)
from leads.actions.people import update_profile
from leads.choices import Origin
from leads.duplicate_words import SIGNS, in_words
from leads.duplicates import LIKELY, Person, Sign, compare, keys
from leads.models import Company, DuplicateCandidate, Lead, LeadKeys

MARIE = Person("Marie", "Curie", "marie.curie@radium.fr", "+33612345678", "7", "92330")

LIKELY_PAIRS = [
    # Gmail ignores dots and tags; a slip in the domain is a slip.
    (Person(email="m.curie@gmail.com"), Person(email="mcurie+fair@googlemail.com"), {Sign.SAME_MAILBOX}),
    (Person(email="mcurie@gmial.com"), Person(email="mcurie@gmail.com"), {Sign.SAME_MAILBOX}),
    (Person(email="anne+a@acier.fr"), Person(email="anne@acier.fr"), {Sign.SAME_MAILBOX}),
    (Person(phone="+33612345678"), Person(phone="+33612345678", email="x@y.fr"), {Sign.SAME_PHONE}),
    (
        Person("Élodie", "Lefèvre", "elodie.lefevre@acier.fr"),
        Person("elodie", "LEFEVRE", "elodie.lefevre@gmail.com"),
        {Sign.SAME_NAME, Sign.ALIKE_ADDRESS},
    ),
    (
        Person("Dupont", "Jean", company="1"),
        Person("Jean", "Dupont", company="1"),
        {Sign.SWAPPED_NAME, Sign.SAME_COMPANY},
    ),
    (
        Person("Fred", "Martin", company="1"),
        Person("Frédéric", "Martin", company="1"),
        {Sign.SHORT_NAME, Sign.SAME_COMPANY},
    ),
    (
        Person("J.", "Dupont", company="1"),
        Person("Jean", "Dupont", company="1"),
        {Sign.SHORT_NAME, Sign.SAME_COMPANY},
    ),
    (
        Person("Jean", "Dupond", company="1"),
        Person("Jean", "Dupont", company="1"),
        {Sign.ALIKE_NAME, Sign.SAME_COMPANY},
    ),
    (
        Person("Jean-Michel", "O'Neill", postcode="69003"),
        Person("Jean Michel", "ONeill", postcode="69003"),
        {Sign.SAME_NAME, Sign.SAME_POSTCODE},
    ),
]


@pytest.mark.parametrize(
    ("one", "other", "signs"), LIKELY_PAIRS, ids=[str(n) for n in range(len(LIKELY_PAIRS))]
)
def test_one_person_written_twice_is_found(one: Person, other: Person, signs: set[Sign]) -> None:
    found = compare(one, other)
    assert set(found.signs) == signs
    assert found.score >= LIKELY
    # They also meet: a pair that shares no key would never be compared.
    assert set(keys(one)) & set(keys(other))


UNLIKELY_PAIRS = [
    # Two people of one firm, of one family, of one frequent name, behind one desk.
    (Person("Marie", "Curie", company="1"), Person("Paul", "Langevin", company="1")),
    (Person("Marie", "Curie", phone="+33144556677"), Person("Paul", "Langevin", phone="+33144556677")),
    (Person("Marie", "Curie", phone="+33612345678"), Person("Irène", "Curie", phone="+33612345678")),
    (Person("Jean", "Martin", "jean.m@acier.fr"), Person("Jean", "Martin", "jmartin75@orange.fr")),
    (Person(email="contact@acier.fr"), Person(email="contact@bois.fr")),
    (Person(email="info@gmail.com"), Person(email="info@gmail.com")),
    (Person(), Person()),
    (Person(company="1", postcode="69003"), Person(company="1", postcode="69003")),
]


@pytest.mark.parametrize(("one", "other"), UNLIKELY_PAIRS, ids=range(len(UNLIKELY_PAIRS)))
def test_two_people_are_not_taken_for_one(one: Person, other: Person) -> None:
    assert not compare(one, other).is_likely


words = st.sampled_from(
    ["", "Marie", "marie", "Jean-Michel", "J.", "Fred", "Frédéric", "Curie", "Dupont", "Dupond"]
)
people = st.builds(
    Person,
    words,
    words,
    st.sampled_from(["", "a.b@gmail.com", "ab+x@gmail.com", "marie.curie@radium.fr", "contact@acier.fr"]),
    st.sampled_from(["", "+33612345678", "+33144556677"]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["", "69003"]),
)


@given(people, people)
def test_likeness_does_not_depend_on_the_order_and_is_a_percentage(one: Person, other: Person) -> None:
    assert compare(one, other) == compare(other, one)
    assert 0 <= compare(one, other).score <= 100


@given(people)
def test_whoever_can_be_told_from_others_is_like_themselves(one: Person) -> None:
    personal = one.phone or (one.email and not one.email.startswith("contact@"))
    if personal:
        assert compare(one, one).is_likely


@given(people, people)
def test_every_reason_has_words_and_the_gravest_comes_first(one: Person, other: Person) -> None:
    signs = compare(one, other).signs
    assert len(in_words(signs)) == len(signs)
    assert set(SIGNS) == set(Sign)


# In the database ------------------------------------------------------------------------------------------


@pytest.fixture
def twins(make_lead: Callable[..., Lead]) -> tuple[Lead, Lead]:
    name = {"first_name": "Marie", "last_name": "Curie"}
    return (
        make_lead(email="marie.curie@radium.fr", **name),
        make_lead(email="marie.curie@gmail.com", **name),
    )


def pairs() -> list[tuple[int, int, str]]:
    return list(DuplicateCandidate.objects.order_by("pk").values_list("low", "high", "state"))


def test_a_likely_pair_is_remembered_once_whoever_is_looked_at(twins, now) -> None:
    low, high = (lead.pk for lead in twins)
    note_keys([low, high])
    assert look_for_duplicates([high], now=now) == 1
    assert look_for_duplicates([low, high], now=now) == 0
    assert pairs() == [(low, high, "open")]
    found = DuplicateCandidate.objects.get()
    assert (found.score, found.reasons) == (65, ["same_name", "alike_address"])


def test_not_the_same_is_remembered_for_ever(twins, make_user, now) -> None:
    look_for_duplicates([one.pk for one in twins], now=now)
    marketer: User = make_user("marketer")
    found = not_the_same(candidate=DuplicateCandidate.objects.get(), by=marketer, now=now)
    assert (found.state, found.decided_by) == ("not_same", marketer)
    update_profile(lead=twins[0], changes={"postcode": "92330"}, origin=Origin.FORM, now=now)
    update_profile(lead=twins[1], changes={"postcode": "92330"}, origin=Origin.FORM, now=now)
    look_for_duplicates([one.pk for one in twins], now=now)
    assert [state for *_pair, state in pairs()] == ["not_same"]
    ask_again(candidate=found)
    assert [state for *_pair, state in pairs()] == ["open"]


def test_a_pair_that_is_no_longer_likely_is_forgotten_while_it_is_open(twins, now) -> None:
    look_for_duplicates([one.pk for one in twins], now=now)
    Lead.objects.filter(pk=twins[1].pk).update(
        first_name="Paul", last_name="Langevin", email="paul@langevin.example"
    )
    look_for_duplicates([twins[1].pk], now=now)
    assert pairs() == []


def test_merged_and_erased_people_are_nobodys_duplicates(twins, make_lead, now) -> None:
    note_keys([one.pk for one in twins])
    Lead.objects.filter(pk=twins[1].pk).update(merged_into=make_lead())
    look_for_duplicates([twins[0].pk, twins[1].pk], now=now)
    assert pairs() == []
    assert not LeadKeys.objects.filter(lead=twins[1]).exists()


def test_colleagues_with_a_slip_in_the_name_meet(make_lead, now) -> None:
    firm = Company.objects.create(name="Radium", domain="radium.fr", created_at=now)
    names = (("Jean", "Dupont", "jdupont@radium.fr"), ("Jean", "Dupond", "jean@radium.fr"))
    leads = [
        make_lead(
            first_name=first, last_name=last, email=email, company=firm,
            search_text=f"{first} {last} {email}".lower(),
        )
        for first, last, email in names
    ]  # fmt: skip
    look_for_duplicates([leads[0].pk], now=now)
    look_for_duplicates([lead.pk for lead in leads], now=now)
    assert [pair[:2] for pair in pairs()] == [(leads[0].pk, leads[1].pk)]


def test_the_new_and_the_changed_are_looked_at_once(twins, make_lead, now) -> None:
    assert look_at_the_new(now=now) == 2
    assert len(pairs()) == 1
    assert look_at_the_new(now=now) == 0
    third = make_lead(email="curie.marie@orange.fr")
    update_profile(
        lead=third, changes={"first_name": "Marie", "last_name": "Curie"}, origin=Origin.FORM, now=now
    )
    assert look_at_the_new(now=now + timedelta(minutes=1)) == 1
    assert len(pairs()) == 3


def test_at_night_everybody_without_keys_is_looked_at(twins, now: datetime) -> None:
    assert list(look_at_everybody(now=now)) == [2]
    assert len(pairs()) == 1
    assert list(look_at_everybody(now=now)) == []


def test_a_batch_costs_the_same_number_of_queries_however_many(
    make_lead, now, django_assert_num_queries
) -> None:
    for number in (2, 6):
        leads = [
            make_lead(first_name="Marie", last_name=f"Curie{number}", phone="+33612345678")
            for _ in range(number)
        ]
        with django_assert_num_queries(11):
            look_for_duplicates([lead.pk for lead in leads], now=now)
