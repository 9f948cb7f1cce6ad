"""A first look in words: the honest table, what was left out, what looks like leakage."""

from __future__ import annotations

import shlex

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.likelihood.columns import Useless
from scoring.likelihood.leakage import Sign, Suspect
from scoring.likelihood.look import Look
from scoring.likelihood.model_words import MODELS

FEW = 40  # outcomes of either kind below which the figures are mostly luck


def told(look: Look) -> str:
    """The table and what to know about it, in lines."""
    return "\n".join([*_rows(look), "", *_measures(look), *_left_out(look), *_leakage(look)])


def _rows(look: Look) -> list[str]:
    share = number_format(100 * look.outcomes / look.rows, 1)
    lines = [
        _("%(rows)s rows, %(outcomes)s with the outcome (%(share)s %%); %(columns)s columns learned from.")
        % {"rows": look.rows, "outcomes": look.outcomes, "share": share, "columns": len(look.used)}
    ]
    if look.table.rows < look.table.total:
        lines.append(
            _("A sample of %(rows)s out of %(total)s rows.")
            % {"rows": look.table.rows, "total": look.table.total}
        )
    if unsaid := look.table.rows - look.rows:
        lines.append(_("Left out, as their outcome is not filled in: %(count)s rows.") % {"count": unsaid})
    if min(look.outcomes, look.rows - look.outcomes) < FEW:
        lines.append(_("These are few: another such file may well give other figures."))
    return lines


def _measures(look: Look) -> list[str]:
    heads = [_("model"), "AUC", "±", _("average precision"), "Brier", _("calibration error")]
    lines = [
        [
            str(MODELS[name]),
            f"{honest.auc:.3f}",
            f"{honest.spread:.3f}",
            f"{honest.average_precision:.3f}",
            f"{honest.brier:.4f}",
            f"{honest.ece:.4f}",
        ]
        for name, honest in look.models.items()
    ]
    widths = [max(len(line[at]) for line in [heads, *lines]) for at in range(len(heads))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *lines]
    ]


def _left_out(look: Look) -> list[str]:
    lines = [
        f"{words}: {', '.join(names)}"
        for why, words in (
            (Useless.EMPTY, _("Empty")),
            (Useless.CONSTANT, _("The same everywhere")),
            (Useless.IDENTIFIER, _("Identifiers")),
        )
        if (names := [name for name, useless in look.useless.items() if useless is why])
    ]
    lines += [f"{_('Dropped')}: {', '.join(look.dropped)}"] if look.dropped else []
    return ["", _("Not learned from:"), *(f"  {line}" for line in lines)] if lines else []


def _leakage(look: Look) -> list[str]:
    if not look.suspects:
        return ["", _("No column looks as if it were filled in after the outcome.")]
    names = ",".join(suspect.column for suspect in look.suspects)
    return [
        "",
        _(
            "These columns look as if they were filled in after the outcome; "
            "with them the figures above are too good:"
        ),
        *(f"  {suspect.column}: {_sign(suspect)}" for suspect in look.suspects),
        _("If that is so, look again without them: --drop %(names)s") % {"names": shlex.quote(names)},
    ]


def _sign(suspect: Suspect) -> str:
    values = {
        "figure": number_format(100 * suspect.figure, 0),
        "other": number_format(100 * suspect.other, 0),
        "auc": f"{suspect.figure:.2f}",
        "word": suspect.word,
    }
    return {
        Sign.FILLED_AFTER: _(
            "filled in for %(figure)s %% of those with the outcome, for %(other)s %% of the others"
        ),
        Sign.WORD_OF_THE_OUTCOME: _("“%(word)s” came to the outcome in %(figure)s %% of its rows"),
        Sign.TOO_GOOD_ALONE: _("alone it reaches an AUC of %(auc)s"),
        Sign.NAME_OF_THE_END: _(
            "alone it reaches an AUC of %(auc)s, and its name is that of something that comes last"
        ),
    }[suspect.sign] % values
