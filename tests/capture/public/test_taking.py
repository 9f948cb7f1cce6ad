"""From a post to a lead: what is kept, what follows, what does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from capture.choices import SubmissionState
from capture.models import Form, Submission
from capture.questions import questions_for
from funnel.models import Passage
from leads.actions.consent import suppress
from leads.actions.events import new_event, record_events
from leads.actions.visitors import FirstSight, remember_visitors
from leads.choices import SuppressionReason
from leads.kinds import BY_CODE
from leads.models import (
    Campaign,
    ConsentEvent,
    ConsentWording,
    Content,
    CustomField,
    Event,
    Lead,
    List,
    ListMembership,
    Source,
)
from nurturing.models import Notice
from tests.capture.public.conftest import ANSWERS, Visitor, add_box


def test_a_post_becomes_a_lead_its_event_and_its_company(form: Form, visitor: Visitor) -> None:
    answer = visitor.fill(form, ANSWERS)
    assert answer.status_code == 303
    assert not Lead.objects.exists()
    assert visitor.work() == 1
    lead, submission = Lead.objects.get(), Submission.objects.get()
    assert (lead.email, lead.first_name, lead.company.name) == (
        "jeanne@acier-dupont.example",
        "Jeanne",
        "Acier Dupont",
    )
    assert (submission.state, submission.lead, submission.due_at) == ("accepted", lead, None)
    assert submission.answers == ANSWERS
    event = Event.objects.get(source_id=Source.FORMS)
    assert (event.kind.code, event.event_id) == ("form_submitted", str(submission.public_id))
    assert event.properties["form"] == form.slug
    assert event.properties["answer.message"] == ANSWERS["answer.message"]


def test_taking_in_again_changes_nothing(form: Form, visitor: Visitor) -> None:
    visitor.fill(form, ANSWERS)
    visitor.work()
    Submission.objects.update(state=SubmissionState.RECEIVED, due_at=visitor.now)
    visitor.work()
    assert Lead.objects.count() == 1
    assert Event.objects.filter(source_id=Source.FORMS).count() == 1


def test_a_stranger_fills_what_is_empty_and_overwrites_nothing(
    form: Form, visitor: Visitor, make_lead: Callable[..., Lead]
) -> None:
    lead = make_lead(email="jeanne@acier-dupont.example", first_name="Jeanne-Marie", custom={"taille": "10"})
    visitor.fill(form, ANSWERS)
    visitor.work()
    lead.refresh_from_db()
    assert lead.first_name == "Jeanne-Marie"
    assert lead.company.name == "Acier Dupont"


def test_custom_fields_are_read_exactly_and_never_overwritten(
    make_form: Callable[..., Form], visitor: Visitor, make_lead: Callable[..., Lead], now: datetime
) -> None:
    for about, code in (("lead", "machines"), ("lead", "budget"), ("company", "sites")):
        kind = "money" if code == "budget" else "number"
        CustomField.objects.create(about=about, code=code, type=kind, label_fr=code, created_at=now)
    lead = make_lead(email="jeanne@acier-dupont.example", custom={"machines": 7})
    fields = (
        ("lead.email", "email", "E-mail", True, 0),
        ("custom.machines", "number", "Machines", False, 0),
        ("custom.budget", "money", "Budget", False, 0),
        ("company_custom.sites", "number", "Sites", False, 0),
    )
    answers = {"lead.email": lead.email, "custom.machines": "12", "custom.budget": "1 234,56 €"}
    visitor.fill(make_form(fields), answers | {"company_custom.sites": "3"})
    visitor.work()
    lead.refresh_from_db()
    assert lead.custom["machines"] == 7
    assert str(lead.custom["budget"]) == "1234.56"
    assert str(lead.company.custom["sites"]) == "3"


def test_consents_go_to_the_ledger_with_their_words_and_proof(
    form: Form, box: ConsentWording, visitor: Visitor
) -> None:
    visitor.fill(form, ANSWERS, consent=str(box.pk), _page="https://www.acier-dupont.example/guide/")
    visitor.work()
    line = ConsentEvent.objects.get()
    assert (line.purpose, line.channel, line.state) == ("newsletter", "email", "granted")
    assert (line.text_version, line.form_version) == (box.text_version, f"{form.slug}-v1")
    assert line.page_url == "https://www.acier-dupont.example/guide/"
    assert line.ip_truncated.startswith("10.")
    assert line.ip_truncated.endswith(".0/24")
    assert line.doi_confirmed_at is None


def test_an_unticked_box_says_nothing(form: Form, box: ConsentWording, visitor: Visitor) -> None:
    visitor.fill(form, ANSWERS)
    visitor.work()
    assert not ConsentEvent.objects.exists()


def test_the_box_of_another_form_is_nobodys_consent(
    form: Form, make_form: Callable[..., Form], box: ConsentWording, visitor: Visitor
) -> None:
    visitor.fill(make_form(), ANSWERS, consent=[str(box.pk), "4711", "x"])
    visitor.work()
    assert not ConsentEvent.objects.exists()


def test_channel_campaign_list_and_touch_follow_the_form(
    make_form: Callable[..., Form], visitor: Visitor, newsletter: List, now: datetime
) -> None:
    fair = Campaign.objects.create(code="sepem", name="SEPEM", channel="trade_show", created_at=now)
    visitor.fill(make_form(campaign=fair, joins=newsletter, acquisition="direct"), ANSWERS)
    visitor.work()
    lead = Lead.objects.get()
    assert (lead.channel, lead.acquisition) == ("trade_show", "direct")
    assert ListMembership.objects.get(lead=lead).list == newsletter
    assert Event.objects.filter(kind__code="list_joined", lead=lead).count() == 1
    touch = lead.touches.get()
    assert (touch.channel, touch.campaign) == ("trade_show", fair)


def test_the_visit_tells_the_channel_where_the_form_does_not(form: Form, visitor: Visitor) -> None:
    page = visitor.open(form, "?utm_source=google&utm_medium=cpc&utm_campaign=hiver")
    visitor.fill(form, ANSWERS, page=page)
    visitor.work()
    assert Lead.objects.get().channel == "paid_search"
    assert Event.objects.get(source_id=Source.FORMS).properties["utm_campaign"] == "hiver"


def test_a_hidden_question_keeps_its_own_value_whatever_is_posted(form: Form, visitor: Visitor) -> None:
    form.fields.create(target="lead.job_title", type="hidden", label="Fonction", value="Visiteur", position=9)
    visitor.fill(form, ANSWERS | {"lead.job_title": "PDG"})
    visitor.work()
    assert Lead.objects.get().job_title == "Visiteur"


def test_b32_an_impossible_phone_is_kept_and_flagged(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    fields = (("lead.email", "email", "E-mail", True, 0), ("lead.phone", "phone", "Téléphone", False, 0))
    visitor.fill(make_form(fields), {"lead.email": "a@acier.example", "lead.phone": "0899 12"})
    visitor.work()
    lead = Lead.objects.get()
    assert (lead.phone, lead.phone_raw, lead.phone_is_valid) == (None, "0899 12", False)


def test_who_was_erased_is_refused_politely_and_nothing_is_kept(form: Form, visitor: Visitor) -> None:
    suppress(address="jeanne@acier-dupont.example", reason=SuppressionReason.ERASED, now=visitor.now)
    known = visitor.fill(form, ANSWERS)
    other = visitor.fill(form, ANSWERS | {"lead.email": "paul@acier-dupont.example"})
    visitor.work()
    assert known.status_code == other.status_code == 303
    assert [lead.email for lead in Lead.objects.all()] == ["paul@acier-dupont.example"]
    assert [each.lead.email for each in Submission.objects.all()] == ["paul@acier-dupont.example"]


def test_content_is_delivered_on_the_page_and_by_mail(
    make_form: Callable[..., Form], visitor: Visitor, paper: Content
) -> None:
    thanks = visitor.get(visitor.fill(make_form(content=paper), ANSWERS)["Location"]).content.decode()
    assert paper.title in thanks
    assert "/d/" in thanks
    visitor.work()
    notice = Notice.objects.get()
    assert (notice.kind, notice.address) == ("requested_content", "jeanne@acier-dupont.example")
    assert "/d/" in notice.values["link"]["url"]
    assert Event.objects.get(source_id=Source.FORMS).content == paper


def test_colleagues_get_a_name_and_a_link_not_the_answers(
    form: Form, visitor: Visitor, make_user: Callable[..., object]
) -> None:
    form.notify.add(make_user("marketer", email="martin@ecluse.example"), make_user("rep", is_active=False))
    visitor.fill(form, ANSWERS)
    visitor.work()
    notice, submission = Notice.objects.get(), Submission.objects.get()
    assert notice.address == "martin@ecluse.example"
    assert notice.values["submission"] == {"who": "Jeanne", "company": "Acier Dupont"}
    assert notice.values["link"]["url"].endswith(f"/capture/submissions/{submission.public_id}/")
    assert "ligne 3" not in str(notice.values)


def test_one_that_fails_holds_up_nobody_and_is_tried_again(
    form: Form, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor.fill(form, ANSWERS)
    visitor.fill(form, ANSWERS | {"lead.email": "paul@acier-dupont.example"})
    bad = Submission.objects.order_by("id").first()
    Submission.objects.filter(pk=bad.pk).update(consents=[{"broken": True}])
    assert visitor.work() == 2
    assert [lead.email for lead in Lead.objects.all()] == ["paul@acier-dupont.example"]
    bad.refresh_from_db()
    assert (bad.state, bad.due_at) == ("received", visitor.now + timedelta(minutes=10))
    assert "submission_failed" in caplog.text
    caplog.clear()


BROWSER = UUID("3f2a8c1e-5b7d-4e9f-8a6b-1c2d3e4f5a6b")


@pytest.mark.parametrize("agrees", [True, False], ids=["agrees", "does_not"])
def test_f32_what_the_browser_did_before_follows_once_and_only_with_consent(
    form: Form, visitor: Visitor, now: datetime, agrees: bool
) -> None:
    box = add_box(form, "tracking", now)
    remember_visitors({BROWSER: FirstSight()}, source_id=100, now=now)
    seen = [
        new_event(
            kind_id=BY_CODE["page_viewed"].id,
            occurred_at=now - timedelta(minutes=number),
            source_id=100,
            event_id=f"before-{number}",
            properties={},
            visitor_id=BROWSER,
        )
        for number in range(3)
    ]
    record_events(seen, now=now)
    ticked = {"consent": str(box.pk)} if agrees else {}
    page = visitor.open(form, f"?visitor={BROWSER}")
    visitor.fill(form, ANSWERS, page=page, **ticked)
    visitor.work()
    viewed = Event.objects.filter(kind__code="page_viewed")
    assert set(viewed.values_list("lead", flat=True)) == {Lead.objects.get().pk if agrees else None}
    assert viewed.count() == 3


def test_what_sales_said_is_missing_is_asked_first(
    make_form: Callable[..., Form], make_lead: Callable[..., Lead], now: datetime
) -> None:
    fields = (
        ("lead.email", "email", "E-mail", True, 0),
        ("lead.city", "line", "Ville", False, 1),
        ("lead.job_title", "line", "Fonction", False, 2),
        ("lead.phone", "phone", "Téléphone", False, 3),
    )
    form, lead = make_form(fields, asked_at_once=1), make_lead()

    def asked() -> list[str]:
        return [question.code for question in questions_for(form, lead)]

    assert asked() == ["lead.email", "lead.city"]
    returned = {"verb": "return", "from_stage": "sal", "to_stage": "recycled", "at": now, "cycle": 1}
    Passage.objects.create(lead=lead, details={"missing_fields": ["phone", "job_title"]}, **returned)
    assert asked() == ["lead.email", "lead.phone"]
    lead.phone = "+33612345678"
    assert asked() == ["lead.email", "lead.job_title"]
    # Returned once more, for another reason: the old list is no longer what is missing.
    Passage.objects.create(lead=lead, details={}, **returned)
    assert asked() == ["lead.email", "lead.city"]
