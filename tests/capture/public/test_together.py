"""Twenty at once: one submission, one lead, the same answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from capture.actions.accept import take_in_due
from capture.actions.confirmations import Standing, confirm
from capture.models import Form, Submission
from leads.models import ConsentEvent, Event, Lead, Source
from nurturing.models import Notice
from tests.capture.public.conftest import ANSWERS, SITE, Visitor, add_box, hidden_fields
from tests.nurturing.test_concurrency import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_f29_the_same_post_twenty_times_at_once_is_one_submission(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form()
    data = hidden_fields(visitor.open(form)) | ANSWERS
    visitor.now += timedelta(seconds=20)
    with time_machine.travel(visitor.now, tick=False):
        answers = together(20, lambda: Client().post(f"/f/{form.slug}/", data))
        thanks = {Client().get(answer["Location"]).content for answer in answers}  # type: ignore[index]
    assert {answer.status_code for answer in answers} == {303}  # type: ignore[attr-defined]
    assert len(thanks) == 1
    assert Submission.objects.count() == 1
    together(4, lambda: take_in_due(now=visitor.now))
    assert Lead.objects.count() == 1
    assert Event.objects.filter(source_id=Source.FORMS).count() == 1


def test_f29_plain_html_without_a_token_too(make_form: Callable[..., Form], visitor: Visitor) -> None:
    form = make_form(origins=[SITE])
    with time_machine.travel(visitor.now, tick=False):
        answers = together(20, lambda: Client().post(f"/f/{form.slug}/", ANSWERS, headers={"Origin": SITE}))
    assert {answer.status_code for answer in answers} == {303}  # type: ignore[attr-defined]
    assert Submission.objects.count() == 1


def test_a_retry_never_speaks_against_itself(
    make_form: Callable[..., Form], visitor: Visitor, settings: object
) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"form_message": (2, 3600)}  # type: ignore[attr-defined]
    form = make_form()
    data = hidden_fields(visitor.open(form)) | ANSWERS | {"answer.message": f"Bonjour, dossier {uuid4()}"}
    visitor.now += timedelta(seconds=20)
    with time_machine.travel(visitor.now, tick=False):
        together(10, lambda: Client().post(f"/f/{form.slug}/", data))
    assert [each.state for each in Submission.objects.all()] == ["received"]


def test_many_workers_take_each_submission_in_once(make_form: Callable[..., Form], visitor: Visitor) -> None:
    form = make_form()
    for number in range(20):
        visitor.fill(
            form, ANSWERS | {"lead.email": f"p{number % 5}@acier.example", "answer.message": f"n{number}"}
        )
    done = together(4, lambda: take_in_due(now=visitor.now))
    assert sum(done) == 20  # type: ignore[arg-type]
    assert Lead.objects.count() == 5
    assert Event.objects.filter(source_id=Source.FORMS).count() == 20
    assert not Submission.objects.exclude(state="accepted").exists()


def test_pressing_to_confirm_many_times_at_once_confirms_once(
    make_form: Callable[..., Form], visitor: Visitor, now: datetime
) -> None:
    form = make_form(double_opt_in="everybody")
    box = add_box(form, "newsletter", now)
    visitor.fill(form, ANSWERS, consent=str(box.pk))
    visitor.work()
    public_id = Submission.objects.get().public_id
    found = together(8, lambda: confirm(public_id=public_id, now=visitor.now))
    assert sorted(map(str, found)) == [Standing.DONE] * 7 + [Standing.OPEN]
    assert ConsentEvent.objects.count() == Lead.objects.count() == 1


def test_b62_two_forms_at_once_send_one_mail(make_form: Callable[..., Form], visitor: Visitor) -> None:
    for _ in range(6):
        visitor.fill(make_form(double_opt_in="everybody"), ANSWERS)
    together(4, lambda: take_in_due(now=visitor.now))
    assert Notice.objects.count() == 1
