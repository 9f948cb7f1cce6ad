"""Imports through the API: a file in, its state, its rejects; nothing for keys that may not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from capture.actions.imports import work
from capture.models import Import
from leads.models import Lead
from tests.api_fixtures import problem

PATH = "/api/v1/imports/"
TEXT = "Prénom;Email\nÉlodie;e@usine.fr\nX;nope\n"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("capture.api.imports.nudge_imports", lambda: None)


def post(key: str, text: str = TEXT, **values: str) -> Any:
    file = SimpleUploadedFile("leads.csv", text.encode(), "text/csv")
    sent = {"channel": "partner", "notice": "informed"} | values
    return Client().post(PATH, {"file": file, **sent}, headers={"Authorization": f"Bearer {key}"})


def get(key: str, path: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {key}"})


def test_a_file_is_taken_in_and_its_rejects_handed_out(secret: str) -> None:
    answer = post(secret)
    assert answer.status_code == 202, answer.content
    told = json.loads(answer.content)
    assert told["mapping"] == ["lead.first_name", "lead.email"]
    while work(now=timezone.now(), until=time.monotonic() + 30):
        pass
    state = json.loads(get(secret, f"{PATH}{told['id']}/").content)
    assert (state["state"], state["rows"], state["counts"]) == ("done", 2, {"new": 1, "invalid": 1})
    assert "nope" in b"".join(get(secret, f"{PATH}{told['id']}/rejects")).decode("utf-8-sig")
    assert Lead.objects.get().channel == "partner"


def test_an_upload_that_is_sent_again_with_its_key_is_one_import(secret: str) -> None:
    def send(text: str = TEXT) -> Any:
        file = SimpleUploadedFile("leads.csv", text.encode(), "text/csv")
        return Client().post(
            PATH,
            {"file": file, "channel": "partner", "notice": "informed"},
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "salon-2026"},
        )

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (202, 202)
    assert json.loads(first.content)["id"] == json.loads(again.content)["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Import.objects.count() == 1
    problem(send(TEXT + "Y;y@usine.fr\n"), 422, "idempotency_key_reused")


def test_a_check_writes_nothing(secret: str) -> None:
    told = json.loads(post(secret, check_only="true").content)
    while work(now=timezone.now(), until=time.monotonic() + 30):
        pass
    assert json.loads(get(secret, f"{PATH}{told['id']}/").content)["state"] == "checked"
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"notice": ""}, "invalid"),
        ({"channel": ""}, "invalid"),
        ({"mapping": '["lead.first_name", "lead.first_name"]'}, "invalid"),
        ({"mapping": '{"a": 1}'}, "invalid"),
        ({"campaign": "none"}, "invalid"),
    ],
    ids=["no_notice", "no_channel", "twice", "no_list", "no_campaign"],
)
def test_what_is_missing_or_wrong_is_a_problem_and_nothing_is_kept(
    secret: str, values: dict[str, str], code: str
) -> None:
    problem(post(secret, **values), 400, code)
    assert not Import.objects.exists()


def test_b41_a_file_that_is_no_table_is_a_problem(secret: str) -> None:
    problem(post(secret, text="Email;Nom\n"), 400, "file_no_rows")


def test_a_publishable_key_may_not_import(publishable: str) -> None:
    problem(post(publishable), 403, "scope_missing")
