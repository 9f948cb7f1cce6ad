"""What a column of a table holds: numbers, dates, words, text; or nothing to learn from, and why.

Tables come as people's programs write them: numbers with units, "Select" for what nobody filled in,
identifiers. A column is read by looking at its own values only, never at the outcome.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Cell = str | None

# fmt: off
NOT_FILLED = frozenset((
    "", "select", "choose", "please select", "- select -", "--select--", "choisir", "sélectionner",
    "sélectionnez", "à choisir", "na", "n/a", "n.a.", "#n/a", "#na", "#ref!", "#value!", "#div/0!",
    "nan", "null", "none", "nil", "\\n", "-", "--", "---", "–", "—", ".", "?", "??", "missing",
    "(blank)", "blank", "(empty)", "empty", "(none)", "[null]", "not available", "not specified",
    "not provided", "non renseigné", "non renseignée", "inconnu", "inconnue", "unknown",
    "undefined", "0000-00-00", "0000-00-00 00:00:00",
))
# fmt: on

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?")
_UNITS = re.compile(r"[\s\u00a0\u202f'’_]|€|\$|£|%|eur|usd", re.IGNORECASE)
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y",
    "%d-%m-%Y", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d %b %Y",
    "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%m/%d/%y", "%d/%m/%y",
)  # fmt: skip
_IDENTIFIER = re.compile(
    r"(^|[\W_])(id|ids|uuid|guid|number|num|no|nr|ref|reference|key|index|row|code|identifiant|numéro|email|e-mail|"
    r"phone|url|name|nom)($|[\W_])|(?<=[a-z])(Id|ID|Number|Key)$",
    re.IGNORECASE,
)
_MOSTLY = 0.9  # of the filled cells decide what a column is
_WORDS_OF_A_TEXT = 4


class Kind(StrEnum):
    """How a column is learned from."""

    NUMBER = "number"
    DATE = "date"
    WORD = "word"
    TEXT = "text"


class Useless(StrEnum):
    """Why nothing is learned from a column."""

    EMPTY = "empty"
    CONSTANT = "constant"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, read. ``numbers`` is NaN where there is none; ``words`` has the words, the others' too.

    A mixed column has both: numbers where they are numbers, and words for the rest ("10+", "many").
    """

    name: str
    kind: Kind
    numbers: npt.NDArray[np.float64]
    words: npt.NDArray[np.str_]
    filled: npt.NDArray[np.bool_]


def clean(cell: str) -> Cell:
    """A cell without space around it; None for what says that nobody filled it in."""
    text = " ".join(cell.split())
    return None if text.casefold() in NOT_FILLED else text


def number(text: str) -> float | None:
    """A number as people write it (1 234,56 €; 12 %; 1,234.5); None when it is none."""
    bare = _UNITS.sub("", text)
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    elif bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    if not _NUMBER.fullmatch(bare):
        return None
    value = float(bare)
    return value if abs(value) < 1e300 else None


def read_column(name: str, cells: Sequence[Cell]) -> Column | Useless:
    """What a column holds, or why there is nothing in it to learn from."""
    filled = np.array([cell is not None for cell in cells], dtype=bool)
    counts = Counter(cell for cell in cells if cell is not None)
    if not counts:
        return Useless.EMPTY
    if len(counts) == 1 and filled.all():
        return Useless.CONSTANT
    known = [*counts]
    numbers = {text: value for text in known if (value := number(text)) is not None}
    if _share(counts, numbers) >= _MOSTLY or (len(numbers) > 20 and _share(counts, numbers) >= 0.6):
        return _number_column(name, cells, filled, numbers)
    if dates := _dates(counts):
        values = np.array([dates.get(cell, np.nan) if cell else np.nan for cell in cells])
        return Column(name, Kind.DATE, values, _weekdays(values), filled)
    return _word_column(name, cells, filled, counts)


def _share(counts: Counter[str], of: Iterable[str]) -> float:
    return sum(counts[text] for text in of) / counts.total()


def _number_column(
    name: str,
    cells: Sequence[Cell],
    filled: npt.NDArray[np.bool_],
    known: dict[str, float],
) -> Column | Useless:
    values = np.array([known.get(cell, np.nan) if cell else np.nan for cell in cells])
    if _is_identifier(name, values[~np.isnan(values)]):
        return Useless.IDENTIFIER
    words = np.array([("" if cell is None or cell in known else cell.casefold()[:60]) for cell in cells])
    return Column(name, Kind.NUMBER, values, words, filled)


def _is_identifier(name: str, values: npt.NDArray[np.float64]) -> bool:
    """Whole numbers that never come twice, and count up or are called a number."""
    if len(values) < 20 or len(np.unique(values)) < 0.98 * len(values) or (values != np.floor(values)).any():
        return False
    steps = np.diff(values)
    return bool(_IDENTIFIER.search(name)) or bool((steps > 0).all() or (steps < 0).all())


def _dates(counts: Counter[str]) -> dict[str, float] | None:
    """Days since 1970 of each text, by the way of writing dates that most follow; None if they are none."""
    sample = [text for text, _ in counts.most_common(50)]
    if (
        sum(any(sign in text for sign in "-/. :,") and text[:1].isalnum() for text in sample)
        < len(sample) * _MOSTLY
    ):
        return None
    best: dict[str, float] = {}
    for form in ("", *_DATES):
        if sum(_day(text, form) is not None for text in sample) < len(sample) * _MOSTLY:
            continue
        read = {text: day for text in counts if (day := _day(text, form)) is not None}
        if _share(counts, read) >= _MOSTLY and len(read) > len(best):
            best = read
    return best or None


def _day(text: str, form: str) -> float | None:
    try:
        at = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 # set below
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at.timestamp() / 86_400
    except (ValueError, OverflowError):
        return None


def _weekdays(days: npt.NDArray[np.float64]) -> npt.NDArray[np.str_]:
    """The day of the week of each date; empty where there is none. 1970-01-01 was a Thursday."""
    return np.array(["" if np.isnan(day) else str(int(day + 3) % 7) for day in days])


def _word_column(
    name: str, cells: Sequence[Cell], filled: npt.NDArray[np.bool_], counts: Counter[str]
) -> Column | Useless:
    rows, distinct = counts.total(), len(counts)
    words_each = sum(len(text.split()) * times for text, times in counts.items()) / rows
    is_text = words_each >= _WORDS_OF_A_TEXT and distinct > 0.3 * rows and distinct > 20
    words = np.array([("" if cell is None else cell.casefold()[: 300 if is_text else 60]) for cell in cells])
    empty = np.full(len(cells), np.nan)
    if is_text:
        return Column(name, Kind.TEXT, empty, words, filled)
    if distinct > 0.9 * rows and distinct > 20:
        return Useless.IDENTIFIER
    return Column(name, Kind.WORD, empty, words, filled)
