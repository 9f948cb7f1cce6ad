"""Playing the demonstration's year: each day its events, its pipeline, its reps and its messages.

Everything goes through the same actions and the same pipeline as real use, with the ``now`` of that day;
messages of the past go to an archive in memory instead of a mail server. To be quick, what visitors do comes
in as one batch, after which the pipeline runs: every evening in the last fortnight, before that on three
evenings a week, and the nightly scoring pass is weekly. Sales decide every working morning.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from demo import keys, props, site, sources
from demo.cast import PEOPLE, firms, people
from demo.crowd import record
from demo.days import play_day
from demo.desk import Desk
from demo.drafting import draft_rules
from demo.fates import Manner
from demo.learned import learn
from demo.models import Loading
from demo.people import EASY_REP, MANAGER, MARKETER, STRICT_REP, hire
from demo.play import MORNING, Play, at
from demo.story import DAYS, tell
from demo.territories import settle_desks
from leads import signatures
from leads.bell import hushed
from leads.kinds import BY_CODE
from leads.models import Event, Heartbeat, Lead
from pipeline.run import run_until_idle
from scoring.actions.bulk import rescore_all
from scoring.models import Notification

SEED = 1848
FRESH = timedelta(minutes=2)
# One lead in so many comes from the file of badges; one in so many writes a second time.
SCANNED_OF, TWINS_OF = 50, 400

# The tables by which the planner goes wrong while they grow from nothing; after which days it looks again.
GROWING = (
    "leads_lead",
    "leads_event",
    "leads_company",
    "funnel_standing",
    "funnel_offer",
    "scoring_leadscore",
)
PLANNED_AFRESH = (10, 40, 120, 240, DAYS - 1)

Say = Callable[[str], object]


class CannotLoad(Exception):
    """The demonstration cannot be loaded here and now; the text says why and what to do."""


def load(*, now: datetime, seed: int = SEED, say: Say = print, leads: int = PEOPLE) -> Play:
    """Play the year before ``now`` until there are ``leads`` of them. Raises CannotLoad."""
    _require_quiet(now)
    Loading.objects.create(seed=seed, begun_at=now)
    with _in_bulk(), hushed():
        play = _begin(seed, timezone.localdate(now), leads)
        for day in range(DAYS):
            play_day(play, day)
            if day in PLANNED_AFRESH:
                _tell_planner()
            if play.date_of(day).day == 1 or day == DAYS - 1:
                say(_progress(play, day))
        _finale(play, now)
    play.events = Event.objects.count()
    Loading.objects.filter(finished_at=None).update(finished_at=timezone.now())
    return play


@contextmanager
def _in_bulk() -> Iterator[None]:
    """Spares what a loading that begins anew after any failure does not need: waiting for the disk at each
    commit, a savepoint around each action, looking for garbage all the time."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    connection.features.uses_savepoints = False
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        connection.features.uses_savepoints = True
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def _tell_planner() -> None:
    """The tables grow faster than PostgreSQL looks at them by itself."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(GROWING)}")


def _require_quiet(now: datetime) -> None:
    """Workers would conclude with today's clock while the past is being played."""
    if settings.PRODUCTION:
        raise CannotLoad("The demonstration is never loaded in production.")
    if Heartbeat.objects.filter(at__gt=now - FRESH).exists():
        raise CannotLoad("A worker is running on this database: stop it first.")
    if Lead.objects.exists():
        raise CannotLoad("This database holds leads already. Begin with an empty one, or with --reset.")


@transaction.atomic
def _begin(seed: int, today: date, leads: int) -> Play:
    """The stage and everybody in it, a year ago."""
    scanned, twins = max(2, leads // SCANNED_OF), max(2, leads // TWINS_OF)
    # One of those who write twice is joined with the first self in the end.
    coming = leads - scanned - (twins - 1)
    cast = people(seed, firms(seed))[: coming + scanned]
    users = hire()
    marketer, begin = users[MARKETER.code], at(today - timedelta(days=DAYS + 1), MORNING)
    contents = props.set_up(now=begin)
    site.define_fields(now=begin)
    site.track(keys.make(), now=begin)
    site.tell_others(by=marketer, now=begin)
    campaigns = sources.set_up(today=today, by=marketer, now=begin)
    story = tell(seed, cast[:coming], today)
    play = Play(seed, today, cast, story, contents, marketer, campaigns, cast[coming:], twins)
    _intern(play)
    play.desks = [
        Desk(users[STRICT_REP.code], seed, Manner.STRICT, play.people),
        Desk(users[EASY_REP.code], seed, Manner.EASY, play.people),
        Desk(users[MANAGER.code], seed, Manner.LAST_RESORT, play.people),
    ]
    return play


def _intern(play: Play) -> None:
    """Name all shapes of events at once, so that the rules are not compiled again for each new one."""
    questions = signatures.predicates()
    acts = [act for acts in play.story.acts.values() for act in acts]
    signatures.intern(
        signatures.shape_of(
            BY_CODE[act.kind].id,
            play.contents[act.content] if act.content else None,
            act.channel,
            act.properties,
            questions,
        )
        for act in acts
    )


def _finale(play: Play, now: datetime) -> None:
    """The last hours, then one run of the pipeline with the real clock: today's offers, mail for the sink."""
    with transaction.atomic():
        acts = play.story.finale
        record(play, acts, [now - timedelta(minutes=act.minute) for act in acts], now)
        for _progress_of_pass in rescore_all(now=now):
            pass
        run_until_idle(now=now)
        learn(now)
        _read_what_is_old(now)
        settle_desks(today=play.date_of(DAYS - 1))
        draft_rules(by=User.objects.filter(role=Role.MARKETER).earliest("pk"), now=now)


def _read_what_is_old(now: datetime) -> None:
    """Nobody begins with a year of unread notifications, nor gets a mail about them."""
    old = Notification.objects.filter(at__lt=now - timedelta(days=2))
    old.update(read_at=F("at"), email=Notification.Email.NONE, email_due_at=None)


def _progress(play: Play, day: int) -> str:
    return (
        f"{play.date_of(day):%Y-%m-%d}: {len(play.people)} leads, {play.events} events, "
        f"{play.decisions} decisions of sales, {play.mails} messages"
    )
