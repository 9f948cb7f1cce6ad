"""The settings about leads: custom fields and webhooks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from leads.actions.custom_fields import CannotDefine, Wording, change_field, define_field, move_field
from leads.actions.events import record_event
from leads.custom_fields import About, FieldType
from leads.models import CustomField, Lead, Webhook, WebhookDelivery
from leads.webhooks.manage import save_webhook


@pytest.fixture
def admin(make_user: Callable[..., User]) -> Client:
    """A browser in which an administrator is signed in."""
    client = Client()
    client.force_login(make_user("admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def fleet(db: None, now: datetime) -> CustomField:
    """A choice of three."""
    return define_field(
        about=About.LEAD,
        type=FieldType.CHOICE,
        wording=Wording("Flotte de véhicules", "Fleet"),
        options_fr=["Diesel", "Électrique", "Aucune"],
        options_en=["Diesel", "Electric", "None"],
        now=now,
    )


FORM = {"about": "lead", "type": "number", "label_fr": "Nombre de camions", "label_en": "Lorries"}


def test_a_field_is_defined_and_listed(admin: Client) -> None:
    assert admin.post("/settings/fields/new/", FORM).status_code == 302
    made = CustomField.objects.get()
    assert (made.code, made.type, made.about) == ("nombre_de_camions", "number", "lead")
    page = admin.get("/settings/fields/").content.decode()
    assert "Nombre de camions" in page
    assert "custom.nombre_de_camions" in page


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(admin: Client) -> None:
    page = admin.post("/settings/fields/new/", FORM | {"type": "choice", "options_fr": "Seule"})
    assert page.status_code == 422
    html = page.content.decode()
    assert "Donnez deux options ou plus" in html
    assert 'value="Nombre de camions"' in html
    assert "Seule" in html
    assert not CustomField.objects.exists()


def test_an_option_that_stays_keeps_its_code(fleet: CustomField) -> None:
    assert fleet.option_codes == ["diesel", "electrique", "aucune"]
    change_field(field=fleet, wording=Wording("Flotte"), options_fr=["Aucune", "Hybride", "électrique"])
    assert fleet.option_codes == ["aucune", "hybride", "electrique"]
    assert fleet.code == "flotte_de_vehicules"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("label_fr", {"wording": Wording("!!!")}),
        ("options_fr", {"options_fr": ["Un", "un"]}),
        ("options_en", {"options_fr": ["Un", "Deux"], "options_en": ["One"]}),
    ],
    ids=["no letters", "twice", "too few in English"],
)
def test_b58_a_definition_that_cannot_be_is_refused(
    fleet: CustomField, field: str, given: dict[str, object]
) -> None:
    usual = {"wording": Wording("Flotte"), "options_fr": ["Un", "Deux"]}
    with pytest.raises(CannotDefine) as refused:
        change_field(field=fleet, **(usual | given))  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.django_db
def test_codes_stay_apart_and_neighbours_change_places(now: datetime) -> None:
    made = [
        define_field(about=About.LEAD, type=FieldType.TEXT, wording=Wording("Énergie"), now=now)
        for _ in range(3)
    ]
    assert [field.code for field in made] == ["energie", "energie_2", "energie_3"]
    move_field(field=made[2], up=True)
    move_field(field=made[0], up=True)
    assert list(CustomField.objects.of(About.LEAD).values_list("code", flat=True)) == [
        "energie",
        "energie_3",
        "energie_2",
    ]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.django_db
def test_the_list_of_fields_asks_three_queries(
    admin: Client, now: datetime, rows: int, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(rows):
        wording = Wording(f"Champ {number}")
        define_field(about=About.COMPANY, type=FieldType.TEXT, wording=wording, now=now)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        admin.get("/settings/fields/")


HOOK = {"name": "CRM", "url": "https://crm.example/hook", "kinds": ["won", "accepted"]}


def test_a_webhook_is_made_and_its_secret_shown_only_to_administrators(admin: Client) -> None:
    answer = admin.post("/settings/webhooks/new/", HOOK)
    made = Webhook.objects.get()
    assert answer["Location"] == f"/settings/webhooks/{made.public_id}/"
    assert made.secret in admin.get(answer["Location"]).content.decode()
    assert made.secret not in admin.get("/settings/webhooks/").content.decode()


def test_b56_a_private_address_is_refused_in_words(admin: Client) -> None:
    page = admin.post("/settings/webhooks/new/", HOOK | {"url": "http://crm.example:6379/"})
    assert page.status_code == 422
    assert "80 et 443" in page.content.decode()
    assert not Webhook.objects.exists()


def test_a_test_message_can_be_sent_stopped_and_the_webhook_deleted(admin: Client) -> None:
    admin.post("/settings/webhooks/new/", HOOK)
    there = f"/settings/webhooks/{Webhook.objects.get().public_id}/"
    admin.post(f"{there}act/", {"do": "test"})
    assert WebhookDelivery.objects.get().kind == "webhook_test"
    admin.post(f"{there}act/", {"do": "stop"})
    assert Webhook.objects.get().stopped == "by_hand"
    admin.post(f"{there}act/", {"do": "no such thing"})
    admin.post(f"{there}act/", {"do": "again", "delivery": "nonsense"})
    admin.post(f"{there}act/", {"do": "delete"})
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_asks_five_queries(
    admin: Client,
    make_lead: Callable[..., Lead],
    now: datetime,
    rows: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Callable[..., object],
) -> None:
    monkeypatch.setattr("leads.webhooks.outbox.REMEMBERED_FOR", -1.0)
    hook = save_webhook(name="CRM", url="https://crm.example/", kinds=["chat"], now=now)
    for _ in range(rows):
        record_event(lead_id=make_lead().pk, kind="chat", occurred_at=now, now=now)
    assert WebhookDelivery.objects.count() == rows
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        admin.get(f"/settings/webhooks/{hook.public_id}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_webhooks_asks_three_queries(
    admin: Client, now: datetime, rows: int, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(rows):
        save_webhook(name=f"CRM {number}", url="https://crm.example/", kinds=["won"], now=now)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        admin.get("/settings/webhooks/")
