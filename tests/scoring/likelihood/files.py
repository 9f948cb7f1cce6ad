"""Tables as people's programs write them, made from a seed.

Who converts depends on where they came from and on the minutes they spent.
"""

from __future__ import annotations

import csv
import io
import math
import random
from pathlib import Path

SOURCES = ["Google", "Direct Traffic", "Referral", "Select", "", "Newsletter"]
WEIGHTS = {
    "Referral": 2.0,
    "Newsletter": 1.0,
    "Google": 0.0,
    "Direct Traffic": -0.5,
    "Select": -1.0,
    "": -1.0,
}


def crm_rows(rows: int, seed: int = 1) -> list[dict[str, str]]:
    """An export with identifiers, "Select", mixed numbers, hundreds of towns, gaps, and later entries."""
    luck = random.Random(seed)
    found = []
    for number in range(rows):
        source, minutes = luck.choice(SOURCES), luck.gauss(10, 4)
        came = luck.random() < 1 / (1 + math.exp(1.5 - WEIGHTS[source] - (minutes - 10) / 3))
        found.append(
            {
                "Prospect ID": f"{luck.getrandbits(128):032x}",
                "Lead Number": str(900_000 - number),
                "Lead Source": source,
                "Minutes": f"{minutes:.1f}".replace(".", ","),
                "Visits": luck.choice(["", "1", "2", "7", "10+", "NA"]),
                "Town": "Select" if luck.random() < 0.6 else f"Ville {luck.randrange(250)}",
                "First contact": f"{luck.randrange(1, 28):02d}/{luck.randrange(1, 13):02d}/2025",
                "Magazine": "No",
                "Tags": luck.choice(["Will revert", "Closed"] if came else ["Ringing", "", "Busy"]),
                "Contract date": "2025-06-01" if came and luck.random() < 0.9 else "",
                "Converted": "1" if came else "0",
            }
        )
    return found


def as_csv(rows: list[dict[str, str]], *, delimiter: str = ",") -> str:
    """The rows as a file with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def written(
    folder: Path, rows: list[dict[str, str]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    """A file of these rows in ``folder``."""
    path = folder / "leads.csv"
    path.write_bytes(as_csv(rows, delimiter=delimiter).encode(encoding))
    return path
