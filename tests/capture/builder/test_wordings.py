"""Consent wordings change by new versions only, and say who, what for and how to withdraw."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import connection
from django.db.utils import InternalError
from django.test import Client

from capture.actions.wordings import OtherMeaning, add_version
from capture.consents import newest_wordings
from leads.choices import ContactChannel, Purpose
from leads.models import ConsentWording
from leads.shipped import add_shipped_wordings

pytestmark = pytest.mark.django_db
TEXT = "Oui à la newsletter de {controller}, chaque mois. Je peux me désinscrire à tout moment."
NEWSLETTER = {"code": "newsletter", "language": "fr", "purpose": "newsletter", "channel": "email"}


def test_shipped_wordings_are_there_once_in_both_languages() -> None:
    before = ConsentWording.objects.count()
    add_shipped_wordings()
    assert ConsentWording.objects.count() == before == 8
    assert {(row.purpose, row.channel) for row in ConsentWording.objects.all()} == {
        ("newsletter", "email"),
        ("nurturing", "email"),
        ("sales", "phone"),
        ("tracking", "email"),
    }


def test_rewording_makes_a_version_and_leaves_the_old_words(client: Client) -> None:
    old = ConsentWording.objects.get(code="newsletter", language="fr")
    assert client.post(f"/capture/consents/{old.pk}/", NEWSLETTER | {"text": TEXT}).status_code == 302
    newest = newest_wordings().get(code="newsletter", language="fr")
    assert (newest.version, newest.text) == (2, TEXT)
    old.refresh_from_db()
    assert old.text != TEXT
    client.post(f"/capture/consents/{newest.pk}/", NEWSLETTER | {"text": TEXT})
    assert newest_wordings().get(code="newsletter", language="fr").version == 2


def test_no_version_is_ever_edited() -> None:
    with pytest.raises(InternalError):
        ConsentWording.objects.update(text="autre chose")


@pytest.mark.parametrize(
    "text",
    [
        "Oui à tout.",
        "La newsletter de {controller} et ses appels téléphoniques, à tout moment.",
        "La newsletter, à tout moment.",
        "x" * 601,
        "",
    ],
)
def test_words_that_are_no_valid_consent_are_refused(client: Client, text: str) -> None:
    answer = client.post("/capture/consents/new/", NEWSLETTER | {"code": "autre", "text": text})
    assert answer.status_code == 422
    assert not ConsentWording.objects.filter(code="autre").exists()


def test_a_code_never_changes_its_meaning(now: datetime, client: Client) -> None:
    with pytest.raises(OtherMeaning):
        add_version(
            code="newsletter",
            language="fr",
            purpose=Purpose.SALES,
            channel=ContactChannel.PHONE,
            text=TEXT,
            now=now,
        )


@pytest.mark.django_db(transaction=True)
def test_two_rewordings_at_once_are_two_versions(now: datetime) -> None:
    gate = threading.Barrier(2)

    def reword(text: str) -> None:
        gate.wait()
        add_version(
            code="newsletter",
            language="fr",
            purpose=Purpose.NEWSLETTER,
            channel=ContactChannel.EMAIL,
            text=text,
            now=now,
        )
        connection.close()

    threads = [threading.Thread(target=reword, args=(f"{TEXT} {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ConsentWording.objects.filter(code="newsletter", language="fr").order_by("version")
    assert [row.version for row in found] == [1, 2, 3]
    assert len({row.text for row in found}) == 3
