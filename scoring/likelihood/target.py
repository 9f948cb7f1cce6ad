"""Which rows of a table came to the outcome: yes, no, or not said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.likelihood.columns import Cell, Kind, Useless, read_column

# fmt: off
YES = frozenset((
    "1", "1.0", "yes", "y", "true", "t", "oui", "o", "vrai", "won", "win", "converted", "convert",
    "conversion", "closed won", "closed-won", "closed - won", "sold", "customer", "client", "sql",
    "qualified", "success", "gagné", "gagnée", "converti", "convertie", "signé", "signed",
    "positive", "bought", "purchased", "subscribed", "accepted", "paid",
))
NO = frozenset((
    "0", "0.0", "-1", "no", "n", "false", "f", "non", "faux", "lost", "lose", "closed lost",
    "closed-lost", "closed - lost", "unconverted", "not converted", "non converti", "not won",
    "disqualified", "unqualified", "failure", "failed", "perdu", "perdue", "rejected", "refused",
    "negative", "churned",
))
# fmt: on
LEAST_EACH = 10


class TargetError(ValueError):
    """The column says nothing that can be learned; the text says why and what to do."""


def read_target(name: str, cells: Sequence[Cell], positive: str | None = None) -> npt.NDArray[np.int8]:
    """1 for the outcome, 0 for none, -1 where it is not said (such rows are left out).

    Two values of which one is known to mean yes; dates or a single value, filled in for those who came that
    far; or the value that ``positive`` names against all others. Raises TargetError.
    """
    counts = Counter(cell for cell in cells if cell is not None)
    if not counts:
        raise TargetError(_("Nothing is filled in in column “%(name)s”.") % {"name": name})
    if positive is not None:
        return _by_word(name, cells, counts, frozenset([positive.casefold().strip()]))
    if is_filled_or_not(name, cells, counts):
        return np.array([cell is not None for cell in cells], dtype=np.int8)
    yes = frozenset(text.casefold() for text in counts) & YES
    no = frozenset(text.casefold() for text in counts) & NO
    if len({text.casefold() for text in counts}) == 2 and (yes or no):
        yes = yes or frozenset(text.casefold() for text in counts) - no
    elif len(counts) > 1 and not (yes and len(counts) == len(yes) + len(no)):
        raise TargetError(_unclear(name, counts))
    return _by_word(name, cells, counts, yes)


def is_filled_or_not(name: str, cells: Sequence[Cell], counts: Counter[str]) -> bool:
    """Whether something being there tells the outcome: the date of a win, a lone "yes" among empty cells."""
    if counts.total() == len(cells):
        return False
    if len(counts) == 1:
        return next(iter(counts)).casefold() not in NO
    column = read_column(name, cells)
    return not isinstance(column, Useless) and column.kind is Kind.DATE


def _by_word(
    name: str, cells: Sequence[Cell], counts: Counter[str], yes: frozenset[str]
) -> npt.NDArray[np.int8]:
    if not any(text.casefold() in yes for text in counts) and len(yes) == 1 and len(counts) > 1:
        raise TargetError(_unclear(name, counts))
    return np.array([-1 if cell is None else cell.casefold() in yes for cell in cells], dtype=np.int8)


def _unclear(name: str, counts: Counter[str]) -> str:
    some = ", ".join(f"“{text[:40]}”" for text, _times in counts.most_common(8))
    return _(
        "Column “%(name)s” holds %(count)s different values (%(some)s …). "
        "Say which of them is the outcome looked for, with --positive VALUE."
    ) % {"name": name, "count": len(counts), "some": some}


def require_both(name: str, truth: npt.NDArray[np.int8]) -> None:
    """Raise TargetError unless there are enough rows of both outcomes for five folds."""
    yes, no = int((truth == 1).sum()), int((truth == 0).sum())
    if min(yes, no) >= LEAST_EACH:
        return
    if not min(yes, no):
        raise TargetError(
            _("All rows of column “%(name)s” say the same: there is nothing to tell apart.") % {"name": name}
        )
    raise TargetError(
        ngettext(
            "Only %(count)s row has the rarer outcome; five folds need at least %(least)s.",
            "Only %(count)s rows have the rarer outcome; five folds need at least %(least)s.",
            min(yes, no),
        )
        % {"count": min(yes, no), "least": LEAST_EACH}
    )
