"""What the database itself keeps true: history, constraints, running counts, indexes."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from funnel import actions
from funnel.actions.passages import Step, pass_on
from funnel.models import ChecklistItem, Offer, Passage, Reason, Rep, StageTally, Standing
from funnel.queries import stage_counts
from funnel.refusals import Refused
from funnel.shipped import REASONS, add_shipped
from funnel.stages import POSITIONS, TRANSITIONS, Position, Situation, Stage, Verb
from tests.funnel.conftest import COLD, HOT, WARM, verdict

pytestmark = pytest.mark.django_db


def test_passages_can_be_neither_changed_nor_deleted(make_ready):
    make_ready()
    for change in (lambda: Passage.objects.update(verb="win"), lambda: Passage.objects.all().delete()):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
            change()


ILLEGAL = [
    (verb, origin)
    for verb, row in TRANSITIONS.items()
    for origin in POSITIONS
    if verb is not Verb.ENTER and origin not in row.sources
]


@pytest.mark.parametrize(
    ("verb", "origin"), ILLEGAL, ids=[f"{verb}-{at.situation or at.stage}" for verb, at in ILLEGAL]
)
def test_f49_the_one_function_that_moves_leads_refuses_what_the_table_does_not_hold(
    make_lead, make_rep, now, verb, origin
):
    standing = Standing(lead=make_lead(), since=now, stage=origin.stage, situation=origin.situation)
    standing.rep = make_rep() if origin.stage in (Stage.SAL, Stage.SQL) else None
    standing.wake_on = now.date() if origin.stage == Stage.RECYCLED else None
    standing.save(force_insert=True)
    target = next(iter(TRANSITIONS[verb].targets))
    with pytest.raises(Refused) as refused:
        pass_on([Step(standing, verb, target, now)])
    assert refused.value.code == TRANSITIONS[verb].refusal
    assert not Passage.objects.exists()
    assert Standing.objects.get(lead=standing.lead).position == origin


def test_one_illegal_passage_stops_the_whole_batch(make_ready, now):
    one, other = make_ready(), make_ready()
    steps = [
        Step(one, Verb.OFFER, Position(Stage.MQL, Situation.OFFERED), now),
        Step(other, Verb.QUALIFY, Position(Stage.SQL), now),
    ]
    with pytest.raises(Refused):
        pass_on(steps)
    assert not Passage.objects.filter(verb="offer").exists()


def test_the_history_has_no_gap(make_rep, make_sql, make_user, now):
    make_rep()
    standing = make_sql()
    actions.lose(lead=standing.lead, by=standing.rep.user, now=now, reason="no_need")
    actions.reopen(lead=standing.lead, by=make_user("marketer"), now=now, reason="mistake")
    actions.place({standing.lead_id: verdict(standing.lead, HOT)}, now=now + timedelta(days=1))
    rows = list(Passage.objects.filter(lead=standing.lead).order_by("id"))
    assert all(
        (before.to_stage, before.to_situation) == (after.from_stage, after.from_situation)
        for before, after in pairwise(rows)
    )
    standing.refresh_from_db()
    assert (rows[-1].to_stage, rows[-1].to_situation) == (standing.stage, standing.situation)
    assert [row.cycle for row in rows] == [1, 1, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    "values",
    [
        {"stage": "mql", "situation": ""},
        {"stage": "lead", "situation": "ready"},
        {"stage": "sal", "situation": ""},
        {"stage": "recycled", "situation": ""},
        {"stage": "winner", "situation": ""},
        {"stage": "lead", "situation": "", "cycle": 0},
    ],
)
def test_f49_the_database_refuses_a_standing_that_cannot_be(make_lead, now, values):
    with pytest.raises(IntegrityError):
        Standing.objects.create(lead=make_lead(), since=now, **values)


def test_one_open_offer_a_lead(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    with pytest.raises(IntegrityError, match="one_open_offer"):
        Offer.objects.create(
            lead=offer.lead, rep=make_rep(), cycle=1, offered_at=now, deadline=now + timedelta(days=1)
        )


def test_b59_a_desk_without_weight_or_with_negative_places_is_refused(make_rep):
    for values in ({"weight": 0}, {"places": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_rep(**values)


def counted():
    rows = Standing.objects.values_list("stage", "situation")
    return Counter(rows)


def test_running_counts_are_the_counts(make_rep, make_sal, make_ready, make_lead, now):
    make_rep(places=2)
    standing = make_sal()
    leads = [make_lead() for _ in range(5)]
    for says in (HOT, COLD, WARM):
        actions.place({lead.pk: verdict(lead, says) for lead in leads}, now=now)
    actions.disqualify(lead=standing.lead, by=standing.rep.user, now=now, reason="spam")
    make_ready()
    counts = stage_counts()
    assert counts.stages == {
        stage: sum(n for (s, _), n in counted().items() if s == stage) for stage in Stage
    }
    assert counts.situations["ready"] == counted()["mql", "ready"]
    assert counts.total == Standing.objects.count()


def test_folding_changes_no_count_and_leaves_one_row_each(make_lead, now):
    leads = [make_lead() for _ in range(5)]
    for lead in leads:
        actions.place({lead.pk: verdict(lead, WARM)}, now=now)
    before = stage_counts()
    actions.fold_counts()
    assert stage_counts() == before
    assert StageTally.objects.count() == 1


def plan_of(queryset):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        return queryset.explain()


def test_the_top_of_a_stage_comes_from_one_index(make_ready):
    make_ready()
    top = Standing.objects.filter(stage="mql").order_by("-priority", "lead_id")[:50]
    plan = plan_of(top)
    assert "standing_top" in plan
    assert "Sort" not in plan


def test_the_waiting_room_comes_from_one_index(make_ready):
    make_ready()
    queue = Standing.objects.filter(situation="ready").order_by("-priority", "ready_since", "lead_id")[:50]
    plan = plan_of(queue)
    assert "standing_waiting" in plan
    assert "Sort" not in plan


def test_shipped_reasons_and_items_are_there(db):
    assert Reason.objects.count() == len(REASONS)
    assert ChecklistItem.objects.filter(is_required=True).count() == 3
    assert all(len(Reason.objects.for_verb(verb)) <= 9 for verb in (Verb.RETURN, Verb.DISQUALIFY, Verb.LOSE))


def test_what_a_site_changed_survives_the_next_migrate(db, django_db_setup):
    Reason.objects.filter(code="spam").update(label_fr="Indésirable", is_active=False)
    add_shipped(using="default")
    spam = Reason.objects.get(code="spam")
    assert (spam.label_fr, spam.is_active) == ("Indésirable", False)


def test_reps_hours_are_checked(make_rep):
    rep = make_rep()
    rep.hours = {"0": [["18:00", "09:00"]]}
    with pytest.raises(ValidationError):
        rep.full_clean()
    assert Rep.objects.get(pk=rep.pk).calendar.hours[0]
