"""What visitors do between two evenings: come, tell, read, fill forms, open their mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from demo import sources
from demo.mailbox import reactions
from demo.newcomers import arriving, subscribe, telling_more
from demo.paperwork import asks_for_paper, goes_by_form
from demo.play import EVENING, MORNING, NOON, Play, at
from demo.story import Act, Arrival, Telling
from leads.actions.events import new_event, record_events
from leads.actions.people_many import Encounter, recognise_many
from leads.actions.touches import note_touches
from leads.kinds import BY_CODE
from leads.models import Lead
from leads.models.event import Source


def visit(play: Play, day: int) -> None:
    """Who came since the last time, what they told and did, and what they did with the mail they got."""
    days, play.next_day = range(play.next_day, day + 1), day + 1
    _meet(play, days)
    acts = [act for each in days for act in play.story.acts.get(each, ())]
    record(play, acts, [play.moment(act.day, act.minute) for act in acts], at(play.date_of(day), EVENING))
    if play.mail:
        for each in days:
            play.mail.disturb(each, at(play.date_of(each), NOON))
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
    note_touches(
        [
            sources.touch_of(
                form,
                lead_id=one.lead.pk,
                at=play.moment(form.day, form.minute),
                campaigns=play.campaigns,
            )
            for form, one in zip(forms, met, strict=True)
            if isinstance(form, Arrival)
        ]
    )


def _encounter(play: Play, form: Arrival | Telling) -> Encounter:
    person, moment = play.cast[form.person], play.moment(form.day, form.minute)
    if isinstance(form, Arrival):
        return arriving(form, person, at=moment)
    return telling_more(form, person, at=moment)


def record(play: Play, acts: Sequence[Act], moments: Sequence[datetime], now: datetime) -> None:
    """The events of these acts in one batch; a subscription has its consent besides. What goes by one of the
    site's forms is taken in from there."""
    dated = [(act, play.cast[act.person], moment) for act, moment in zip(acts, moments, strict=True)]
    by_form = {id(act) for act, person, _at in dated if play.mail and goes_by_form(act, person)}
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
            if id(act) not in by_form
        ],
        now=now,
    )
    play.events += len(acts)
    if play.mail:
        posts = [one for one in dated if id(one[0]) in by_form or asks_for_paper(one[0], one[1])]
        play.mail.deliver(posts, now=now)
    subscribers: dict[Lead, datetime] = {}
    for act, moment in zip(acts, moments, strict=True):
        if act.kind == "newsletter_subscribed" and id(act) not in by_form:
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
