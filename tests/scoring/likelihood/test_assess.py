"""``manage.py assess_scoring``: honest figures and honest suspicions, on files as they come."""

from __future__ import annotations

import csv
import json
import random
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from scoring.likelihood.table import read_table
from tests.scoring.likelihood.files import crm_rows, written

MEASURES = {"auc", "average_precision", "brier", "ece"}


def _assess(path: Path, target: str = "Converted", **options: object) -> dict:
    out = StringIO()
    call_command("assess_scoring", str(path), target=target, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_what_was_filled_in_after_is_suspected_and_without_it_the_figures_are_sober(tmp_path: Path) -> None:
    path = written(tmp_path, crm_rows(1500), delimiter=";", encoding="cp1252")
    found = _assess(path)
    assert found["suspected_leakage"] == ["Tags", "Contract date"]
    assert found["models"]["logistic_regression"]["auc"] > 0.97
    sober = _assess(path, drop="Tags,Contract date")
    assert set(sober) == {"models", "suspected_leakage"}
    assert sober["suspected_leakage"] == []
    for model in sober["models"].values():
        assert set(model) == MEASURES
        assert 0.75 < model["auc"] < 0.87  # what made the table allows 0.83
        assert model["ece"] < 0.06


def test_nothing_is_learned_from_luck(tmp_path: Path) -> None:
    """Hundreds of words that mean nothing: encodings that saw the outcome would find 0.6 and more."""
    luck = random.Random(4)
    rows = [
        {"town": f"t{luck.randrange(300)}", "page": f"p{luck.randrange(300)}", "won": str(luck.randrange(2))}
        for _ in range(1000)
    ]
    found = _assess(written(tmp_path, rows), "won")
    for model in found["models"].values():
        assert 0.42 < model["auc"] < 0.58
        assert model["ece"] < 0.08
    assert found["suspected_leakage"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_any_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [{"Société": "Métal, Bois & Cie", "Montant": "1 234,5 €", "Gagné": "oui"}] * 40
    table = read_table(written(tmp_path, rows, delimiter=delimiter, encoding=encoding))
    assert list(table.columns) == ["Société", "Montant", "Gagné"]
    assert table.columns["Société"][0] == "Métal, Bois & Cie"


def test_a_broken_header_and_rows_of_other_lengths_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("a,a,,won\n1,2,3,yes\n1,2\n\n1,2,3,no,5\n")
    table = read_table(path)
    assert list(table.columns) == ["a", "a (2)", "column 3", "won"]
    assert table.columns["won"] == ["yes", None, "no"]


@pytest.mark.parametrize(
    ("text", "target", "says"),
    [
        ("", "won", "no rows"),
        ("a,won\n", "won", "no rows"),
        ("won\nyes\nno\n", "won", "single column"),
        ("a,b\n1,2\n", "won", "no column “won”"),
        ("a,won\n" + "1,yes\n" * 50, "won", "say the same"),
        ("a,won\n" + "1,\n" * 50, "won", "Nothing is filled in"),
        ("a,won\n" + "1,yes\n2,no\n" * 4, "won", "Only 4 rows"),
        ("a,won\n" + "1,yes\n1,no\n" * 40, "won", "No column is left"),
        ("a,won\n" + "1,3.5\n2,8\n3,9\n" * 40, "won", "--positive"),
    ],
    ids=[
        "empty",
        "header",
        "one_column",
        "no_target",
        "one_class",
        "no_outcome",
        "tiny",
        "constant",
        "amounts",
    ],
)
def test_what_cannot_be_assessed_is_said_in_words(tmp_path: Path, text: str, target: str, says: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    with translation.override("en"), pytest.raises(CommandError, match=says):
        _assess(path, target)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    workbook, folder = tmp_path / "leads.xlsx", tmp_path
    workbook.write_bytes(b"PK\x03\x04" + bytes(100))
    with translation.override("en"):
        with pytest.raises(CommandError, match="workbook"):
            _assess(workbook)
        with pytest.raises(CommandError, match="cannot be read"):
            _assess(folder / "missing.csv")


def test_the_table_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, crm_rows(300))
    out = StringIO()
    with translation.override("en"):
        call_command("assess_scoring", str(path), target="converted", drop="Minutes", stdout=out)
    told = out.getvalue()
    assert "300 rows" in told
    assert "Dropped: Minutes" in told
    assert "Identifiers: Prospect ID, Lead Number" in told
    assert "The same everywhere: Magazine" in told
    assert "--drop 'Tags,Contract date'" in told


def test_columns_to_drop_that_are_not_there_are_named(tmp_path: Path) -> None:
    with translation.override("en"), pytest.raises(CommandError, match="no column “Nothing”"):
        _assess(written(tmp_path, crm_rows(100)), drop="Tags,Nothing")


def test_a_name_with_a_comma_can_be_dropped(tmp_path: Path) -> None:
    rows = [row | {"Magazine, printed": "yes" if row["Converted"] == "1" else "no"} for row in crm_rows(120)]
    found = _assess(written(tmp_path, rows), drop="Tags,Magazine, printed,Contract date")
    assert found["suspected_leakage"] == []


def test_olist_by_origin_and_landing_page(olist: Path, tmp_path: Path) -> None:
    with (olist / "olist_closed_deals_dataset.csv").open() as file:
        won = {row["mql_id"] for row in csv.DictReader(file)}
    with (olist / "olist_marketing_qualified_leads_dataset.csv").open() as file:
        rows = [
            {
                "origin": row["origin"],
                "landing_page_id": row["landing_page_id"],
                "won": str(int(row["mql_id"] in won)),
            }
            for row in csv.DictReader(file)
        ]
    found = _assess(written(tmp_path, rows), "won")
    assert found["models"]["logistic_regression"]["auc"] >= 0.68
    assert found["models"]["logistic_regression"]["ece"] <= 0.03
    assert found["suspected_leakage"] == []
