"""A freed place is filled by the best who waits, as soon as what freed it can no longer be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from funnel.actions import disqualify, fill_places
from funnel.models import Offer, Rep, Standing
from funnel.service_levels import UNDO_IN_PAGE
from leads.actions.agenda import wake
from pipeline.run import run_until_idle
from scoring.actions import load_template

pytestmark = pytest.mark.django_db


def open_offers() -> set[int]:
    return set(Offer.objects.open().values_list("lead_id", flat=True))


def test_a_freed_place_goes_to_the_best_who_waits_after_the_undo_window(
    make_sal: Callable[..., Standing],
    make_ready: Callable[..., Standing],
    make_rep: Callable[..., Rep],
    now: datetime,
) -> None:
    make_rep(places=1)
    worked = make_sal()
    lesser, best = make_ready(priority=50), make_ready(priority=200)
    assert fill_places(now=now) == []

    assert worked.rep
    disqualify(lead=worked.lead, by=worked.rep.user, reason="out_of_target", now=now)
    fill_places(now=now + UNDO_IN_PAGE / 2)
    assert open_offers() == set()

    fill_places(now=now + UNDO_IN_PAGE + timedelta(seconds=1))
    assert open_offers() == {best.lead_id}
    assert Standing.objects.get(pk=lesser.pk).situation == "ready"


def test_the_agenda_itself_brings_it_about(
    make_sal: Callable[..., Standing],
    make_ready: Callable[..., Standing],
    make_rep: Callable[..., Rep],
    now: datetime,
) -> None:
    """Nothing but the decision wakes the pipeline, and its hour is the end of the undo window."""
    load_template("b2b_services", by=None, now=now)
    make_rep(places=1)
    worked, waiting = make_sal(), make_ready()
    run_until_idle(now=now)
    Standing.objects.filter(pk=waiting.pk).update(stage="mql", situation="ready", ready_since=now)
    assert worked.rep
    disqualify(lead=worked.lead, by=worked.rep.user, reason="out_of_target", now=now)
    run_until_idle(now=now + UNDO_IN_PAGE / 2)
    assert open_offers() == set()
    run_until_idle(now=now + UNDO_IN_PAGE + timedelta(seconds=1))
    assert open_offers() == {waiting.lead_id}


def test_everybody_full_means_that_leads_wait(
    make_ready: Callable[..., Standing], make_rep: Callable[..., Rep], now: datetime
) -> None:
    make_rep(places=0)
    waiting = [make_ready() for _ in range(3)]
    wake([one.lead_id for one in waiting])
    assert fill_places(now=now) == []
    assert Standing.objects.filter(situation="ready").count() == 3
