"""How well outcomes are foretold on Olist's real funnel, five folds, by origin and landing page.

The floor is logistic regression on plain one-hot columns over the same folds. FILE=… names the folder with
the two files; without them this says so, and measures nothing.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from io import StringIO
from pathlib import Path

from benchmarks.harness import report, say, timed

REACH = {"auc": ">= 0.68", "ece": "<= 0.03"}
LEADS, DEALS = "olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"
Rows = list[tuple[str, str, bool]]


def main() -> None:
    """Assess, compare with the floor, report."""
    folder = _folder()
    if not (folder / DEALS).exists():
        say(f"Nothing measured: the Olist files are not in {folder}; FILE=… names their folder.")
        return
    rows = _rows(folder)
    with timed("assess_scoring") as seconds:
        found = assess(rows)
    model = found["logistic_regression"]
    report(
        "assess_scoring",
        {
            **model,
            **{f"challenger_{name}": value for name, value in found["gradient_boosting"].items()},
            "floor_auc": round(floor(rows), 4),
            "rows": len(rows),
            "seconds": round(seconds[0], 1),
        },
        REACH,
    )


def _folder() -> Path:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    beside = Path(__file__).parents[2] / "shared" / "data" / "olist"
    return Path(given.get("FILE") or os.environ.get("OLIST_DIR") or beside)


def _rows(folder: Path) -> Rows:
    with (folder / DEALS).open() as file:
        won = {row["mql_id"] for row in csv.DictReader(file)}
    with (folder / LEADS).open() as file:
        return [(row["origin"], row["landing_page_id"], row["mql_id"] in won) for row in csv.DictReader(file)]


def assess(rows: Rows) -> dict[str, dict[str, float]]:
    """The command, on a file of these rows."""
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    out = StringIO()
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        csv.writer(file).writerows([("origin", "landing_page", "won"), *((o, p, int(w)) for o, p, w in rows)])
        file.flush()
        call_command("assess_scoring", file.name, target="won", json=True, stdout=out)
    models: dict[str, dict[str, float]] = json.loads(out.getvalue())["models"]
    return models


def floor(rows: Rows) -> float:
    """The mean AUC of plain one-hot logistic regression over the same five folds."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = np.array([row[:2] for row in rows], dtype=object)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    truth = np.array([row[2] for row in rows])
    return float(cross_val_score(model, columns, truth, cv=folds, scoring="roc_auc").mean())


if __name__ == "__main__":
    main()
