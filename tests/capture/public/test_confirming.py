"""Double opt-in: asked by mail, confirmed by a press, once; nothing is done before."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from capture.models import Form, Submission
from leads.actions.consent import suppress
from leads.choices import SuppressionReason
from leads.models import ConsentEvent, Content, Event, Lead, Source, Suppression
from nurturing.actions.notices import send_notices
from nurturing.models import Notice
from tests.capture.public.conftest import ANSWERS, Visitor, add_box
from tests.nurturing.conftest import Script, serve


@pytest.fixture
def asking(make_form: Callable[..., Form]) -> Form:
    """A form that asks everybody to confirm."""
    return make_form(double_opt_in="everybody", title="Recevoir le guide")


def link_of(notice: Notice) -> str:
    """The path of the link in a notice."""
    return re.sub(r"^https?://[^/]+", "", notice.values["link"]["url"])


@pytest.mark.parametrize(
    ("policy", "email", "state"),
    [
        ("consumers", "jeanne@orange.fr", "awaiting"),
        ("consumers", "jeanne@acier-dupont.example", "received"),
        ("consumers", "jeanne@yopmail.com", "awaiting"),
        ("everybody", "jeanne@acier-dupont.example", "awaiting"),
        ("nobody", "jeanne@orange.fr", "received"),
    ],
)
def test_who_is_asked(
    make_form: Callable[..., Form], visitor: Visitor, policy: str, email: str, state: str
) -> None:
    visitor.fill(make_form(double_opt_in=policy), ANSWERS | {"lead.email": email})
    assert Submission.objects.get().state == state


def test_nothing_is_done_before_the_press_and_everything_after(
    asking: Form, visitor: Visitor, paper: Content
) -> None:
    box = add_box(asking, "newsletter", visitor.now)
    suppress(address=ANSWERS["lead.email"], reason=SuppressionReason.UNSUBSCRIBED, now=visitor.now)
    Form.objects.filter(pk=asking.pk).update(content=paper)
    asking.refresh_from_db()
    page = visitor.get(visitor.fill(asking, ANSWERS, consent=str(box.pk))["Location"]).content.decode()
    assert "Presque fini" in page
    assert "/d/" not in page
    visitor.work()
    assert not Lead.objects.exists()
    link = link_of(Notice.objects.get())
    for _ in range(3):
        question = visitor.get(link)
        assert "j***@a…" in question.content.decode()
        assert ANSWERS["lead.email"] not in question.content.decode()
        assert visitor.look(link).status_code == 200
    assert not Lead.objects.exists()
    assert not ConsentEvent.objects.exists()
    visitor.now += timedelta(hours=2)
    answer = visitor.press(link)
    assert "Merci, c’est confirmé" in answer.content.decode()
    assert "/d/" in answer.content.decode()
    lead, line = Lead.objects.get(), ConsentEvent.objects.get()
    assert (line.lead, line.doi_confirmed_at, line.state) == (lead, visitor.now, "granted")
    assert lead.created_at == visitor.now
    # By their own press, out of their own mailbox: the old unsubscription is lifted.
    assert Suppression.objects.get().released_at == visitor.now
    again = visitor.press(link).content.decode()
    assert "Déjà confirmé" in again
    assert "/d/" not in again
    assert Event.objects.filter(source_id=Source.FORMS).count() == 1
    assert ConsentEvent.objects.count() == 1


def test_b49_old_tampered_and_foreign_links_look_alike(asking: Form, visitor: Visitor) -> None:
    visitor.fill(asking, ANSWERS)
    visitor.work()
    link = link_of(Notice.objects.get())
    wrong = [f"{link[:-3]}xx/", "/c/made~up/", link.replace("/c/", "/d/")]
    pages = {visitor.get(path).content for path in wrong}
    assert {visitor.get(path).status_code for path in wrong} == {404}
    visitor.now += timedelta(days=8)
    old = visitor.get(link)
    assert old.status_code == 404
    assert visitor.press(link).status_code == 404
    assert pages == {old.content}
    assert old.headers["Referrer-Policy"] == "no-referrer"
    assert not Lead.objects.exists()


def test_b62_nobodys_mailbox_is_flooded(make_form: Callable[..., Form], visitor: Visitor) -> None:
    def ask(hours: float) -> int:
        visitor.now += timedelta(hours=hours)
        form = make_form(double_opt_in="everybody")
        for spelling in ("victime@acier.example", "VICTIME@acier.example"):
            visitor.fill(form, ANSWERS | {"lead.email": spelling})
        visitor.work()
        return Notice.objects.count()

    assert [ask(0), ask(0.5), ask(1), ask(1.1), ask(1.1)] == [1, 1, 2, 3, 3]
    assert ask(24) == 4
    assert set(Submission.objects.filter(reasons=["mail_limit"]).values_list("state", flat=True)) == {
        "awaiting"
    }


def test_b62_who_fills_a_second_form_is_asked_when_the_hour_is_over(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    for _ in range(2):
        visitor.fill(make_form(double_opt_in="everybody"), ANSWERS)
    visitor.work()
    assert Notice.objects.count() == 1
    visitor.now += timedelta(minutes=58)
    visitor.work()
    assert Notice.objects.count() == 1
    visitor.now += timedelta(minutes=3)
    visitor.work()
    assert {notice.values["form"]["title"] for notice in Notice.objects.all()} == {"Recevoir le guide"}
    assert Notice.objects.count() == 2
    assert not Submission.objects.filter(reasons=["mail_limit"]).exists()


def test_b62_one_sender_sets_off_so_many_mails_and_no_more(
    asking: Form, visitor: Visitor, settings: Any
) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"confirmations": (2, 3600)}
    for number in range(4):
        visitor.fill(asking, ANSWERS | {"lead.email": f"victime{number}@acier.example"})
    visitor.work()
    assert Notice.objects.count() == 2


def test_b62_the_mail_holds_nothing_that_was_typed(
    make_form: Callable[..., Form], visitor: Visitor, now: datetime
) -> None:
    form = make_form(double_opt_in="everybody", title="Guide\r\nBcc: tous@acier.example")
    typed = {"lead.first_name": "Gagnez un iPhone", "answer.message": "casino.example"}
    visitor.fill(form, ANSWERS | typed)
    visitor.work()
    with serve(Script()) as server:
        assert send_notices(now=visitor.now, transport=server.transport()).sent == 1
    mail = server.mails()[0]
    assert mail["To"] == ANSWERS["lead.email"]
    assert mail["Bcc"] is None
    assert mail["List-Unsubscribe"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for part in (text, html):
        assert "iPhone" not in part
        assert "casino" not in part
        assert "/c/" in part
        assert "désinscrire" not in part
