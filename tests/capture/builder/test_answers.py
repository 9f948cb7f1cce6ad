"""Answers are read into exact values, or refused in words that say what to do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.answers import Answer, read_answer, show_answer, sort_answers
from capture.choices import AnswerType
from capture.models import FormField
from capture.targets import Target, catalogue, free_answer, targets_of
from leads.actions.companies import COMPANY_FIELDS
from leads.actions.profiles import PROFILE_FIELDS
from leads.custom_fields import About, FieldType
from leads.models import Company, CustomField, Lead
from leads.normalise import EmailAddress, InvalidValue, PhoneNumber


def read(code: str, raw: object, *, kind: AnswerType | None = None, **question: object) -> Answer:
    """``raw`` as an answer to a question about ``code``."""
    target = targets_of([code], "fr")[code]
    return read_answer(target, FormField(target=code, type=kind or target.type, **question), raw)


@pytest.mark.django_db
def test_every_target_is_a_field_that_a_form_may_fill() -> None:
    for code in catalogue("fr"):
        owner, name = code.split(".")
        fields = PROFILE_FIELDS | {"email", "phone"} if owner == "lead" else COMPANY_FIELDS
        assert name in fields, code
        assert (Lead if owner == "lead" else Company)._meta.get_field(name)


@pytest.mark.django_db
def test_targets_are_named_in_the_language_asked_for() -> None:
    french, english = catalogue("fr"), catalogue("en")
    assert (french["lead.first_name"].label, english["lead.first_name"].label) == ("Prénom", "First name")
    assert french["company.country"].options[0].label == "France"
    assert {option.code: option.label for option in english["company.country"].options}["DE"] == "Germany"


@pytest.mark.parametrize(
    ("code", "raw", "value"),
    [
        ("lead.first_name", "  Élodie \u200b O'Neill ", "Élodie O'Neill"),
        ("lead.first_name", "null", "null"),
        ("lead.first_name", "Robert'); DROP TABLE leads;--", "Robert'); DROP TABLE leads;--"),
        ("lead.need", "une\r\nmachine", "une\nmachine"),
        ("lead.project_month", "2026-09", date(2026, 9, 1)),
        ("lead.project_month", "9/2026", date(2026, 9, 1)),
        ("lead.seniority", "director", "director"),
        ("lead.seniority", "Directeur", "director"),
        ("lead.country", "de", "DE"),
        ("company.siren", "552 100 554", "552100554"),
        ("company.siren", "FR 96 552100554", "552100554"),
        ("lead.city", "   ", None),
    ],
)
def test_b34_b72_an_answer_is_kept_as_meant(code: str, raw: str, value: object) -> None:
    with_language = read(code, raw)
    assert with_language == value


def test_addresses_are_normalised_and_impossible_phones_kept() -> None:
    email, phone = read("lead.email", " Jeanne@Exemple.FR "), read("lead.phone", "12")
    assert isinstance(email, EmailAddress)
    assert email.key == "jeanne@exemple.fr"
    assert isinstance(phone, PhoneNumber)
    assert (phone.e164, phone.raw) == (None, "12")


@pytest.mark.parametrize(
    ("code", "raw", "error"),
    [
        ("lead.first_name", "x" * 10_240, "too_long"),
        ("lead.need", "x" * 2001, "too_long"),
        ("lead.email", "a@localhost", "email_invalid"),
        ("lead.project_month", "13/2026", "not_a_month"),
        ("lead.project_month", "0000-01", "not_a_month"),
        ("lead.budget_range", "beaucoup", "invalid_choice"),
        ("lead.country", "XX", "invalid_choice"),
        ("company.siren", "12345", "not_a_siren"),
        ("company.siren", "552 100 555", "not_a_siren"),
        ("lead.first_name", ["a", "b"], "not_a_value"),
        ("lead.first_name", {"a": 1}, "not_a_value"),
    ],
)
def test_b34_what_cannot_be_taken_is_refused_in_words(code: str, raw: object, error: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read(code, raw)
    assert refused.value.code == error
    assert len(str(refused.value)) > 10


def test_a_required_question_wants_an_answer_and_a_hidden_one_never_does() -> None:
    with pytest.raises(InvalidValue) as refused:
        read("lead.city", " ", is_required=True)
    assert refused.value.code == "required"
    assert read("lead.city", "", kind=AnswerType.HIDDEN, is_required=True) is None


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (AnswerType.CHOICE, "matin", "Matin"),
        (AnswerType.MULTIPLE, ["Soir", "Matin"], ["Matin", "Soir"]),
        (AnswerType.BOOLEAN, "oui", True),
        (AnswerType.DATE, "12/03/2026", "2026-03-12"),
        (AnswerType.MONTH, "2026-03", date(2026, 3, 1)),
        (AnswerType.HIDDEN, "salon", "salon"),
    ],
)
def test_a_free_question_brings_its_own_choices(kind: AnswerType, raw: object, value: object) -> None:
    assert read("answer.when", raw, kind=kind, options=["Matin", "Soir"]) == value


@pytest.mark.parametrize(
    "code", ["answer.", "answer.1a", "answer.A b", "answer.é", "answer." + "a" * 41, "x"]
)
def test_codes_of_free_answers_are_names_that_rules_can_use(code: str) -> None:
    assert free_answer(code) is None


@pytest.mark.django_db
def test_custom_fields_are_asked_while_they_are_in_use(now: object) -> None:
    made = {"label_fr": "Parc", "label_en": "Machines", "created_at": now}
    CustomField.objects.create(code="machines", type=FieldType.NUMBER, **made)
    CustomField.objects.create(code="old", type=FieldType.TEXT, is_active=False, **made)
    CustomField.objects.create(
        about=About.COMPANY,
        code="tier",
        type=FieldType.CHOICE,
        option_codes=["a"],
        option_labels_fr=["Or"],
        **made,
    )
    assert targets_of(["custom.old", "custom.none"], "fr") == {}
    assert targets_of(["custom.machines"], "en")["custom.machines"].label == "Machines"
    assert read("company_custom.tier", "or") == "a"
    assert float(str(read("custom.machines", "1 234,5"))) == 1234.5


def test_answers_are_sorted_by_where_they_go() -> None:
    email = read("lead.email", "a@exemple.fr")
    found = sort_answers(
        {
            "lead.email": email,
            "lead.city": "Lyon",
            "custom.machines": 3.0,  # type: ignore[dict-item]  # as custom fields keep numbers
            "company.name": "Ateliers",
            "company_custom.tier": "a",
            "answer.when": date(2026, 3, 1),
            "lead.need": None,
        }
    )
    assert found.email == email
    assert found.profile == {"city": "Lyon", "custom": {"machines": 3.0}}
    assert (found.company, found.company_custom) == ({"name": "Ateliers"}, {"tier": "a"})
    assert found.extras == {"when": "2026-03-01"}


@given(
    st.text(max_size=300)
    | st.lists(st.text(max_size=20), max_size=4)
    | st.none()
    | st.booleans()
    | st.integers()
)
def test_whatever_is_sent_is_read_or_refused_never_broken(raw: object) -> None:
    for kind in AnswerType:
        target = Target("answer.x", "answer", "X", (kind,), max_length=200)
        try:
            value = read_answer(target, FormField(type=kind, options=["a", "b"]), raw)
        except InvalidValue:
            continue
        if isinstance(value, str):
            assert "\x00" not in value
            assert len(value) <= 1000


def test_answers_are_shown_by_their_labels() -> None:
    target = targets_of(["lead.budget_range"], "en")["lead.budget_range"]
    assert show_answer(target, "5k_20k") == "€5,000 to €20,000"
    assert show_answer(target, "gone") == "gone"
