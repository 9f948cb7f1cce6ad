"""Playing the demonstration's year: each day its events, its pipeline, its reps and its messages.

Everything goes through the same actions and the same pipeline as real use, with the ``now`` of that day;
messages of the past go to an archive in memory instead of a mail server. To be quick, what visitors do comes
in as one batch, after which the pipeline runs: every evening in the last fortnight, before that on three
evenings a week, and the nightly scoring pass is weekly. Sales decide every working morning.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from demo import keys, props
from demo.cast import PEOPLE, Person, firms, people
from demo.desk import Desk
from demo.fates import Manner
from demo.mailbox import reactions
from demo.models import Loading
from demo.newcomers import arriving, subscribe, telling_more
from demo.people import EASY_REP, MANAGER, STRICT_REP, hire
from demo.story import DAYS, Act, Arrival, Story, Telling, tell
from funnel.deadlines import is_public_holiday
from leads import signatures
from leads.actions.events import new_event, record_events
from leads.actions.people_many import Encounter, recognise_many
from leads.bell import hushed
from leads.kinds import BY_CODE
from leads.models import Event, Heartbeat, Lead
from leads.models.event import Source
from nurturing.actions.newsletter import plan_issue
from nurturing.actions.send import BATCH, send_due
from nurturing.archive import ArchiveTransport
from nurturing.models import Track
from pipeline.run import run_until_idle
from scoring.actions.bulk import rescore_all

SEED = 1848
MORNING, REPS_BEGIN, EVENING = time(8, 50), time(9, 20), time(18, 40)
LAST_FORTNIGHT = DAYS - 14
# Valbrume answered by hand at first; welcome and next content were switched on in the course of the year.
AUTOMATED, AUTOMATED_SINCE = ("welcome", "next_content"), DAYS - 45
MONDAY, WEDNESDAY, SATURDAY, A_WEEK = 0, 2, 5, 7
EVENINGS = {0, 2, 4}  # of the week, on which the pipeline runs in the distant past
NEWSLETTER_SINCE = DAYS - 35
FRESH = timedelta(minutes=2)

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


@dataclass(slots=True)
class Play:
    """The running demonstration."""

    seed: int
    today: date
    cast: Sequence[Person]
    story: Story
    contents: dict[str, int]
    desks: list[Desk]
    leads: dict[int, Lead] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    archive: ArchiveTransport = field(default_factory=lambda: ArchiveTransport(keep=0))
    events: int = 0  # so far those of visitors; all there are in the end
    decisions: int = 0
    mails: int = 0
    issues: int = 0
    next_day: int = 0  # the first whose visitors have not come in yet

    def date_of(self, day: int) -> date:
        """The calendar date of a day of the story."""
        return self.today - timedelta(days=DAYS - day)

    def moment(self, day: int, minute: int) -> datetime:
        """The instant of a minute (on the clock) of a day."""
        return at(self.date_of(day), time(minute // 60, minute % 60))


def at(day: date, clock: time) -> datetime:
    """A local time as an instant."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(settings.TIME_ZONE))


def load(*, now: datetime, seed: int = SEED, say: Say = print, leads: int = PEOPLE) -> Play:
    """Play the year before ``now`` with the first ``leads`` of the cast. Raises CannotLoad."""
    _require_quiet(now)
    Loading.objects.create(seed=seed, begun_at=now)
    with _in_bulk(), hushed():
        play = _begin(seed, timezone.localdate(now), leads)
        for day in range(DAYS):
            _play_day(play, day)
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
    cast = people(seed, firms(seed))[:leads]
    users = hire()
    keys.make()
    contents = props.set_up(now=at(today - timedelta(days=DAYS + 1), MORNING))
    play = Play(seed, today, cast, tell(seed, cast, today), contents, [])
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


def _play_day(play: Play, day: int) -> None:
    """Night, morning, the reps' day, the visitors' day, evening."""
    today = play.date_of(day)
    is_recent = day >= LAST_FORTNIGHT
    if day in {0, AUTOMATED_SINCE}:
        _switch_tracks(on=day == AUTOMATED_SINCE)
    if day >= NEWSLETTER_SINCE and today.weekday() == WEDNESDAY and today.day <= A_WEEK:
        _publish_issue(play, today)
    with transaction.atomic():
        if is_recent or today.weekday() == MONDAY:
            _score_at_midnight(play, day)
        if is_recent:
            run_until_idle(now=at(today, MORNING))
    if is_recent:
        _send(play, at(today, MORNING))
    with transaction.atomic():
        if _is_working_day(today):
            play.decisions += sum(desk.work(now=at(today, REPS_BEGIN), today=today) for desk in play.desks)
        if is_recent or today.weekday() in EVENINGS:
            _visitors(play, day)
            run_until_idle(now=at(today, EVENING))
    if is_recent or today.weekday() in EVENINGS:
        _send(play, at(today, EVENING))


