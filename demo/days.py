"""One day of the demonstration: night, morning, what marketing and sales do, visitors, evening."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction

from capture.models import Form
from demo import badges, doubles, props, site
from demo.crowd import visit
from demo.paperwork import FORMS_SINCE, Mail
from demo.play import EVENING, MORNING, REPS_BEGIN, Play, at
from demo.story import DAYS
from funnel.deadlines import is_public_holiday
from nurturing.actions.newsletter import plan_issue
from nurturing.actions.notices import send_notices
from nurturing.actions.send import BATCH, send_due
from nurturing.models import Track
from pipeline.run import run_until_idle
from scoring.actions.bulk import rescore_all

LAST_FORTNIGHT = DAYS - 14
# Valbrume answered by hand at first; welcome and next content were switched on in the course of the year.
AUTOMATED, AUTOMATED_SINCE = ("welcome", "next_content"), DAYS - 45
MONDAY, WEDNESDAY, SATURDAY, A_WEEK = 0, 2, 5, 7
EVENINGS = {0, 2, 4}  # of the week, on which the pipeline runs in the distant past
NEWSLETTER_SINCE = DAYS - 35


def play_day(play: Play, day: int) -> None:
    """Night, morning, the reps' day, the visitors' day, evening."""
    today = play.date_of(day)
    is_recent = day >= LAST_FORTNIGHT
    if day in {0, AUTOMATED_SINCE}:
        _switch_tracks(on=day == AUTOMATED_SINCE)
    _work_of_marketing(play, day)
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
            visit(play, day)
            run_until_idle(now=at(today, EVENING))
    if is_recent or today.weekday() in EVENINGS:
        _send(play, at(today, EVENING))


def _work_of_marketing(play: Play, day: int) -> None:
    """The forms go live; the badges of the show are imported; likely duplicates turn up."""
    morning = at(play.date_of(day), MORNING)
    if day == FORMS_SINCE:
        play.mail = Mail(site.open_forms(by=play.marketer, now=morning), play.seed)
    if day == badges.IMPORTED_ON:
        play.know(badges.bring_in(play.scanned, by=play.marketer, now=morning))
    if day == doubles.WRITE_AGAIN_ON and play.mail:
        _write_again(play, play.mail.forms["contact"], morning)


def _write_again(play: Play, form: Form, now: datetime) -> None:
    """Some who came lately write once more, under another address; one of them is found out at once."""
    lately = [number for number in play.leads if play.cast[number].firm and play.cast[number].email]
    chosen = [play.cast[number] for number in lately[-play.twins :]]
    made = doubles.write_again(chosen, form, seed=play.seed, at=now)
    play.know(made)
    first, found_out = play.leads[chosen[0].number], next(iter(made))
    doubles.tidy_up(first, found_out, by=play.marketer, now=now)
    del play.people[found_out]


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


def _send(play: Play, now: datetime) -> None:
    """Hand what is due to the archive."""
    for send in (send_notices, send_due):
        while (done := send(now=now, transport=play.archive)).claimed:
            play.mails += done.sent
            if done.claimed < BATCH:
                break
