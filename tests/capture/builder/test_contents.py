"""The content library: kinds told by content, nothing deleted, readers counted by what they became."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from capture.file_kinds import PDF, kind_of, safe_name
from capture.models import Form
from capture.queries.contents import Performance, performances
from funnel.models import Passage
from leads.actions.events import record_event
from leads.models import Content, Lead

pytestmark = pytest.mark.django_db
FIELDS = {"title": "Le guide", "type": "guide", "band": "tofu", "language": "fr", "is_active": "on"}


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Path) -> None:
    """Files of a test lie in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path


def packed(*names: str) -> bytes:
    """A ZIP with files of these names."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return whole.getvalue()


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x18ftypmp42", "mp4"),
        (packed("[Content_Types].xml", "word/document.xml"), "docx"),
        (packed("mimetype", "META-INF/container.xml"), "epub"),
    ],
)
def test_a_file_is_what_it_holds(content: bytes, extension: str) -> None:
    kind = kind_of(io.BytesIO(content))
    assert kind is not None
    assert kind.extensions[0] == extension


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00",
        b"#!/bin/sh",
        b"PK\x03\x04 broken",
        packed("a.exe"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    ],
    ids=["empty", "html", "svg", "exe", "script", "broken-zip", "zip", "macros"],
)
def test_b37_whatever_could_run_is_not_handed_out(client: Client, content: bytes) -> None:
    file = SimpleUploadedFile("guide.pdf", content, "application/pdf")
    answer = client.post("/capture/content/new/", FIELDS | {"upload": file})
    assert answer.status_code == 422
    assert not Content.objects.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("guide.pdf", "guide.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\guide.PDF", "guide.pdf"),
        ("guide.pdf.exe", "guide.pdf.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a _Set-Cookie_ x_1.pdf"),
        ("\u202egnp.pdf", "gnp.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_b27_names_are_given_out_without_a_path_or_a_trick(name: str, safe: str) -> None:
    found = safe_name(name, PDF)
    assert len(found) <= 120
    assert not set(found) & set('/\\\r\n\0"<>\u202e')
    assert found.endswith(".pdf")


def test_a_file_is_kept_under_a_name_of_our_own(client: Client, tmp_path: Path) -> None:
    file = SimpleUploadedFile("../Le guide.pdf", b"%PDF-1.7 guide", "text/html")
    assert client.post("/capture/content/new/", FIELDS | {"upload": file}).status_code == 302
    piece = Content.objects.get()
    assert (piece.code, piece.file_name, piece.file_size) == ("le-guide", "Le guide.pdf", 14)
    assert "guide" not in piece.file.name
    assert (tmp_path / piece.file.name).read_bytes() == b"%PDF-1.7 guide"


@pytest.mark.django_db(transaction=True)
def test_a_new_file_takes_the_place_of_the_old_one(client: Client, tmp_path: Path) -> None:
    for content in (b"%PDF-1 old", b"%PDF-1 new"):
        url = "/capture/content/le-guide/" if Content.objects.exists() else "/capture/content/new/"
        client.post(url, FIELDS | {"upload": SimpleUploadedFile("g.pdf", content)})
    assert [path.read_bytes() for path in tmp_path.rglob("*.pdf")] == [b"%PDF-1 new"]


def test_a_file_that_is_too_large_is_refused_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capture.editors.content.LARGEST_BYTES", 10)
    file = SimpleUploadedFile("g.pdf", b"%PDF-1.7 more than ten")
    answer = client.post("/capture/content/new/", FIELDS | {"upload": file})
    assert answer.status_code == 422
    assert "50 Mo" in answer.content.decode()


@pytest.mark.parametrize(
    "bad", [{}, {"url": "javascript:alert(1)"}, {"url": "https://a.example", "topics": "x" * 99}]
)
def test_a_piece_is_a_file_or_an_address(client: Client, bad: dict[str, str]) -> None:
    assert client.post("/capture/content/new/", FIELDS | bad).status_code == 422
    assert not Content.objects.exists()


def test_b71_a_piece_goes_out_of_use_and_its_forms_say_so(
    client: Client, make_form: Callable[..., Form], now: datetime
) -> None:
    piece = Content.objects.create(
        code="p", title="P", type="guide", band="tofu", url="https://a.example", created_at=now
    )
    form = make_form(content=piece)
    client.post(
        "/capture/content/p/",
        {key: value for key, value in FIELDS.items() if key != "is_active"} | {"url": piece.url},
    )
    piece.refresh_from_db()
    assert piece.is_active is False
    assert "hors service" in client.get(f"/capture/forms/{form.slug}/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_library_costs_the_same_whatever_its_length(
    client: Client, django_assert_num_queries: Callable[..., object], count: int, now: datetime
) -> None:
    for number in range(count):
        Content.objects.create(code=f"p{number}", title="P", type="guide", band="tofu", created_at=now)
    with django_assert_num_queries(5):  # type: ignore[attr-defined]  # session, user, words, rows, figures
        assert client.get("/capture/content/").status_code == 200


def test_readers_are_counted_by_what_they_became_within_90_days(
    make_lead: Callable[..., Lead], now: datetime
) -> None:
    piece = Content.objects.create(code="p", title="P", type="guide", band="tofu", created_at=now)
    other = Content.objects.create(code="o", title="O", type="guide", band="tofu", created_at=now)
    leads = [make_lead() for _ in range(4)]
    read = now - timedelta(days=200)
    for lead in leads:
        for again in range(2):
            record_event(
                lead_id=lead.pk,
                kind="content_downloaded",
                occurred_at=read + timedelta(days=again),
                now=now,
                content_id=piece.pk,
            )

    def rise(lead: Lead, stage: str, days: int, before: str = "lead") -> None:
        at = read + timedelta(days=days)
        Passage.objects.create(lead=lead, verb="mql", from_stage=before, to_stage=stage, at=at, cycle=1)

    rise(leads[0], "mql", 10)
    rise(leads[0], "sql", 20, "sal")
    rise(leads[0], "customer", 89, "sql")
    rise(leads[1], "mql", 91)
    rise(leads[2], "mql", -1)
    rise(leads[3], "mql", 5)
    rise(leads[3], "mql", 6)
    assert performances([piece, other], now=now) == {
        piece.pk: Performance(uses=8, readers=4, mql=2, sql=1, won=1)
    }
