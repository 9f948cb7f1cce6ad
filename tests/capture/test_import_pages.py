"""The pages of the import wizard, without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from capture.actions.imports import work
from capture.models import Import, ImportRow
from leads.models import Lead

FILE = (
    "Prénom;Nom;E-mail professionnel;Entreprise\n"
    "Élodie;<img src=x onerror=alert(1)>;e@usine.fr;Usine\n"
    "X;Y;pas une adresse;\n"
)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("capture.views.imports.nudge_imports", lambda: None)


@pytest.fixture
def browser(make_user: Callable[..., User]) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user("marketer"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(browser: Client, text: str = FILE) -> Import:
    file = SimpleUploadedFile("salon.csv", text.encode("cp1252"), "text/csv")
    answer = browser.post("/capture/imports/new/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("id")


OPTIONS = {
    "channel": "trade_show", "acquisition": "direct", "notice": "informed", "overwrite": "", "language": "fr",
    "region": "FR",
}  # fmt: skip


def labour() -> None:
    for _round in range(20):
        if not work(now=timezone.now(), until=time.monotonic() + 30):
            return


def test_the_whole_way_of_a_file(browser: Client) -> None:
    batch = send(browser)
    base = f"/capture/imports/{batch.public_id}/"
    columns = browser.get(f"{base}columns/").content.decode()
    assert '<option value="lead.first_name" selected>' in columns
    assert "<img src=x" not in columns
    mapping = {f"column-{place}": code for place, code in enumerate(batch.mapping)}
    assert browser.post(f"{base}columns/", mapping).headers["Location"] == f"{base}options/"
    assert browser.post(f"{base}options/", OPTIONS).headers["Location"] == base
    assert "hx-trigger" in browser.get(base).content.decode()
    labour()
    checked = browser.get(base).content.decode()
    assert Lead.objects.count() == 0
    assert "Together 2 rows" in checked
    assert "pas une adresse" in checked
    browser.post(f"{base}act/run/")
    browser.post(f"{base}act/run/")
    labour()
    done = browser.get(base).content.decode()
    lead = Lead.objects.get()
    assert "Take this import back" in done
    assert str(lead.public_id) in browser.get(f"{base}rows/?state=new").content.decode()
    rejects = b"".join(browser.get(f"{base}rejects.csv"))
    assert "pas une adresse" in rejects.decode("utf-8-sig")
    assert "Leads removed" in browser.get(f"{base}revert/").content.decode()
    browser.post(f"{base}act/revert/")
    labour()
    assert "The import was taken back" in browser.get(base).content.decode()
    assert not Lead.objects.exists()


def test_b41_a_file_that_cannot_be_read_is_refused_beside_its_field(browser: Client) -> None:
    answer = browser.post("/capture/imports/new/", {"file": SimpleUploadedFile("a.csv", b"Email;Nom\n")})
    assert answer.status_code == 422
    assert "only headings" in answer.content.decode()
    assert browser.post("/capture/imports/new/", {}).status_code == 422
    assert not Import.objects.exists()


def test_without_a_source_or_a_notice_nothing_goes_on(browser: Client) -> None:
    batch = send(browser)
    for left_out in ("channel", "notice"):
        answer = browser.post(
            f"/capture/imports/{batch.public_id}/options/",
            {k: v for k, v in OPTIONS.items() if k != left_out},
        )
        assert answer.status_code == 422
        assert 'class="errorlist"' in answer.content.decode()
    batch.refresh_from_db()
    assert batch.state == "uploaded"


def test_a_mapping_by_which_nobody_is_recognised_is_refused(browser: Client) -> None:
    batch = send(browser)
    answer = browser.post(
        f"/capture/imports/{batch.public_id}/columns/",
        {"column-0": "lead.first_name", "column-1": "lead.city"},
    )
    assert answer.status_code == 422
    assert "Map a column to email" in answer.content.decode()
    assert '<option value="lead.city" selected>' in answer.content.decode()


def test_a_file_read_wrongly_is_read_again_otherwise(browser: Client) -> None:
    batch = send(browser)
    answer = browser.post(
        f"/capture/imports/{batch.public_id}/columns/", {"encoding": "mac_roman", "delimiter": ","}
    )
    assert answer.status_code == 302
    batch.refresh_from_db()
    assert (batch.encoding, batch.delimiter, len(batch.header)) == ("mac_roman", ",", 1)


def test_an_upload_can_be_dropped(browser: Client) -> None:
    batch = send(browser)
    path = Path(batch.file.path)
    browser.post(f"/capture/imports/{batch.public_id}/act/drop/")
    assert not Import.objects.exists()
    assert not path.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_and_the_rows_cost_the_same_for_one_and_three(
    browser: Client, django_assert_num_queries: Any, rows: int
) -> None:
    now = timezone.now()
    for number in range(rows):
        batch = Import.objects.create(
            file_name=f"{number}.csv", file_size=1, sha256="0" * 64, created_at=now, state="done"
        )
    for line in range(rows):
        lead = Lead.objects.create(email=f"l{line}@usine.fr", created_at=now)
        ImportRow.objects.create(batch=batch, line=line, state=1, lead=lead)
    with django_assert_num_queries(3):
        browser.get("/capture/imports/")
    with django_assert_num_queries(4):
        browser.get(f"/capture/imports/{batch.public_id}/rows/")


def test_the_sample_file_is_recognised_by_itself(browser: Client) -> None:
    for language in ("fr", "en"):
        sample = browser.get("/capture/imports/sample.csv", headers={"accept-language": language}).content
        browser.post("/capture/imports/new/", {"file": SimpleUploadedFile("sample.csv", sample)})
        assert "" not in Import.objects.latest("id").mapping
