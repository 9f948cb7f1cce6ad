"""An import recognises people and companies as ``recognise`` does, one row after the other."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as playing
from hypothesis import strategies as st

from capture.actions import imports as actions
from capture.actions.imports import Options
from capture.choices import ImportState
from leads.actions.people import Identity, recognise
from leads.choices import Origin
from leads.models import Company, CompanyDomain, Lead
from leads.normalise import normalise_email, normalise_phone

NOW = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
HEAD = ("Email", "Téléphone", "Référence", "Entreprise", "SIREN", "Site web")
TARGETS = ["lead.email", "lead.phone", "lead.reference", "company.name", "company.siren", "company.domain"]
Row = tuple[str, str, str, str, str, str]

# Few values, so that rows meet each other in every way. A row says who it is by one of the first three.
WHO = st.tuples(
    st.sampled_from(("", "a@acier.example", "A@Acier.example", "b@bois.example", "c@orange.fr")),
    st.sampled_from(("", "01 99 00 12 34", "+33 1 99 00 12 34", "01 99 00 12 35")),
    st.sampled_from(("", "crm:1", "crm:2")),
).filter(any)
WHERE = st.tuples(
    st.sampled_from(("", "Acier Dupont", "ACIER DUPONT S.A.R.L.", "l'Été", "ete (SA)", "***")),
    st.sampled_from(("", "732829320", "732 829 320 00074", "552100554")),
    st.sampled_from(("", "acier.example", "acier.com.example")),
)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def told(rows: Sequence[Row]) -> None:
    """The rows, one after the other, as any other way in would tell of them."""
    for email, phone, reference, name, siren, domain in rows:
        details = {"name": name, "siren": "".join(siren.split())[:9], "domain": domain}
        recognise(
            identity=Identity(
                normalise_email(email) if email else None, normalise_phone(phone) if phone else None,
                reference or None,
            ),
            profile={}, origin=Origin.IMPORT, company={key: text for key, text in details.items() if text},
            overwrite=False, now=NOW,
        )  # fmt: skip


def imported(rows: Sequence[Row]) -> None:
    """The rows as a file."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEAD, *rows])
    batch = actions.receive(upload=ContentFile(text.getvalue().encode()), name="a.csv", by=None, now=NOW)
    actions.set_mapping(batch=batch, mapping=TARGETS, now=NOW)
    actions.set_options(batch=batch, options=Options(channel="event", notice="informed"))
    batch.state = ImportState.CHECKED
    batch.save()
    actions.ask_run(batch=batch, now=NOW)
    actions.work(now=NOW, until=time.monotonic() + 60)
    batch.refresh_from_db()
    assert batch.state == ImportState.WAKING, batch.error
    assert sum(batch.result["counts"].values()) == len(rows)


def people() -> list[tuple[Any, ...]]:
    """Who there is, the oldest first."""
    return list(Lead.objects.order_by("pk").values_list("email", "phone", "reference"))


def workplaces() -> set[tuple[Any, ...]]:
    """Who works where."""
    return set(Lead.objects.values_list("email", "phone", "reference", "company__name", "company__domain",
                                        "company__siren"))  # fmt: skip


def stand(rows: Sequence[Row]) -> None:
    """What was there before; one company has a further domain."""
    acier = Company.objects.create(name="Aciéries", domain="acier.example", created_at=NOW)
    CompanyDomain.objects.create(company=acier, domain="acier.com.example", created_at=NOW)
    told(rows)


ROWS = st.builds(lambda who, where: (*who, *where), WHO, WHERE)
# An example takes a tenth of a second: making a failing one smaller would take minutes.
_SLOW = playing(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@pytest.mark.django_db
@_SLOW
@given(before=st.lists(ROWS, max_size=3), rows=st.lists(ROWS, min_size=1, max_size=5))
# Two colleagues with the number of somebody known by it only.
@example(
    before=[("", "01 99 00 12 34", "", "", "", "")],
    rows=[
        ("a@acier.example", "01 99 00 12 34", "", "", "", ""),
        ("b@bois.example", "01 99 00 12 34", "", "", "", ""),
    ],
)
def test_rows_of_a_file_are_the_people_whom_recognise_finds(before: list[Row], rows: list[Row]) -> None:
    bare = [(*row[:3], "", "", "") for row in rows]
    found = []
    for way in (told, imported):
        with transaction.atomic():
            stand(before)
            way(bare)
            found.append(sorted(map(repr, people())))
            transaction.set_rollback(True)
    assert found[0] == found[1]


@pytest.mark.django_db
@_SLOW
@given(before=st.lists(ROWS, max_size=3), row=ROWS)
# The address is one person's, the reference another's.
@example(
    before=[("a@acier.example", "", "", "", "", ""), ("", "01 99 00 12 34", "crm:1", "", "", "")],
    row=("a@acier.example", "", "crm:1", "", "", ""),
)
def test_a_row_leads_to_the_company_that_resolve_company_finds(before: list[Row], row: Row) -> None:
    found = []
    for way in (told, imported):
        with transaction.atomic():
            stand(before)
            way([row])
            found.append((workplaces(), Company.objects.count()))
            transaction.set_rollback(True)
    assert found[0] == found[1]
