"""Gated content: handed out by a press, counted once a day, never by a machine that opens links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse

from capture.models import Form, Submission
from capture.tokens import Purpose, make_link
from leads.models import Content, Event, Lead, Verdict
from tests.capture.public.conftest import ANSWERS, Visitor


@pytest.fixture
def pdf(paper: Content, settings: Any, tmp_path: Path) -> Content:
    """The white paper as a file."""
    settings.MEDIA_ROOT = tmp_path
    paper.url = ""
    paper.file_name = 'Guide "été"\r\nSet-Cookie: x.pdf'
    paper.file.save("guide.pdf", ContentFile(b"%PDF-1.7 guide"))
    return paper


def download_link(visitor: Visitor, form: Form) -> str:
    """Where the thanks of a filled form lead."""
    html = visitor.get(visitor.fill(form, ANSWERS)["Location"]).content.decode()
    return html.split('href="/d/')[1].split('"')[0].join(("/d/", ""))


def drink(answer: HttpResponse) -> bytes:
    """What was handed out; its file is closed then."""
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def downloads() -> int:
    return Event.objects.filter(kind__code="content_downloaded").count()


def test_opening_the_link_counts_nothing_and_pressing_does(
    make_form: Callable[..., Form], visitor: Visitor, pdf: Content
) -> None:
    link = download_link(visitor, make_form(content=pdf))
    for _ in range(3):
        page = visitor.get(link)
        assert page.status_code == 200
        assert visitor.look(link).status_code == 200
    assert downloads() == 0
    # Quicker than the worker: it is taken in on the spot.
    answer = visitor.press(link)
    assert drink(answer) == b"%PDF-1.7 guide"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    event, lead = Event.objects.get(kind__code="content_downloaded"), Lead.objects.get()
    assert (event.lead, event.content, event.verdict) == (lead, pdf, Verdict.HUMAN)
    visitor.work()
    assert Lead.objects.count() == 1
    drink(visitor.press(link))
    assert downloads() == 1
    visitor.now += timedelta(days=1)
    drink(visitor.press(link))
    assert downloads() == 2


def test_content_on_a_page_leads_there(
    make_form: Callable[..., Form], visitor: Visitor, paper: Content
) -> None:
    link = download_link(visitor, make_form(content=paper))
    assert "form-action 'self' https://www.exemple.fr" in visitor.get(link).headers["Content-Security-Policy"]
    answer = visitor.press(link)
    assert (answer.status_code, answer["Location"]) == (303, paper.url)
    assert downloads() == 1


def test_b49_expired_tampered_and_withdrawn_look_alike(
    make_form: Callable[..., Form], visitor: Visitor, paper: Content
) -> None:
    link = download_link(visitor, make_form(content=paper))
    tampered = visitor.get(link.replace("~", "~x", 1))
    visitor.now += timedelta(days=15)
    expired = visitor.get(link)
    visitor.now -= timedelta(days=15)
    Content.objects.update(is_active=False)
    withdrawn = visitor.get(link)
    assert {tampered.status_code, expired.status_code, withdrawn.status_code} == {404}
    assert tampered.content == expired.content == withdrawn.content
    assert "noindex" in expired.headers["X-Robots-Tag"]
    assert visitor.press(link).status_code == 404
    assert downloads() == 0


def test_spam_gets_its_content_and_counts_nothing(
    make_form: Callable[..., Form], visitor: Visitor, paper: Content
) -> None:
    form = make_form(content=paper)
    html = visitor.get(visitor.fill(form, ANSWERS, website="x")["Location"]).content.decode()
    assert 'href="/d/' in html
    token = make_link(
        Purpose.DOWNLOAD,
        Submission.objects.get().public_id,
        until=visitor.now + timedelta(1),
        detail=str(paper.pk),
    )
    assert visitor.press(f"/d/{token}/").status_code == 303
    assert downloads() == 0
    assert not Lead.objects.exists()


def test_a_file_that_is_gone_is_a_wrong_link_not_an_error(
    make_form: Callable[..., Form], visitor: Visitor, pdf: Content
) -> None:
    link = download_link(visitor, make_form(content=pdf))
    Path(pdf.file.path).unlink()
    assert visitor.press(link).status_code == 404
    assert downloads() == 0
