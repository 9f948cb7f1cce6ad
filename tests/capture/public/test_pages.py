"""The pages that strangers see: who may see which, their headers, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from capture.actions.views import count_views
from capture.choices import FormState
from capture.models import Form, FormViews, Submission
from capture.queries.forms import listed_forms
from capture.tokens import Purpose, make_link
from leads.actions.consent import record_consent
from leads.choices import ConsentState
from leads.choices import Purpose as LegalPurpose
from leads.models import ConsentWording, Lead
from leads.models import Visitor as Browser
from tests.capture.public.conftest import ANSWERS, SITE, Visitor, hidden_fields

BROWSER = "3f2a8c1e-5b7d-4e9f-8a6b-1c2d3e4f5a6b"


def test_the_hosted_page_sets_no_cookie_and_loads_nothing_foreign(form: Form, visitor: Visitor) -> None:
    page = visitor.open(form)
    html = page.content.decode()
    assert page.status_code == 200
    assert not page.cookies
    assert page.headers["Content-Language"] == "fr"
    assert "no-store" in page.headers["Cache-Control"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<[^>]+\s(?:style|on\w+)=", html)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(("language", "word"), [("fr", "facultatif"), ("en", "optional")])
def test_the_form_speaks_its_own_language_whatever_the_browser_wants(
    make_form: Callable[..., Form], visitor: Visitor, language: str, word: str
) -> None:
    wanted = {"Accept-Language": "de,en;q=0.5" if language == "fr" else "fr"}
    html = visitor.open(make_form(language=language), **wanted).content.decode()
    assert f'<html lang="{language}"' in html
    assert word in html


def test_b53_only_the_forms_own_sites_may_frame_it(make_form: Callable[..., Form], visitor: Visitor) -> None:
    form = make_form(origins=[SITE, "https://acier.example"])
    page = visitor.open(form, embedded=True)
    assert f"frame-ancestors {SITE} https://acier.example;" in page.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page.headers
    hosted = visitor.open(form)
    assert hosted.headers["X-Frame-Options"] == "DENY"
    nowhere = visitor.open(make_form(), embedded=True)
    assert "frame-ancestors 'none'" in nowhere.headers["Content-Security-Policy"]


def test_b71_a_closed_form_says_so(make_form: Callable[..., Form], visitor: Visitor) -> None:
    form = make_form(state=FormState.CLOSED)
    assert visitor.open(form).status_code == 410
    answer = visitor.client.post(f"/f/{form.slug}/", ANSWERS)
    assert answer.status_code == 410
    assert "fermé" in answer.content.decode()
    assert not Submission.objects.exists()


def test_a_draft_is_only_for_those_who_edit_forms_and_takes_nothing(
    make_form: Callable[..., Form], visitor: Visitor, make_user: Callable[..., Any]
) -> None:
    form = make_form(state=FormState.DRAFT)
    assert visitor.open(form).status_code == 404
    for role, status in (("marketer", 200), ("rep", 404)):
        client = Client()
        client.force_login(make_user(role), backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(f"/f/{form.slug}/").status_code == status
        assert client.post(f"/f/{form.slug}/", ANSWERS).status_code == status
    assert not Submission.objects.exists()


def test_an_error_loses_nothing_and_stands_beside_its_field(
    make_form: Callable[..., Form], visitor: Visitor, now: datetime
) -> None:
    fields = (
        ("lead.email", "email", "Adresse e-mail", True, 0),
        ("answer.when", "choice", "Quand ?", True, 0),
        ("answer.message", "text", "Votre message", False, 0),
    )
    form = make_form(fields)
    form.fields.filter(target="answer.when").update(options=["demain", "plus tard"])
    form = Form.objects.get(pk=form.pk)
    typed = {"lead.email": "jeanne@", "answer.message": "Ligne <3> & « guillemets »"}
    page = visitor.fill(form, typed)
    html = page.content.decode()
    assert page.status_code == 422
    assert 'value="jeanne@"' in html
    assert "Ligne &lt;3&gt; &amp; « guillemets »" in html
    number = form.fields.get(target="lead.email").pk
    assert f'aria-describedby="q{number}-error" aria-invalid="true"' in html
    assert f'id="q{number}-error"' in html
    assert 'id="errors"' in html
    assert html.count("form__error") == 2
    kept = Submission.objects.get()
    assert (kept.state, kept.lead) == ("rejected", None)
    assert kept.answers == typed
    assert {error["code"] for error in kept.errors} == {"email_invalid", "required"}
    # Corrected and sent again: one submission, no longer refused.
    answer = visitor.fill(
        form, typed | {"lead.email": "jeanne@acier.example", "answer.when": "demain"}, page=page
    )
    assert answer.status_code == 303
    assert Submission.objects.get().state == "received"


def test_ticked_boxes_survive_an_error_and_none_is_ticked_before(
    form: Form, box: ConsentWording, visitor: Visitor
) -> None:
    assert " checked" not in visitor.open(form).content.decode()
    page = visitor.fill(form, ANSWERS | {"lead.email": "x"}, consent=str(box.pk))
    assert f'name="consent" value="{box.pk}" checked' in page.content.decode()


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        '"><svg onload=alert(1)>',
        "{{7*7}}",
        "</textarea><img src=x onerror=alert(1)>",
    ],
    ids=["script", "svg", "template", "textarea"],
)
def test_b35_nothing_typed_becomes_markup(form: Form, visitor: Visitor, value: str) -> None:
    html = visitor.fill(form, ANSWERS | {"lead.email": value, "answer.message": value}).content.decode()
    assert "<script>alert" not in html
    assert "<svg onload" not in html
    assert "<img src=x" not in html
    assert "49" not in re.findall(r'value="([^"]*)"', html)


def test_b05_what_no_database_takes_is_kept_readable(form: Form, visitor: Visitor) -> None:
    answer = visitor.fill(form, ANSWERS | {"answer.message": "a\x00b", "x\x00": "y"})
    assert answer.status_code == 303
    assert Submission.objects.get().answers["answer.message"] == "a\ufffdb"


def test_b08_a_huge_post_is_refused_in_words(form: Form, visitor: Visitor) -> None:
    page = visitor.fill(form, ANSWERS | {"answer.message": "x" * 70_000})
    assert page.status_code == 413
    assert "64" in page.content.decode()


def test_b34_a_name_of_ten_thousand_letters_is_an_error_not_a_cut(form: Form, visitor: Visitor) -> None:
    page = visitor.fill(form, ANSWERS | {"lead.first_name": "x" * 10_000})
    assert page.status_code == 422
    assert "100" in page.content.decode()


def test_b66_too_many_posts_wait_and_lose_nothing(form: Form, visitor: Visitor, settings: Any) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"form_posts": (1, 60)}
    assert visitor.fill(form, ANSWERS, after=timedelta(seconds=5)).status_code == 303
    page = visitor.fill(form, ANSWERS, after=timedelta(seconds=5))
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert ANSWERS["answer.message"] in page.content.decode()
    assert Submission.objects.count() == 1


def test_b66_without_redis_each_process_counts_by_itself(
    form: Form, visitor: Visitor, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"form_posts": (2, 60)}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    quickly = timedelta(seconds=5)
    answers = [visitor.fill(form, ANSWERS | {"lead.first_name": name}, after=quickly) for name in "abc"]
    assert [answer.status_code for answer in answers] == [303, 303, 429]


def test_a_form_left_open_for_days_is_shown_anew_with_everything(form: Form, visitor: Visitor) -> None:
    page = visitor.fill(form, ANSWERS, after=timedelta(hours=25))
    assert page.status_code == 422
    assert ANSWERS["answer.message"] in page.content.decode()
    assert not Submission.objects.exists()
    assert visitor.fill(form, ANSWERS, page=page).status_code == 303


def test_thanks_lead_on_and_their_address_goes_nowhere(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form(thanks="Merci, à très vite.")
    page = visitor.get(visitor.fill(form, ANSWERS)["Location"])
    assert "Merci, à très vite." in page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    away = make_form(redirect_url="https://www.acier.example/merci")
    assert (
        "form-action 'self' https://www.acier.example"
        in visitor.open(away).headers["Content-Security-Policy"]
    )
    assert visitor.fill(away, ANSWERS)["Location"] == "https://www.acier.example/merci"
    answer = visitor.fill(away, ANSWERS | {"lead.first_name": "Jo"}, embedded=True)
    embedded = visitor.get(answer["Location"])
    assert 'data-go="https://www.acier.example/merci"' in embedded.content.decode()


def test_plain_html_of_a_known_site_needs_no_token_and_of_another_is_set_aside(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form(origins=[SITE])
    for origin in (SITE, "https://evil.example", "null"):
        answer = visitor.client.post(f"/f/{form.slug}/", ANSWERS, headers={"Origin": origin})
        assert answer.status_code == 303
    states = list(Submission.objects.order_by("id").values_list("state", flat=True))
    assert states == ["received", "spam", "spam"]


def test_an_error_of_plain_html_comes_back_on_our_page_and_can_be_sent_from_there(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form(origins=[SITE])
    headers = {"Origin": SITE, "Referer": f"{SITE}/contact/"}
    page = visitor.client.post(f"/f/{form.slug}/", ANSWERS | {"lead.email": "jeanne"}, headers=headers)
    assert page.status_code == 422
    assert ANSWERS["answer.message"] in page.content.decode()
    assert hidden_fields(page)["_page"] == f"{SITE}/contact/"  # type: ignore[arg-type]


def test_a_known_browser_is_asked_what_is_missing_and_shown_nothing(
    make_form: Callable[..., Form], visitor: Visitor, make_lead: Callable[..., Lead], now: datetime
) -> None:
    fields = (
        ("lead.email", "email", "E-mail", True, 0),
        ("lead.first_name", "line", "Prénom", False, 1),
        ("lead.job_title", "line", "Fonction", True, 2),
        ("lead.city", "line", "Ville", False, 3),
    )
    form = make_form(fields, asked_at_once=1)
    lead = make_lead(first_name="Jeanne", email="jeanne@acier.example")
    Browser.objects.create(id=BROWSER, lead=lead, source_id=4, first_seen_at=now)

    def labels(query: str) -> list[str]:
        return re.findall(r'<label for="q\d+">([^<]+?)\s*<', visitor.open(form, query).content.decode() + "<")

    assert labels("") == ["E-mail", "Prénom"]
    # The browser's id alone is no proof of consent (B67).
    assert labels(f"?visitor={BROWSER}") == ["E-mail", "Prénom"]
    record_consent(lead=lead, purpose=LegalPurpose.TRACKING, state=ConsentState.GRANTED, now=now)
    assert labels(f"?visitor={BROWSER}") == ["E-mail", "Fonction"]
    html = visitor.open(form, f"?visitor={BROWSER}").content.decode()
    assert "Jeanne" not in html
    assert "jeanne@" not in html
    # From their own mailbox the known values stand in the fields.
    who = make_link(Purpose.PERSON, lead.public_id, until=now + timedelta(days=1))
    assert 'value="jeanne@acier.example"' in visitor.open(form, f"?who={who}").content.decode()
    assert "jeanne@" not in visitor.open(form, f"?who={who}x").content.decode()
    # What was not asked is not missed.
    page = visitor.open(form, "")
    assert visitor.fill(form, {"lead.email": "paul@acier.example"}, page=page).status_code == 303


def test_the_qr_code_is_a_picture_of_the_pages_address(form: Form, visitor: Visitor) -> None:
    picture = visitor.get(f"/f/{form.slug}/qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content


def test_embed_js_has_one_address_and_is_asked_for_by_its_mark(visitor: Visitor, db: None) -> None:
    script = visitor.client.get("/embed.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=300" in script.headers["Cache-Control"]
    again = visitor.client.get("/embed.js", headers={"If-None-Match": script.headers["ETag"]})
    assert again.status_code == 304
    assert len(script.content) < 4000


def test_a_frame_wears_the_colours_of_the_site_around_it(
    make_form: Callable[..., Form], visitor: Visitor
) -> None:
    form = make_form()
    for query, theme in (
        ("", "light"),
        ("?theme=dark", "dark"),
        ("?theme=auto", "auto"),
        ("?theme=x", "light"),
    ):
        page = visitor.open(form, query, embedded=True)
        assert f'data-theme="{theme}"' in page.content.decode()
    assert "data-theme" not in visitor.open(form, "?theme=dark").content.decode()
    answer = visitor.fill(form, ANSWERS, page=visitor.open(form, "?theme=dark", embedded=True), embedded=True)
    assert 'data-theme="dark"' in visitor.get(answer["Location"]).content.decode()


def test_our_own_page_is_known_when_the_browser_hides_the_origin(form: Form, visitor: Visitor) -> None:
    visitor.fill(form, ANSWERS, headers={"Origin": "null"})
    assert Submission.objects.get().state == "received"


def test_what_is_no_origin_gets_into_no_policy(make_form: Callable[..., Form], visitor: Visitor) -> None:
    form = make_form(origins=["https://a.example; script-src *", SITE])
    policy = visitor.open(form, embedded=True).headers["Content-Security-Policy"]
    assert f"frame-ancestors {SITE}" in policy
    assert "script-src *" not in policy


# How often a form is shown ---------------------------------------------------------------------------------


def _shown(form: Form) -> tuple[int, int]:
    found = FormViews.objects.filter(form=form).first()
    return (found.hosted, found.embedded) if found else (0, 0)


def test_people_who_see_the_form_are_counted_and_nothing_else_is_kept(form: Form, visitor: Visitor) -> None:
    for _ in range(2):
        visitor.open(form)
    visitor.open(form, embedded=True)
    assert _shown(form) == (2, 1)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, id="crawler"),
        pytest.param({"Sec-Purpose": "prefetch"}, id="prefetch"),
    ],
)
def test_machines_do_not_count_as_having_seen_it(
    form: Form, visitor: Visitor, headers: dict[str, str]
) -> None:
    assert visitor.open(form, **headers).status_code == 200
    assert _shown(form) == (0, 0)


def test_what_comes_back_with_errors_was_not_shown_once_more(form: Form, visitor: Visitor) -> None:
    visitor.fill(form, ANSWERS | {"lead.email": "no address"}, page=visitor.open(form))
    assert _shown(form) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_count_twenty(form: Form, now: datetime) -> None:
    def look(_: int) -> None:
        count_views(form_id=form.pk, day=now.date(), hosted=1)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(20)))
    assert _shown(form) == (20, 0)


@pytest.mark.parametrize(("views", "sent", "conversion"), [(0, 3, None), (10, 3, 0.3), (2, 3, 1.0)], ids=str)
def test_the_list_tells_which_part_sent_it(
    form: Form, now: datetime, views: int, sent: int, conversion: float | None
) -> None:
    if views:
        count_views(form_id=form.pk, day=now.date(), hosted=views - 1, embedded=1)
    for _ in range(sent):
        Submission.objects.create(form=form, form_version=1, received_at=now, state="accepted")
    listed = next(row for row in listed_forms(now=now) if row.form == form)
    assert (listed.views, listed.conversion) == (views, conversion)
