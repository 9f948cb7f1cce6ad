"""The badges scanned at the autumn trade show: a file, as organisers deliver it, imported with its errors."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile

from accounts.models import User
from capture.actions.imports import Options, ask_check, receive, set_mapping, set_options, work
from capture.choices import ImportState, Notice, RowState
from capture.models import Import
from demo.cast import Person
from leads.channels import Acquisition
from leads.models import Campaign

FAIR = "salon-automne"
# The third day of the autumn show (demo.story.TRADE_SHOWS), and the day after it.
SCANNED_ON, IMPORTED_ON = 318, 319
_HEADER = ("Prénom", "Nom", "E-mail", "Téléphone", "Société", "Fonction")
MAPPING = (
    "lead.first_name",
    "lead.last_name",
    "lead.email",
    "lead.phone",
    "company.name",
    "lead.job_title",
)
# What scanners deliver besides: no address, half an address, nobody.
_WRONG = (
    ("Jean", "Martel", "jean.martel@", "", "Ateliers Brume", "Acheteur"),
    ("", "", "", "", "Stand 42", ""),
    ("Lucie", "Farge", "lucie.farge", "", "", "Responsable HSE"),
)
A_MINUTE = 60.0


def badge_file(people: Sequence[Person]) -> bytes:
    """The organiser's file: semicolons, Windows' encoding, one badge twice, three that say nothing."""
    text = io.StringIO()
    rows = [_row(person) for person in people]
    csv.writer(text, delimiter=";").writerows([_HEADER, *rows, rows[0], *_WRONG])
    return text.getvalue().encode("cp1252", "replace")


def _row(person: Person) -> tuple[str, ...]:
    firm = person.firm.name if person.firm else ""
    return (person.first_name, person.last_name, person.email, person.phone, firm, person.job_title)


def bring_in(people: Sequence[Person], *, by: User, now: datetime) -> dict[int, Person]:
    """Import the file as a marketer does: read, mapped, checked, taken in; who is behind each new lead.

    Raises RuntimeError when it fails.
    """
    fair = Campaign.objects.get(code=FAIR)
    upload = ContentFile(badge_file(people), name="badges.csv")
    batch = receive(upload=upload, name="badges-salon-automne.csv", by=by, now=now)
    set_mapping(batch=batch, mapping=MAPPING, now=now)
    options = Options(
        channel=fair.channel,
        campaign=fair,
        acquisition=Acquisition.DIRECT,
        notice=Notice.DIRECT,
        notice_source="Salon de la maintenance, badges scannés sur notre stand",
    )
    set_options(batch=batch, options=options)
    ask_check(batch=batch, then_run=True)
    while work(now=now, until=time.monotonic() + A_MINUTE):
        pass
    batch.refresh_from_db()
    if batch.state != ImportState.DONE:
        raise RuntimeError(f"The badges were not taken in: {batch.state} {batch.error}")
    return _new_leads(batch, people)


def _new_leads(batch: Import, people: Sequence[Person]) -> dict[int, Person]:
    """The leads that the first rows made; the file's line 1 is its header."""
    rows = batch.rows.filter(state=RowState.NEW).exclude(lead=None).values_list("line", "lead_id")
    return {lead_id: people[line - 2] for line, lead_id in rows if line - 2 < len(people)}
