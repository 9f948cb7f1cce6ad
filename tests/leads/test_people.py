"""One person stays one lead, and what is known about them has a history."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import InternalError, connection, transaction

from accounts.roles import Role
from leads.actions.people import Arrival, Identity, NoIdentity, Recognised, recognise, update_profile
from leads.choices import Audience, Origin
from leads.models import Company, Event, Lead, ProfileChange, Wake
from leads.normalise import normalise_email, normalise_phone
from leads.queries import origins

pytestmark = pytest.mark.django_db


def arrive(
    now: datetime, email: str = "", phone: str = "", reference: str = "", **more: object
) -> Recognised:
    """Somebody comes in by a form."""
    identity = Identity(
        email=normalise_email(email) if email else None,
        phone=normalise_phone(phone) if phone else None,
        reference=reference or None,
    )
    defaults: dict[str, object] = {"profile": {}, "origin": Origin.FORM}
    return recognise(identity=identity, now=now, **(defaults | more))


def test_a_new_address_makes_a_lead_of_its_company(now: datetime) -> None:
    made = arrive(
        now, "Marie@Acier-Durand.example", profile={"first_name": "Marie"}, arrival=Arrival("webinar")
    )
    lead = Lead.objects.get(pk=made.lead.pk)
    assert made.created
    assert (lead.email, lead.email_display) == ("marie@acier-durand.example", "Marie@Acier-Durand.example")
    assert (lead.audience, lead.channel, lead.first_name) == (Audience.B2B, "webinar", "Marie")
    assert lead.company is not None
    assert (lead.company.domain, lead.company.name) == ("acier-durand.example", "Acier Durand")


def test_the_same_address_in_another_spelling_is_the_same_lead(now: datetime) -> None:
    first = arrive(now, "marie@acier.example")
    again = arrive(now, " MARIE@ACIER.EXAMPLE ", arrival=Arrival("newsletter"))
    assert (again.lead.pk, again.created) == (first.lead.pk, False)
    assert Lead.objects.get().last_channel == "newsletter"


def test_free_mail_is_a_consumer_without_a_company(now: datetime) -> None:
    lead = arrive(now, "marie@orange.fr").lead
    assert (lead.audience, lead.company_id) == (Audience.B2C, None)
    assert not Company.objects.exists()


def test_a_phone_recognises_but_a_switchboard_makes_no_twin_of_two_people(now: datetime) -> None:
    first = arrive(now, phone="01 99 00 12 34")
    assert arrive(now, phone="+33 1 99 00 12 34").lead.pk == first.lead.pk
    joined = arrive(now, "marie@acier.example", phone="0199001234")
    assert joined.lead.pk == first.lead.pk
    assert arrive(now, "paul@acier.example", phone="0199001234").lead.pk != first.lead.pk


def test_a_page_cannot_attach_its_email_to_somebody_elses_phone(now: datetime) -> None:
    known = arrive(now, phone="01 99 00 12 34")
    stranger = arrive(now, "eve@acier.example", phone="01 99 00 12 34", trusted=False, overwrite=False)
    assert stranger.created
    assert Lead.objects.get(pk=known.lead.pk).email is None


def test_a_reference_alone_is_scored_but_never_reached(now: datetime) -> None:
    lead = arrive(now, reference="crm:42").lead
    assert not lead.is_reachable
    assert arrive(now, "paul@acier.example", reference="crm:42").lead.pk == lead.pk


def test_nobody_is_made_of_nothing(now: datetime) -> None:
    with pytest.raises(NoIdentity):
        arrive(now, phone="123")


def test_b32_an_invalid_phone_beside_an_email_is_kept_and_flagged(now: datetime) -> None:
    lead = arrive(now, "marie@acier.example", phone="06 12").lead
    assert (lead.phone, lead.phone_raw, lead.phone_is_valid) == (None, "06 12", False)


def test_a_page_fills_empty_fields_and_never_overwrites(now: datetime) -> None:
    arrive(now, "marie@acier.example", profile={"first_name": "Marie", "interests": ["audit"]})
    arrive(
        now,
        "marie@acier.example",
        profile={"first_name": "Hacked", "city": "Lyon", "interests": ["vapeur"]},
        overwrite=False,
        trusted=False,
    )
    lead = Lead.objects.get()
    assert (lead.first_name, lead.city, lead.interests) == ("Marie", "Lyon", ["audit", "vapeur"])


def test_every_value_keeps_its_origin_and_date(now: datetime, make_user: object) -> None:
    rep = make_user(Role.REP)  # type: ignore[operator]
    lead = arrive(now, "marie@acier.example", profile={"city": "Lyon"}).lead
    update_profile(lead=lead, changes={"city": "Vienne"}, origin=Origin.SALES, now=now, by=rep)
    history = ProfileChange.objects.filter(lead=lead, field="city").order_by("id")
    assert [(row.old, row.new, row.origin) for row in history] == [
        ("", "Lyon", "form"),
        ("Lyon", "Vienne", "sales"),
    ]
    assert origins(lead)["city"].by == rep


def test_an_empty_value_replaces_nothing_and_no_change_leaves_no_trace(now: datetime) -> None:
    lead = arrive(now, "marie@acier.example", profile={"city": "Lyon"}).lead
    before = Event.objects.count(), Wake.objects.count()
    assert update_profile(lead=lead, changes={"city": ""}, origin=Origin.API, now=now) == []
    assert update_profile(lead=lead, changes={"city": "Lyon"}, origin=Origin.API, now=now) == []
    assert (Event.objects.count(), Wake.objects.count()) == before


def test_profile_history_cannot_be_rewritten(now: datetime) -> None:
    arrive(now, "marie@acier.example", profile={"city": "Lyon"})
    with pytest.raises(InternalError, match="append_only"), transaction.atomic():
        ProfileChange.objects.update(new="Paris")


def test_a_rep_sees_their_own_leads_and_those_offered_to_them(now: datetime, make_user: object) -> None:
    rep, other = make_user(Role.REP), make_user(Role.REP)  # type: ignore[operator]
    own, offered, _neither = (arrive(now, f"{name}@acier.example").lead for name in "abc")
    Lead.objects.filter(pk=own.pk).update(owner=rep)
    Lead.objects.filter(pk=offered.pk).update(offered_to=rep)
    assert set(Lead.objects.visible_to(rep)) == {own, offered}
    assert set(Lead.objects.visible_to(other)) == set()
    assert Lead.objects.visible_to(make_user(Role.MARKETER)).count() == 3  # type: ignore[operator]


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_one_new_person_at_once_make_one_lead(now: datetime) -> None:
    found: list[int] = []
    start = threading.Barrier(20)

    def post() -> None:
        try:
            start.wait(timeout=10)
            with transaction.atomic():
                found.append(arrive(now, "marie@acier.example", profile={"first_name": "Marie"}).lead.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 20
    assert len(set(found)) == 1
    assert Lead.objects.count() == Company.objects.count() == 1
