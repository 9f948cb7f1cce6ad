"""Reading files as people's programs write them: whatever they hold, rows or a reason, never a crash."""

from __future__ import annotations

import io
import string
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.imports import values
from capture.imports.cells import Memory, plain_line
from capture.imports.headers import guess, shape_of
from capture.imports.names import split_name
from capture.imports.reading import Place, Preview, Records, Unreadable, normal_form, preview
from capture.imports.rows import Reading, Rejected, RowReader
from capture.imports.targets import by_code, catalogue
from capture.imports.workbooks import check_workbook, is_workbook, to_text
from leads.normalise import InvalidValue, clean_line, normalise_email, normalise_phone, searchable

TARGETS = by_code(catalogue([], []))
NOW = datetime(2026, 3, 12, 11, tzinfo=UTC)
READING = Reading(now=NOW, zone=ZoneInfo("Europe/Paris"))
ROWS = "Prénom;Nom;Email\r\nÉlodie;Martin;e@usine.fr\r\n"


def read(path: Path, content: bytes) -> Preview:
    path.write_bytes(content)
    return preview(path, encoding=normal_form(path))


def records_of(path: Path, found: Preview) -> list[tuple[int, list[str], str]]:
    records = Records(path, found.layout, len(found.header), Place(found.layout.start))
    told = [(record.line, record.cells, record.problem) for record in records]
    records.close()
    return told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"], ids=["semicolon", "comma", "tab", "bar"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
def test_b41_every_encoding_separator_and_line_end(
    tmp_path: Path, encoding: str, delimiter: str, end: str
) -> None:
    text = ROWS.replace(";", delimiter).replace("\r\n", end)
    found = read(tmp_path / "f", text.encode(encoding))
    assert found.header == ("Prénom", "Nom", "Email")
    assert found.samples == (("Élodie", "Martin", "e@usine.fr"),)
    assert [cells for _line, cells, _problem in records_of(tmp_path / "f", found)][1][0] == "Élodie"


def test_b41_a_quotation_mark_left_open_costs_one_row(tmp_path: Path) -> None:
    text = 'Nom;Email\nA;a@x.fr\n"B;b@x.fr\nC;c@x.fr\nD;d@x.fr\n"E\nF";e@x.fr\n'
    told = records_of(tmp_path / "f", read(tmp_path / "f", text.encode()))
    assert [(line, problem) for line, _cells, problem in told if problem] == [(3, "quote_open")]
    assert told[-1][1] == ["E\nF", "e@x.fr"]


def test_b41_a_line_of_fifty_megabytes_costs_one_row(tmp_path: Path) -> None:
    text = b"Nom;Email\nA;a@x.fr\n" + b"x" * 50_000_000 + b"\nC;c@x.fr\n"
    told = records_of(tmp_path / "f", read(tmp_path / "f", text))
    assert [(line, problem) for line, _cells, problem in told] == [
        (1, ""),
        (2, ""),
        (3, "line_too_long"),
        (4, ""),
    ]


def test_b41_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    text = 'Nom;Email\n"A\nA";a@x.fr\n\nB;b@x.fr\nÇ;c@x.fr\n'
    found = read(tmp_path / "f", text.encode("cp1252"))
    records = Records(tmp_path / "f", found.layout, 2, Place(found.layout.start))
    places = [(record.cells, records.after) for record in records]
    rest = Records(tmp_path / "f", found.layout, 2, places[1][1])
    assert [(record.line, record.cells) for record in rest] == [(4, ["B", "b@x.fr"]), (5, ["Ç", "c@x.fr"])]
    records.close()
    rest.close()


def test_b41_one_column_no_header_and_the_same_heading_twice(tmp_path: Path) -> None:
    assert read(tmp_path / "a", b"a@x.fr\nb@x.fr\n").header in {("Column 1",), ("Colonne 1",)}
    twice = read(tmp_path / "b", b"Email;Email\na@x.fr;b@x.fr\n")
    assert guess(twice.header, twice.samples, TARGETS) == ["lead.email", "lead.email_2"]
    bare = read(tmp_path / "c", b"Jean;a@x.fr;0612345678\nLuc;b@x.fr;0698765432\n")
    assert not bare.layout.has_header
    assert guess(bare.header, bare.samples, TARGETS) == ["", "lead.email", "lead.phone"]


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=3000) | st.text(alphabet=' ";,\n\r\tàé@a1\0', max_size=600).map(str.encode))
def test_b41_whatever_stands_in_a_file_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "f"
    try:
        found = read(path, content)
    except Unreadable as error:
        assert str(error)  # noqa: PT017  # most files can be read; this one need not
        return
    reader = RowReader([TARGETS["lead.email"], TARGETS["lead.first_name"]], READING)
    lines = []
    records = Records(path, found.layout, len(found.header), Place(found.layout.start))
    for record in records:
        lines.append(record.line)
        try:
            reader.read(record)
        except Rejected as rejected:
            assert rejected.text  # noqa: PT017  # as above
    records.close()
    assert lines == sorted(set(lines))
    assert records.place.offset == path.stat().st_size


def book(rows: list[list[object]]) -> bytes:
    made, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(buffer)
    return buffer.getvalue()


def test_b41_a_workbook_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(book([["Nom", "Email", "Salariés", "Le"], ["Été", "a@x.fr", 12.0, date(2026, 3, 12)]]))
    assert is_workbook(path)
    to_text(path, tmp_path / "text")
    assert preview(tmp_path / "text", encoding="utf-8").samples == (("Été", "a@x.fr", "12", "2026-03-12"),)