def _switch_tracks(*, on: bool) -> None:
    """What a marketer does in the list of tracks."""
    Track.objects.filter(code__in=AUTOMATED).update(is_active=on)


def _publish_issue(play: Play, today: date) -> None:
    """What a marketer does on the first Wednesday of a month; it leaves with the evening's mail."""
    play.issues += 1
    plan_issue(props.issue(play.issues, f"{today:%Y-%m}", play.seed), now=at(today, MORNING))


def _score_at_midnight(play: Play, day: int) -> None:
    """Time alone changes scores; only leads whose verdict changed are handed to the pipeline."""
    for _progress_of_pass in rescore_all(now=at(play.date_of(day), time(0, 5))):
        pass


def _is_working_day(today: date) -> bool:
    return today.weekday() < SATURDAY and not is_public_holiday(today)


def _visitors(play: Play, day: int) -> None:
    """Who came since the last time, what they told and did, and what they did with the mail they got."""
    days, play.next_day = range(play.next_day, day + 1), day + 1
    _meet(play, days)
    acts = [act for each in days for act in play.story.acts.get(each, ())]
    _record(play, acts, [play.moment(act.day, act.minute) for act in acts], at(play.date_of(day), EVENING))
    _read_mail(play, days)


def _meet(play: Play, days: range) -> None:
    """Who comes for the first time and who tells more, in the order of the clock."""
    forms: list[Arrival | Telling] = []
    for day in days:
        forms += [*play.story.arrivals.get(day, ()), *play.story.tellings.get(day, ())]
    # Stable: whoever comes and tells in one minute comes first.
    forms.sort(key=lambda form: (form.day, form.minute))
    encounters = [_encounter(play, form) for form in forms]
    met = recognise_many(encounters=encounters, now=at(play.date_of(days[-1]), EVENING))
    for form, one in zip(forms, met, strict=True):
        play.leads[form.person], play.people[one.lead.pk] = one.lead, play.cast[form.person]
        play.numbers[one.lead.pk] = form.person


def _encounter(play: Play, form: Arrival | Telling) -> Encounter:
    person, moment = play.cast[form.person], play.moment(form.day, form.minute)
    if isinstance(form, Arrival):
        return arriving(form, person, at=moment)
    return telling_more(form, person, at=moment)


def _record(play: Play, acts: Sequence[Act], moments: Sequence[datetime], now: datetime) -> None:
    """The events of these acts in one batch; a subscription has its consent besides."""
    record_events(
        [
            new_event(
                lead_id=play.leads[act.person].pk,
                kind_id=BY_CODE[act.kind].id,
                occurred_at=moment,
                source_id=Source.DEMO,
                event_id=f"{act.person}:{act.day}:{act.minute}:{number}",
                content_id=play.contents[act.content] if act.content else None,
                channel=act.channel,
                properties=dict(act.properties),
            )
            for number, (act, moment) in enumerate(zip(acts, moments, strict=True))
        ],
        now=now,
    )
    play.events += len(acts)
    subscribers: dict[Lead, datetime] = {}
    for act, moment in zip(acts, moments, strict=True):
        if act.kind == "newsletter_subscribed":
            subscribers.setdefault(play.leads[act.person], moment)
    subscribe(subscribers, now=now)


def _read_mail(play: Play, days: range) -> None:
    """What people did with the messages sent since the evening before these days."""
    events = reactions(
        since=at(play.date_of(days[0] - 1), EVENING),
        until=at(play.date_of(days[-1]), EVENING),
        seed=play.seed,
        day=days[-1],
        numbers=play.numbers,
    )
    record_events(events, now=at(play.date_of(days[-1] + 1), MORNING))
    play.events += len(events)


def _send(play: Play, now: datetime) -> None:
    """Hand what is due to the archive."""
    while (done := send_due(now=now, transport=play.archive)).claimed:
        play.mails += done.sent
        if done.claimed < BATCH:
            break


def _finale(play: Play, now: datetime) -> None:
    """The last hours, then one run of the pipeline with the real clock: today's offers, mail for the sink."""
    with transaction.atomic():
        acts = play.story.finale
        _record(play, acts, [now - timedelta(minutes=act.minute) for act in acts], now)
        for _progress_of_pass in rescore_all(now=now):
            pass
        run_until_idle(now=now)


def _progress(play: Play, day: int) -> str:
    return (
        f"{play.date_of(day):%Y-%m-%d}: {len(play.leads)} leads, {play.events} events, "
        f"{play.decisions} decisions of sales, {play.mails} messages"
    )
