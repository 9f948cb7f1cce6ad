"""The list of companies and the page of one: its people, what they are worth, editing and merging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from leads.actions.companies import resolve_company
from leads.actions.company_merge import merge_companies, unmerge_companies
from leads.actions.events import record_event
from leads.actions.people import Identity
from leads.actions.people_many import Encounter, recognise_many
from leads.choices import Origin
from leads.models import Company, CompanyDomain, CompanyMerge, Lead, ProfileChange, Wake
from leads.normalise import normalise_email
from scoring.actions.company_scores import refresh_all_companies
from scoring.models import CompanyScore

LIST = "/companies/"
# The session, who it is, the companies, their scores.
LIST_QUERIES = 4
# The session, who it is, the company, its people, its score, changes, events, domains, alike ones, merges.
PAGE_QUERIES = 11


@pytest.fixture
def make_company(db: None, now: datetime) -> Callable[..., Company]:
    made = 0

    def make(**fields: object) -> Company:
        nonlocal made
        made += 1
        details = {"name": f"Atelier {made}", "domain": f"atelier-{made}.example", **fields}
        company = resolve_company(None, details, now=now + timedelta(seconds=made), origin=Origin.FORM)
        assert company
        return company

    return make


def address(company: Company) -> str:
    return reverse("dashboard:company", args=[company.public_id])


def test_the_list_sums_up_the_people(make_company, stands, signed_in, now) -> None:
    firm = make_company(name="Radium")
    for grade, level in (("B", 2), ("A", 3)):
        stands("lead", company=firm, grade=grade, level=level)
    refresh_all_companies(now=now)
    page = signed_in().get(LIST).content.decode()
    assert "Radium" in page
    assert CompanyScore.objects.get(company=firm).people == 2


def test_the_most_engaged_come_first_and_only_the_hot_ones_where_asked(
    make_company, stands, signed_in, now
) -> None:
    for name, engagement, temperature in (("Tiède", 20_000, "warm"), ("Chaude", 60_000, "hot")):
        stands("lead", company=make_company(name=name), engagement=engagement, temperature=temperature)
    make_company(name="Vide")
    refresh_all_companies(now=now)
    rows = signed_in().get(LIST, {"sort": "engaged"}).context["rows"]
    assert [company.name for company, _worth in rows] == ["Chaude", "Tiède"]
    rows = signed_in().get(LIST, {"hot": "1"}).context["rows"]
    assert [company.name for company, _worth in rows] == ["Chaude"]


def test_a_rep_reads_what_the_people_that_they_see_are_worth(
    make_company, stands, signed_in, make_user, now
) -> None:
    rep, firm = make_user("rep"), make_company()
    stands("sal", company=firm, owner=rep, fit=30_000, engagement=10_000)
    stands("sal", company=firm, fit=90_000, engagement=80_000)
    refresh_all_companies(now=now)
    (row,) = signed_in(rep).get(LIST).context["rows"]
    assert (row[1].fit, row[1].engagement, row[1].people) == (30_000, 10_000, 1)
    assert signed_in(rep).get(address(firm)).context["page"].worth.fit == 30_000
    assert signed_in().get(address(firm)).context["page"].worth.fit == 90_000


@pytest.mark.parametrize("companies", [1, 3])
def test_the_list_costs_the_same_with_one_company_and_with_three(
    companies, make_company, stands, signed_in, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(companies):
        stands("lead", company=make_company())
    browser = signed_in()
    with django_assert_num_queries(LIST_QUERIES):
        assert browser.get(LIST).content.decode().count("data-row>") == companies


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_costs_the_same_with_one_person_and_with_three(
    people, make_company, stands, signed_in, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    firm = make_company()
    for _ in range(people):
        stands("lead", company=firm)
    browser = signed_in()
    with django_assert_num_queries(PAGE_QUERIES):
        assert browser.get(address(firm)).status_code == 200


@pytest.mark.parametrize(
    ("text", "found"), [("ete", 1), ("été cons", 1), ("bois-fr", 1), ("732 829 320", 1), ("zzz", 0)]
)
def test_companies_are_found_by_name_domain_and_siren(make_company, signed_in, text, found) -> None:
    make_company(name="S.A.R.L. l'Été Conseil", siren="732829320")
    make_company(name="Bois", domain="bois-fr.example")
    page = signed_in().get(LIST, {"q": text}).content.decode()
    assert page.count("data-row>") == found
    assert found or "No company matches" in page


def test_b72_names_are_stored_exactly_and_shown_isolated(make_company, signed_in) -> None:
    firm = make_company(name="S.A.R.L. l'Été")
    assert (firm.name, firm.name_key) == ("S.A.R.L. l'Été", "ete")
    assert "S.A.R.L. l&#x27;Été" in signed_in().get(address(firm)).content.decode()


def test_the_page_shows_people_with_roles_and_what_they_asked_for(
    make_company, stands, signed_in, now
) -> None:
    firm = make_company(sector="industry")
    lead = stands("sal", company=firm, first_name="Marie", last_name="Curie", company_role="decision_maker")
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=now, now=now)
    record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=now, now=now)
    page = signed_in().get(address(firm)).content.decode()
    for words in ("Marie Curie", "Decision-maker", "SAL", "Quote requested", "Industry", "Form ·"):
        assert words in page, words
    assert "Page viewed" not in page


def test_a_rep_sees_only_companies_and_people_of_their_own(
    make_company, stands, make_user, signed_in
) -> None:
    rep = make_user("rep")
    mine, other = make_company(name="Radium"), make_company(name="Polonium")
    stands("sal", company=mine, owner=rep, last_name="Curie")
    stands("lead", company=mine, last_name="Langevin")
    stands("lead", company=other)
    browser = signed_in(rep)
    page = browser.get(LIST).content.decode()
    assert "Radium" in page
    assert "Polonium" not in page
    assert browser.get(address(other)).status_code == 404
    page = browser.get(address(mine)).content.decode()
    assert "Curie" in page
    assert "Langevin" not in page


def test_a_field_is_edited_in_place_with_its_origin_and_wakes_the_people(
    make_company, stands, signed_in
) -> None:
    firm = make_company()
    lead = stands("lead", company=firm)
    browser = signed_in()
    edit = reverse("dashboard:edit_company", args=[firm.public_id])
    assert 'name="region"' in browser.get(address(firm), {"edit": "region"}).content.decode()
    assert browser.post(edit, {"field": "region", "region": "Bretagne"}).status_code == 302
    change = ProfileChange.objects.get(company=firm, field="region")
    assert (change.new, change.origin) == ("Bretagne", "marketing")
    assert Wake.objects.filter(lead_id=lead.pk).exists()
    refused = browser.post(edit, {"field": "siren", "siren": "123 456 789"})
    assert refused.status_code == 422
    assert "check digit" in refused.content.decode()
    assert "123 456 789" in refused.content.decode()
    assert browser.post(edit, {"field": "siren", "siren": "732 829 320"}).status_code == 302
    firm.refresh_from_db()
    assert firm.siren == "732829320"
    assert browser.post(edit, {"field": "custom", "custom": "{}"}).status_code == 404


def test_two_companies_that_are_one_are_joined_and_parted(make_company, stands, signed_in, now) -> None:
    keep = make_company(name="Acier Dupont", domain="acier-dupont.fr")
    away = make_company(
        name="ACIER DUPONT S.A.", domain="acier-dupont.com", sector="industry", region="Bretagne"
    )
    lead = stands("lead", company=away)
    browser = signed_in()
    assert "ACIER DUPONT S.A." in browser.get(address(keep)).content.decode()
    browser.post(reverse("dashboard:join_companies", args=[keep.public_id, away.public_id]))
    lead.refresh_from_db()
    keep.refresh_from_db()
    assert (lead.company_id, keep.sector, keep.region) == (keep.pk, "industry", "Bretagne")
    # Both domains tell it; the old page leads to it.
    known = resolve_company(normalise_email("anne@mail.acier-dupont.com"), {}, now=now, origin=Origin.FORM)
    assert known == keep
    assert browser.get(address(away))["location"] == address(keep)
    done = CompanyMerge.objects.get()
    browser.post(reverse("dashboard:part_companies", args=[done.public_id]))
    lead.refresh_from_db()
    keep.refresh_from_db()
    assert (lead.company_id, keep.sector) == (away.pk, "")
    assert Company.objects.get(pk=away.pk).domain == "acier-dupont.com"
    assert not CompanyDomain.objects.exists()


def test_parting_companies_leaves_what_changed_since(make_company, make_user, now) -> None:
    keep, away = make_company(), make_company(region="Bretagne")
    user = make_user("marketer")
    done = merge_companies(keep=keep, away=away, now=now, by=user)
    Company.objects.filter(pk=keep.pk).update(region="Normandie")
    left = unmerge_companies(merge=done, now=now, by=user)
    assert [(one.model, one.columns) for one in left] == [("leads.Company", ("region",))]
    keep.refresh_from_db()
    assert keep.region == "Normandie"
    assert Lead.objects.count() == 0


def test_the_empty_list_says_where_companies_come_from(db, signed_in) -> None:
    assert "A company appears with the first lead" in signed_in().get(LIST).content.decode()


def test_many_at_once_are_recognised_by_further_domains_too(make_company, make_user, now) -> None:
    keep, away = make_company(domain="acier-dupont.fr"), make_company(domain="acier-dupont.com")
    merge_companies(keep=keep, away=away, now=now, by=make_user("marketer"))
    identity = Identity(email=normalise_email("anne@mail.acier-dupont.com"))
    met = recognise_many(encounters=[Encounter(identity, {}, Origin.IMPORT)], now=now)
    assert met[0].lead.company_id == keep.pk
