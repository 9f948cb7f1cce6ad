"""Recognising one lead among many: exactly (by email, phone, reference), and those that are likely the same.

Times are those of the whole call, statements and Python together, 95th percentile. One in fifty leads is a
second entry of another one, written differently.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness import own_database, report, size, timed

NOW = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
CALLS = 600
TWINS = 50  # one lead in so many is somebody's second entry
FIRST = """
    marie jean pierre camille anne louis paul jacques nathalie isabelle michel philippe sylvie catherine
    laurent nicolas julien sophie martine thomas david sandrine stephane valerie olivier celine christophe
    patrick alain caroline daniel eric aurelie emilie francois mathieu vincent alexandre elodie guillaume
    lucas lea manon chloe hugo emma ines sarah antoine maxime alice clement julie pauline romain marion
    benoit claire helene bruno
""".split()  # noqa: SIM905  # a list of words reads best as words
BEGIN = "mar ber du ro la le mo gi per ri bo du le fau gar che fra lau bri bau vi col sal mou".split()  # noqa: SIM905
MIDDLE = "ti na po be fe re ra sa lo vi ne cha mo ber lle sie ge no".split()  # noqa: SIM905
END = "n rd nt t re u er x lt z ne lle ux ot et el in aud eau ier".split()  # noqa: SIM905
COLUMNS = (
    "public_id, first_name, last_name, email, email_display, email_flags, phone, phone_raw, phone_is_valid, "
    "reference, language, time_zone, address, postcode, city, region, country, company_id, company_role, "
    "job_title, department, seniority, need, pain_point, budget_range, interests, social, custom, audience, "
    "acquisition, channel, last_channel, landing_page, search_text, created_at"
)


def main() -> None:
    """Measure, print the line."""
    leads = size("LEADS", 1_000_000)
    with own_database("identity"):
        _build(leads)
        exact, exact_median = _measured(_exact_calls(leads))
        likely, likely_median = _measured(_likely_calls(leads))
    figures = {
        "exact_ms": exact,
        "exact_median_ms": exact_median,
        "candidates_ms": likely,
        "candidates_median_ms": likely_median,
        "leads": leads,
    }
    report("identity", figures, {"exact_ms": "< 2", "candidates_ms": "< 50"})


def _build(leads: int) -> None:
    """Companies, leads with names as they are spread in life, and the keys by which they are compared."""
    from django.db import connection

    from leads.actions.duplicates import note_keys

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        cursor.execute(
            "INSERT INTO leads_company (public_id, name, domain, siren, sector, headcount, turnover, country,"
            " region, postcode, custom, search_text, created_at)"
            " SELECT gen_random_uuid(), 'Usine ' || n, 'usine-' || n || '.fr', '', '', '', '', '', '', '',"
            " '{}', '', now() FROM generate_series(1, %s) AS n",
            [max(1, leads // 20)],
        )
        with timed(f"{leads:,} leads"), connection.wrap_database_errors:
            cursor.copy_expert(f"COPY leads_lead ({COLUMNS}) FROM STDIN", _Lines(_rows(leads)))
        with timed("keys"):
            for start in range(1, leads + 1, 5_000):
                note_keys(range(start, min(start + 5_000, leads + 1)))
        with timed("vacuum"):
            cursor.execute("VACUUM ANALYZE")


def _rows(leads: int) -> Iterator[str]:
    """Lines of COPY; every fiftieth lead is an earlier one with a tag, another address or no accent."""
    dice = random.Random(7)
    companies = max(1, leads // 20)
    earlier: list[tuple[str, str, str]] = []
    for number in range(1, leads + 1):
        if number % TWINS == 0 and earlier:
            first, last, phone = dice.choice(earlier)
        else:
            first, last = FIRST[int(dice.random() ** 2 * len(FIRST))], _surname(dice)
            phone = f"+336{number:08d}"
        if len(earlier) < 10_000:
            earlier.append((first, last, phone))
        company = dice.randint(1, companies) if dice.random() < 0.6 else None
        domain = f"usine-{company}.fr" if company else "gmail.com"
        email = f"{first}.{last}{number}@{domain}"
        phone = phone if dice.random() < 0.5 else "\\N"
        yield "\t".join(
            (
                f"00000000-0000-4000-8000-{number:012d}", first.title(), last.title(), email, email, "{}",
                phone, "", "t", f"crm-{number}", "fr", "", "", f"{dice.randint(1, 95):02d}000", "", "", "FR",
                str(company or "\\N"), "", "", "", "", "", "", "", "{}", "{}", "{}", "b2b", "indirect", "",
                "", "", f"{first} {last} {email}", NOW.isoformat(),
            )
        ) + "\n"  # fmt: skip


def _surname(dice: random.Random) -> str:
    """Some names are everywhere, most are rare."""
    parts = (BEGIN, MIDDLE, MIDDLE, END)
    return "".join(one[int(dice.random() ** 1.5 * len(one))] for one in parts)


class _Lines(io.TextIOBase):
    """Lines as a file that COPY reads from."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, _size: int | None = -1) -> str:
        """Some hundred lines at once."""
        return "".join(line for _count, line in zip(range(500), self._lines, strict=False))


def _exact_calls(leads: int) -> Iterator[Callable[[], object]]:
    """By email, by reference, by phone, in turn."""
    from leads.actions.people import Identity, recognise
    from leads.choices import Origin
    from leads.models import Lead
    from leads.normalise import normalise_email, normalise_phone

    dice = random.Random(11)
    for turn in range(CALLS):
        lead = Lead.objects.get(pk=dice.randint(1, leads))
        identity = (
            Identity(email=normalise_email(lead.email or "")),
            Identity(reference=lead.reference),
            Identity(phone=normalise_phone(lead.phone)) if lead.phone else Identity(reference=lead.reference),
        )[turn % 3]

        def call(identity: Identity = identity) -> object:
            return recognise(identity=identity, profile={}, origin=Origin.API, now=NOW)

        yield call


def _likely_calls(leads: int) -> Iterator[Callable[[], object]]:
    """All that is done for one lead that changed: keys, pairs, scores, candidates written down."""
    from leads.actions.duplicates import look_for_duplicates

    dice = random.Random(13)
    for _ in range(CALLS):
        number = dice.randint(1, leads)

        def call(number: int = number) -> object:
            return look_for_duplicates([number], now=NOW)

        yield call


def _measured(calls: Iterator[Callable[[], Any]]) -> tuple[float, float]:
    """Milliseconds of a call: the 95th percentile and the median; the first tenth only warms up."""
    taken = []
    for call in calls:
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    measured = sorted(taken[CALLS // 10 :])
    return round(measured[int(len(measured) * 0.95)], 3), round(measured[len(measured) // 2], 3)


if __name__ == "__main__":
    main()
