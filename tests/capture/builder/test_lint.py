"""What keeps a form from the public, and what is only advice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.lint import (
    Box,
    Form,
    Question,
    asks_consent,
    blocking,
    findings,
    mixes_purposes,
    wording_findings,
)
from capture.lint_words import SENTENCES, said
from leads.wordings import SHIPPED

EMAIL = Question(1, "lead.email", "email", "E-mail", is_required=True)
GOOD = Form(
    language="fr",
    questions=(EMAIL,),
    privacy_url="https://acme.example/rgpd",
    controller="Acme SAS",
    origins=("https://acme.example",),
)
NEWSLETTER = Box(
    7, "newsletter", "email", "fr", "Oui, je veux la newsletter d'Acme. Je peux me désinscrire à tout moment."
)


def codes(form: Form) -> set[str]:
    return {finding.code for finding in findings(form)}


def asking(label: str, kind: str = "boolean", **more: object) -> Form:
    """The good form with one free question more."""
    question = Question(2, "answer.x", kind, label, option_count=2, **more)  # type: ignore[arg-type]
    return replace(GOOD, questions=(EMAIL, question))


def test_a_good_form_has_nothing_to_mend() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize(
    ("change", "code", "is_blocking"),
    [
        ({"questions": ()}, "no_identity", True),
        ({"questions": (replace(EMAIL, is_required=False),)}, "identity_optional", False),
        ({"questions": (replace(EMAIL, priority=2),)}, "identity_progressive", True),
        ({"privacy_url": ""}, "no_privacy_page", True),
        ({"privacy_url": "http://acme.example"}, "privacy_not_https", True),
        ({"controller": ""}, "no_controller", True),
        ({"redirect_url": "http://acme.example/merci"}, "redirect_not_https", True),
        ({"redirect_url": "javascript:alert(1)"}, "redirect_not_https", True),
        ({"redirect_url": "https://good.example@evil.example"}, "redirect_not_https", True),
        ({"origins": ()}, "no_origin", False),
        ({"channel": ""}, "no_channel", False),
        ({"content_is_usable": False}, "content_unusable", True),
        ({"boxes": (NEWSLETTER, replace(NEWSLETTER, id=8))}, "consent_twice", True),
        ({"boxes": (replace(NEWSLETTER, language="en"),)}, "consent_language", True),
        ({"boxes": (replace(NEWSLETTER, is_newest=False),)}, "consent_outdated", False),
        ({"boxes": (NEWSLETTER,), "double_opt_in": "nobody"}, "no_double_opt_in", False),
        (
            {"boxes": (replace(NEWSLETTER, text="Oui à la newsletter et à un appel téléphonique"),)},
            "consent_mixed",
            True,
        ),
    ],
)
def test_each_fault_is_found_and_weighed(change: dict[str, object], code: str, is_blocking: bool) -> None:
    form = replace(GOOD, **change)  # type: ignore[arg-type]
    assert code in codes(form)
    assert any(finding.code == code for finding in blocking(form)) is is_blocking


def test_more_than_six_required_questions_are_only_advised_against() -> None:
    many = tuple(Question(i, f"answer.q{i}", "line", f"Q{i}", is_required=True) for i in range(2, 8))
    form = replace(GOOD, questions=(EMAIL, *many))
    assert codes(form) == {"many_required"}
    assert blocking(form) == []
    assert codes(replace(GOOD, questions=(EMAIL, *many[:-1]))) == set()


@pytest.mark.parametrize(
    "label",
    [
        "J'accepte de recevoir vos offres",
        "J’accepte la politique de confidentialité et la newsletter",
        "Je consens au traitement de mes données",
        "Je souhaite recevoir des nouvelles",
        "I agree to the terms",
        "I accept",
        "Yes, I would like to receive news",
        "Opt-in",
        "J'ai lu et j'accepte les CGV",
    ],
)
def test_consent_is_never_bundled_nor_asked_without_proof(label: str) -> None:
    assert codes(asking(label, is_required=True)) == {"consent_bundled"}
    assert codes(asking(label)) == {"consent_as_question"}
    assert blocking(asking(label))


@pytest.mark.parametrize(
    "label",
    [
        "Acceptation du devis par qui ?",
        "Quelle newsletter lisez-vous ?",
        "Êtes-vous déjà client ?",
        "Do you own a car?",
    ],
)
def test_ordinary_questions_are_left_alone(label: str) -> None:
    assert not asks_consent(label)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (Question(2, "answer.x", "choice", "X"), "no_options"),
        (Question(2, "answer.x", "hidden", "X"), "hidden_empty"),
        (Question(2, "custom.gone", "line", "X", is_known=False), "target_gone"),
    ],
)
def test_a_question_that_nobody_could_answer_blocks_and_is_pointed_at(question: Question, code: str) -> None:
    found = [one for one in findings(replace(GOOD, questions=(EMAIL, question))) if one.is_blocking]
    assert [(one.code, one.question_id) for one in found] == [(code, 2)]


@pytest.mark.parametrize("wording", SHIPPED, ids=lambda wording: f"{wording.code}-{wording.language}")
def test_shipped_wordings_pass_their_own_lint(wording: object) -> None:
    assert wording_findings(wording.text, wording.purpose) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "purpose", "found"),
    [
        (
            "Oui à tout.",
            "newsletter",
            ["wording_no_controller", "wording_no_purpose", "wording_no_withdrawal"],
        ),
        ("La newsletter de {controller}", "newsletter", ["wording_no_withdrawal"]),
        ("La newsletter et les appels de {controller}, à tout moment", "newsletter", ["wording_mixed"]),
    ],
)
def test_a_wording_says_who_what_for_and_how_to_take_it_back(
    text: str, purpose: str, found: list[str]
) -> None:
    assert wording_findings(text, purpose) == found


@given(st.text(max_size=200), st.sampled_from(["newsletter", "nurturing", "sales", "tracking"]))
def test_any_words_get_an_answer_in_words(text: str, purpose: str) -> None:
    assert all(code in SENTENCES for code in wording_findings(text, purpose))
    assert isinstance(mixes_purposes(text, purpose), bool)


@given(
    st.lists(
        st.builds(
            Question,
            id=st.integers(1, 99),
            target=st.sampled_from(["lead.email", "answer.x", "custom.y"]),
            type=st.sampled_from(["line", "choice", "hidden", "boolean"]),
            label=st.text(max_size=30),
            is_required=st.booleans(),
            priority=st.integers(0, 9),
            is_known=st.booleans(),
        ),
        max_size=9,
    )
)
def test_every_finding_can_be_said_and_blocking_ones_come_first(questions: list[Question]) -> None:
    found = findings(replace(GOOD, questions=tuple(questions)))
    assert all("%(" not in said(finding).text for finding in found)
    assert [finding.is_blocking for finding in found] == sorted((f.is_blocking for f in found), reverse=True)
