"""The builder: each change is one POST, two editors never overwrite each other unseen, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from capture.actions.changes import CannotBePublic, ChangedMeanwhile
from capture.actions.forms import RESERVED, duplicate, free_slug, publish
from capture.actions.questions import change_question, mark_of, move_question, order_questions
from capture.choices import AnswerType, FormState
from capture.models import Form, FormField, FormVersion, Submission
from capture.starters import STARTERS, Starter
from leads.models import ConsentWording

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def address(form: Form, rest: str = "") -> str:
    return f"/capture/forms/{form.slug}/{rest}"


def targets(form: Form) -> list[str]:
    return list(form.fields.values_list("target", flat=True))


def typed(question: FormField, **changes: object) -> dict[str, object]:
    """What the browser sends for a question, with ``changes``."""
    sent: dict[str, object] = {
        "label": question.label,
        "help": question.help,
        "type": question.type,
        "priority": question.priority,
        "seen": mark_of(question),
    }
    return sent | ({"is_required": "on"} if question.is_required else {}) | changes


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.code)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_starter_needs_only_the_notice_to_be_public(
    client: Client, starter: Starter, language: str, claire: User, now: datetime
) -> None:
    client.post("/capture/forms/new/", {"starter": starter.code, "language": language})
    form = Form.objects.get()
    assert (form.language, form.state, form.kind) == (language, "draft", starter.kind)
    assert form.consents.count() == len(starter.boxes)
    assert set(form.consents.values_list("wording__language", flat=True)) == {language}
    with pytest.raises(CannotBePublic) as refused:
        publish(form=form, by=claire, now=now)
    assert {finding.code for finding in refused.value.findings} == {"no_privacy_page", "no_controller"}


def test_adding_unfolds_the_new_question_and_never_asks_twice(client: Client, draft: Form) -> None:
    added = client.post(address(draft, "questions/add/"), {"target": "lead.city"}, headers=HTMX)
    assert added.status_code == 200
    assert targets(draft)[-1] == "lead.city"
    question = draft.fields.get(target="lead.city")
    assert f'id="q{question.pk}-label"' in added.content.decode()
    again = client.post(address(draft, "questions/add/"), {"target": "lead.city"}, headers=HTMX)
    assert again.status_code == 409
    assert targets(draft).count("lead.city") == 1


def test_free_questions_get_codes_of_their_own(client: Client, draft: Form) -> None:
    for _ in range(2):
        client.post(address(draft, "questions/add/"), {"target": "answer.choice"})
    assert targets(draft)[-2:] == ["answer.question", "answer.question_2"]
    assert draft.fields.last().type == AnswerType.CHOICE  # type: ignore[union-attr]  # just added


@pytest.mark.parametrize(
    "target", ["", "lead.owner", "lead.score", "answer.nonsense", "custom.none", "x" * 500]
)
def test_b13_only_what_the_catalogue_holds_can_be_asked(client: Client, draft: Form, target: str) -> None:
    before = targets(draft)
    assert client.post(address(draft, "questions/add/"), {"target": target}).status_code == 404
    assert targets(draft) == before


def test_a_change_is_saved_while_the_editor_stays_as_it_is(client: Client, draft: Form) -> None:
    question = draft.fields.get(target="lead.first_name")
    answer = client.post(
        address(draft, f"questions/{question.pk}/"), typed(question, label="Votre prénom"), headers=HTMX
    )
    assert (answer.status_code, answer["HX-Reswap"], answer["HX-Trigger"]) == (
        200,
        "none",
        '{"form-changed": {}}',
    )
    question.refresh_from_db()
    assert question.label == "Votre prénom"
    assert f'id="seen-{question.pk}" value="{mark_of(question)}"' in answer.content.decode()


def test_without_scripts_the_same_post_leads_back_to_the_list(client: Client, draft: Form) -> None:
    question = draft.fields.get(target="lead.first_name")
    answer = client.post(address(draft, f"questions/{question.pk}/"), typed(question, label="Prénom usuel"))
    assert answer.status_code == 302
    assert "Prénom usuel" in client.get(answer["Location"]).content.decode()


def test_two_editors_the_second_sees_what_changed_and_loses_nothing(client: Client, draft: Form) -> None:
    question = draft.fields.get(target="lead.first_name")
    mine, theirs = typed(question, label="Le mien"), typed(question, label="Le leur")
    assert client.post(address(draft, f"questions/{question.pk}/"), theirs, headers=HTMX).status_code == 200
    late = client.post(address(draft, f"questions/{question.pk}/"), mine, headers=HTMX)
    assert late.status_code == 409
    page = late.content.decode()
    assert "Le leur" in page
    assert 'value="Le mien"' in page
    question.refresh_from_db()
    assert question.label == "Le leur"
    again = client.post(
        address(draft, f"questions/{question.pk}/"), mine | {"seen": mark_of(question)}, headers=HTMX
    )
    assert again.status_code == 200
    question.refresh_from_db()
    assert question.label == "Le mien"


def test_a_question_removed_meanwhile_is_said_to_be_gone(client: Client, draft: Form) -> None:
    question = draft.fields.get(target="lead.first_name")
    sent = typed(question, label="Trop tard")
    pk = question.pk
    client.post(address(draft, f"questions/{pk}/remove/"))
    assert client.post(address(draft, f"questions/{pk}/"), sent, headers=HTMX).status_code == 409


@pytest.mark.parametrize(
    "bad", [{"label": ""}, {"label": "x" * 161}, {"priority": "99"}, {"type": "phone"}, {"help": "y" * 241}]
)
def test_b34_what_cannot_be_taken_comes_back_as_typed(
    client: Client, draft: Form, bad: dict[str, str]
) -> None:
    question = draft.fields.get(target="lead.first_name")
    answer = client.post(address(draft, f"questions/{question.pk}/"), typed(question, **bad), headers=HTMX)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    question.refresh_from_db()
    assert question.label == "Prénom"


def test_the_code_of_a_free_question_is_its_own_and_valid(client: Client, draft: Form) -> None:
    for _ in range(2):
        client.post(address(draft, "questions/add/"), {"target": "answer.line"})
    second = draft.fields.get(target="answer.question_2")
    url = address(draft, f"questions/{second.pk}/")
    assert client.post(url, typed(second, code="question"), headers=HTMX).status_code == 422
    assert client.post(url, typed(second, code="Été !"), headers=HTMX).status_code == 422
    assert client.post(url, typed(second, code="session"), headers=HTMX).status_code == 200
    second.refresh_from_db()
    assert second.target == "answer.session"


def test_removed_questions_come_back_to_their_place(client: Client, draft: Form) -> None:
    before = targets(draft)
    question = draft.fields.get(target="lead.phone")
    removed = client.post(address(draft, f"questions/{question.pk}/remove/"), headers=HTMX)
    assert 'id="put-back" autofocus' in removed.content.decode()
    assert "lead.phone" not in targets(draft)
    client.post(address(draft, "questions/put-back/"), headers=HTMX)
    assert targets(draft) == before
    assert client.post(address(draft, "questions/put-back/"), headers=HTMX).status_code == 200
    assert targets(draft) == before


def test_moving_stops_at_both_ends_and_says_the_place(client: Client, draft: Form) -> None:
    first = draft.fields.first()
    assert first is not None
    url = address(draft, f"questions/{first.pk}/move/")
    assert client.post(url, {"step": "-1"}, headers=HTMX).status_code == 200
    assert draft.fields.first() == first
    moved = client.post(url, {"step": "1"}, headers=HTMX).content.decode()
    assert targets(draft).index(first.target) == 1
    assert "2" in moved.split('id="said"')[1]


def test_a_drag_keeps_what_somebody_added_meanwhile(draft: Form, claire: User, now: datetime) -> None:
    ids = list(draft.fields.values_list("pk", flat=True))
    added = FormField.objects.create(form=draft, target="answer.new", label="Neu", position=99)
    order_questions(form=draft, order=[*reversed(ids), 10**9, ids[0]], by=claire, now=now)
    assert list(draft.fields.values_list("pk", flat=True)) == [*reversed(ids), added.pk]


@pytest.mark.parametrize("order", ["", "x,y", "1" * 400, ",,,", "-1,٣"])
def test_a_broken_order_changes_nothing(client: Client, draft: Form, order: str) -> None:
    before = targets(draft)
    assert client.post(address(draft, "questions/order/"), {"order": order}).status_code == 302
    assert targets(draft) == before


def test_publishing_keeps_the_exact_words_as_proof(live: Form, claire: User, now: datetime) -> None:
    version = FormVersion.objects.get(form=live)
    assert version.version == live.version == 1
    words = version.definition["consents"][0]
    assert words["text_version"] == "newsletter-fr-v1"
    assert "la newsletter de Ateliers du Rhône SAS" in words["text"]
    assert [asked["target"] for asked in version.definition["questions"]] == targets(live)


def test_each_change_of_a_public_form_is_a_version_of_its_own(
    live: Form, client: Client, claire: User, now: datetime
) -> None:
    question = live.fields.get(target="lead.first_name")
    client.post(address(live, f"questions/{question.pk}/"), typed(question, label="Votre prénom"))
    move_question(question=question, step=1, by=claire, now=now)
    live.refresh_from_db()
    assert live.version == 3
    labels = [
        [asked["label"] for asked in version.definition["questions"]][:2]
        for version in FormVersion.objects.filter(form=live).order_by("version")
    ]
    assert labels == [["Prénom", "Nom"], ["Votre prénom", "Nom"], ["Nom", "Votre prénom"]]


def test_a_public_form_never_becomes_one_that_may_not_be_public(client: Client, live: Form) -> None:
    FormField.objects.filter(form=live, target="lead.phone").delete()
    email = live.fields.get(target="lead.email")
    refused = client.post(address(live, f"questions/{email.pk}/remove/"), headers=HTMX)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.content.decode()
    live.refresh_from_db()
    assert "lead.email" in targets(live)
    assert live.version == 1


def test_closing_and_opening_again_is_a_new_version(client: Client, live: Form) -> None:
    client.post(address(live, "act/close/"))
    live.refresh_from_db()
    assert live.state == FormState.CLOSED
    client.post(address(live, "act/publish/"))
    live.refresh_from_db()
    assert (live.state, live.version) == (FormState.LIVE, 2)


def test_a_copy_is_a_draft_with_everything_but_the_address(live: Form, claire: User, now: datetime) -> None:
    copied = duplicate(form=live, by=claire, now=now)
    assert (copied.state, copied.version, copied.published_at) == (FormState.DRAFT, 1, None)
    assert copied.slug != live.slug
    assert targets(copied) == targets(live)
    assert list(copied.consents.values_list("wording", flat=True)) == list(
        live.consents.values_list("wording", flat=True)
    )
    assert live.fields.count() == copied.fields.count()


def test_b71_only_a_draft_that_nobody_saw_can_be_thrown_away(client: Client, draft: Form, live: Form) -> None:
    client.post(address(live, "act/discard/"))
    assert Form.objects.filter(pk=live.pk).exists()


def test_a_draft_is_thrown_away(client: Client, draft: Form) -> None:
    client.post(address(draft, "act/discard/"))
    assert not Form.objects.exists()


def test_addresses_are_free_and_never_those_of_the_builder(make_form: Callable[..., Form]) -> None:
    make_form(slug="devis")
    assert free_slug("Devis") == "devis-2"
    assert {free_slug(name) for name in RESERVED}.isdisjoint(RESERVED)
    assert free_slug("日本") == "form"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    client: Client,
    make_form: Callable[..., Form],
    django_assert_num_queries: Callable[..., object],
    count: int,
    now: datetime,
) -> None:
    for _ in range(count):
        form = make_form()
        Submission.objects.create(form=form, form_version=1, received_at=now, state="spam")
    with django_assert_num_queries(4):  # type: ignore[attr-defined]  # session, user, forms, counts
        assert client.get("/capture/forms/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_builder_costs_the_same_whatever_its_length(
    client: Client, draft: Form, django_assert_num_queries: Callable[..., object], count: int
) -> None:
    kept = list(draft.fields.values_list("pk", flat=True))[:count]
    draft.fields.exclude(pk__in=kept).delete()
    with django_assert_num_queries(7):  # type: ignore[attr-defined]
        assert client.get(address(draft)).status_code == 200


def test_b35_whatever_is_typed_is_shown_as_text(client: Client, draft: Form) -> None:
    canary = '"><img src=x onerror=alert(1)>{{7*7}}</script>'
    draft.fields.update(label=canary[:160], help=canary)
    Form.objects.filter(pk=draft.pk).update(name=canary, title=canary, intro=canary, thanks=canary)
    for page in ("", "?open=opening", f"?open={draft.fields.first().pk}", "settings/", "share/", "preview/"):  # type: ignore[union-attr]
        html = client.get(address(draft, page)).content.decode()
        assert "<img src=x" not in html, page
        assert "49</script>" not in html, page


def test_the_preview_runs_nothing_and_stands_in_our_own_frame_only(client: Client, draft: Form) -> None:
    answer = client.get(address(draft, "preview/"))
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    html = answer.content.decode()
    assert "<script" not in html
    assert 'name="_token"' not in html


def test_the_preview_asks_a_known_visitor_what_is_still_missing(
    client: Client, make_form: Callable[..., Form]
) -> None:
    form = make_form("white_paper")
    first = client.get(address(form, "preview/")).content.decode()
    second = client.get(address(form, "preview/?visitor=known")).content.decode()
    assert ("lead.job_title" in first, "lead.project_month" in first) == (True, False)
    assert ("lead.job_title" in second, "lead.project_month" in second) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_one_wins_the_other_is_told(claire: User, draft: Form, now: datetime) -> None:
    question = draft.fields.get(target="lead.first_name")
    seen, results, gate = mark_of(question), [], threading.Barrier(2)

    def write(label: str) -> None:
        gate.wait()
        try:
            change_question(question=question, values={"label": label}, seen=seen, by=claire, now=now)
            results.append("saved")
        except ChangedMeanwhile:
            results.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(label,)) for label in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["saved", "told"]


def test_boxes_are_added_moved_renewed_and_removed(client: Client, draft: Form, now: datetime) -> None:
    url = address(draft, "consents/change/")
    tracking = ConsentWording.objects.get(code="tracking", language="fr")
    client.post(url, {"add": tracking.pk})
    client.post(url, {"add": tracking.pk})
    assert list(draft.consents.values_list("wording__code", flat=True)) == ["newsletter", "tracking"]
    client.post(url, {"up": draft.consents.last().pk})  # type: ignore[union-attr]
    assert list(draft.consents.values_list("wording__code", flat=True)) == ["tracking", "newsletter"]
    newer = ConsentWording.objects.create(
        code="tracking",
        language="fr",
        version=2,
        purpose="tracking",
        channel="email",
        text="Mieux",
        created_at=now,
    )
    client.post(url, {"renew": draft.consents.first().pk})  # type: ignore[union-attr]
    assert draft.consents.first().wording == newer  # type: ignore[union-attr]
    client.post(url, {"remove": draft.consents.first().pk})  # type: ignore[union-attr]
    assert list(draft.consents.values_list("wording__code", flat=True)) == ["newsletter"]