def test_b22_b74_a_workbook_that_is_a_bomb_or_holds_entities_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 20_000_000)
    with pytest.raises(Unreadable) as refused:
        check_workbook(bomb)
    assert refused.value.code == "workbook_too_large"
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(io.BytesIO(book([["a"], ["b"]]))) as good, zipfile.ZipFile(evil, "w") as archive:
        for entry in good.infolist():
            text = good.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                text = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + text
            archive.writestr(entry.filename, text)
    with pytest.raises(Unreadable):
        to_text(evil, tmp_path / "out")


words = st.text(max_size=40) | st.text(alphabet=string.ascii_letters + " -'éÉßœ\u200d\u202e\t", max_size=40)


@given(words)
def test_the_short_way_of_a_line_is_the_long_one(text: str) -> None:
    assert plain_line(text) == clean_line(text)


@given(st.lists(words.map(clean_line), max_size=4))
def test_the_short_way_of_a_search_text_is_the_long_one(parts: list[str]) -> None:
    assert " ".join(Memory().searched(*parts).split()) == searchable(*parts)


_LOCAL = st.text(alphabet=string.ascii_letters + string.digits + "._+-'é ", min_size=1, max_size=70)
_DOMAIN = st.sampled_from(
    [
        "gmail.com",
        "usine.fr",
        "Usine.FR",
        "yopmail.com",
        "exémple.fr",
        "localhost",
        "-a.fr",
        "a..fr",
        "a.b-",
        "[127.0.0.1]",
    ]
)


@given(st.builds(lambda local, domain: f"{local}@{domain}", _LOCAL, _DOMAIN) | st.emails() | words)
def test_b31_the_short_way_of_an_address_is_the_long_one(raw: str) -> None:
    memory = Memory()
    for _again in range(2):
        try:
            wanted = normalise_email(raw)
        except InvalidValue:
            with pytest.raises(InvalidValue):
                memory.email(raw)
        else:
            assert memory.email(raw) == wanted


@given(
    st.builds(
        lambda prefix, digits, gap: prefix + gap.join(digits[n : n + 2] for n in range(0, len(digits), 2)),
        st.sampled_from(["0", "+33", "+33 ", "0033", "", "+262", "+33 (0)"]),
        st.text(alphabet=string.digits, min_size=7, max_size=11),
        st.sampled_from(["", " ", ".", "-", "  "]),
    )
)
def test_b32_the_short_way_of_a_number_is_the_long_one(raw: str) -> None:
    assert Memory().phone(raw, "FR") == normalise_phone(raw, "FR")


def test_b32_ranges_of_french_numbers_are_told_by_five_digits() -> None:
    memory = Memory()
    for start in range(10_000, 100_000, 7):
        for rest in ("0000", "1234", "9999"):
            raw = f"+33{start}{rest}"
            assert memory.phone(raw, "FR") == normalise_phone(raw, "FR"), raw


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Jean Dupont", ("Jean", "Dupont")),
        ("DUPONT Jean", ("Jean", "DUPONT")),
        ("Mme Élodie O'Neill", ("Élodie", "O'Neill")),
        ("Jean de La Tour", ("Jean", "de La Tour")),
        ("de La Tour, Luc", ("Luc", "de La Tour")),
        ("Dupont", ("", "Dupont")),
        ("Jean-Pierre d'Ormesson", ("Jean-Pierre", "d'Ormesson")),
    ],
    ids=["plain", "capitals", "title", "particle", "comma", "single", "elision"],
)
def test_full_names_are_split_as_the_french_write_them(full: str, parts: tuple[str, str]) -> None:
    assert split_name(full) == parts


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("E-mail professionnel", "lead.email"), ("Courriel", "lead.email"), ("Work email", "lead.email"),
        ("Nom complet", "lead.full_name"), ("Raison sociale", "company.name"), ("Tél. mobile", "lead.phone"),
        ("SOCIÉTÉ", "company.name"), ("Code postal", "lead.postcode"), ("CP", "lead.postcode"),
        ("N° SIRET", "company.siren"), ("Secteur d'activité", "company.sector"),
        ("Job Title", "lead.job_title"),
    ],
    ids=lambda value: None,
)  # fmt: skip
def test_headings_are_recognised_in_both_languages(heading: str, target: str) -> None:
    assert guess([heading], [], TARGETS) == [target]


def test_files_of_one_shape_are_told_by_their_headings() -> None:
    assert shape_of(["Prénom", "E-mail"]) == shape_of([" prenom ", "E mail"])
    assert shape_of(["a", "b"]) != shape_of(["b", "a"])


def test_b72_dates_months_amounts_and_sizes() -> None:
    zone = ZoneInfo("Europe/Paris")
    assert (
        values.moment("12/03/2025", language="fr", zone=zone, now=NOW).isoformat()
        == "2025-03-12T12:00:00+01:00"
    )
    assert values.moment("2018-02-26 19:58:54", language="fr", zone=zone, now=NOW).hour == 19
    assert values.month("juin 2026", language="fr").isoformat() == "2026-06-01"
    assert str(values.amount("1 234,56 €", language="fr")) == "1234.56"
    assert values.choice("headcount", {}, "120") == "50_249"
    with pytest.raises(InvalidValue):
        values.moment("31/02/2025", language="fr", zone=zone, now=NOW)
    with pytest.raises(InvalidValue):
        values.moment("2030-01-01", language="fr", zone=zone, now=NOW)


def test_a_real_messy_file_is_mapped(olist: Path) -> None:
    found = preview(olist / "olist_marketing_qualified_leads_dataset.csv", encoding="utf-8")
    assert guess(found.header, found.samples, TARGETS) == [
        "lead.reference", "lead.created_at", "lead.landing_page", "lead.channel",
    ]  # fmt: skip
