"""What is said to somebody whose decision cannot be carried out: a stable code and a clear message."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnel.templatetags.funnel_words import day_time

MESSAGES: dict[str, str | Promise] = {
    # The lead stands elsewhere (codes of funnel.stages.TRANSITIONS).
    "already_in_funnel": _("This lead is already in the funnel."),
    "not_a_lead": _("Only a lead that is not an MQL yet can be made one."),
    "not_an_mql": _("This lead is not an MQL."),
    "not_in_marketing": _("This lead is not an MQL in marketing."),
    "not_ready": _("This lead is not ready for sales."),
    "not_offered": _("This lead is not offered to sales."),
    "not_returnable": _("Only an MQL, a SAL or an SQL can be returned to marketing."),
    "already_disqualified": _("This lead is already disqualified."),
    "not_accepted": _("Only an accepted lead (SAL) can become an SQL."),
    "not_with_sales": _("This lead is not with sales."),
    "not_qualified": _("Only an SQL can be lost."),
    "not_an_sql": _("This lead is no open opportunity any more."),
    "not_convertible": _("Only a lead or an MQL becomes a customer by itself."),
    "not_recycled": _("This lead was not returned to marketing."),
    "not_closed": _("Only a customer or a disqualified lead can be reopened."),
    "no_such_passage": _("There is no such passage."),
    "already_there": _("This lead is already there."),
    "not_in_funnel": _("This lead is not in the funnel yet."),
    # Somebody or something was quicker.
    "undo_too_late": _("A decision can be undone for five minutes: that time is over."),
    "undo_moved_on": _("This lead has moved on since: the decision can no longer be undone."),
    "undo_impossible": _("This decision cannot be undone."),
    "undo_no_place": _(
        "The place of this lead has been given to another one: the decision cannot be undone."
    ),
    "already_accepted": _("Already accepted by %(who)s."),
    "already_decided": _("Already decided by %(who)s: %(what)s."),
    "offer_expired": _("The time to decide is over: this lead has been offered to somebody else."),
    "offer_withdrawn": _("This offer has been withdrawn."),
    "no_place": _("No place is free: %(used)s of %(places)s are taken."),
    "sal_cap": _("%(used)s of %(places)s SAL are taken: qualify or return one first."),
    "not_yours": _("This lead is not yours to decide."),
    "not_a_rep": _("Only somebody with places of their own can take a lead."),
    # Meetings.
    "meeting_closed": _("This meeting was called off or is over."),
    "meeting_not_yet": _("This meeting has not begun yet."),
    "meeting_unknown": _("This lead has no such meeting."),
    "reference_taken": _("Another lead has this name there already."),
    "meeting_over": _("This meeting is over."),
    "meeting_moved": _("This meeting has changed meanwhile: look at it again."),
    "meeting_no_email": _("This lead has no email: no invitation can be sent."),
    "meeting_no_consent": _(
        "This person has not agreed to be written to. If they agreed to the meeting, say so."
    ),
    # What was sent is not enough.
    "reason_required": _("Say for which reason."),
    "reason_unknown": _("There is no such reason for this decision."),
    "month_required": _("Say for which month the project is planned."),
    "month_too_near": _("The project is so near that it would come back at once: choose a later month."),
    "month_too_far": _("The month is more than five years away."),
    "note_required": _("This reason needs a note."),
    "note_too_long": _("The note is longer than %(limit)s characters."),
    "fields_required": _("Say which information is missing."),
    "field_unknown": _("There is no such information to fill in: %(names)s."),
    "value_impossible": _("%(name)s cannot take this value."),
    "phone_impossible": _("This is not a phone number that can be called."),
    "value_required": _("Say what is assumed or confirmed."),
    "value_too_long": _("The text is longer than %(limit)s characters."),
    "item_unknown": _("There is no such item on the checklist."),
    "limit_required": _("Give a number of days or of cycles."),
    "limit_too_short": _("Give %(least)s days or more."),
    "option_unknown": _("There is no such option."),
    "person_elsewhere": _("This person is not known at the lead’s company."),
    "checklist_incomplete": _("Still to confirm: %(missing)s."),
    "product_required": _("Say which product or service it is about."),
    "amount_required": _("Say which amount is expected."),
    "amount_impossible": _("The amount must lie between 0 and 9,999,999,999.99 euros."),
    "close_date_required": _("Say by when it is expected to close."),
    "close_date_past": _("The expected close lies in the past."),
    "partner_unknown": _("There is no such partner."),
    "transfer_no_consent": _("The lead has not agreed to be passed on to a partner."),
    "referral_taken_back": _("This lead was not passed on to you after all."),
    "outcome_unknown": _("Say whether it was won or lost."),
    "partner_required": _("Say which partner serves it better."),
    "pair_decided": _("Somebody has decided about these two meanwhile."),
    "snooze_past": _("Choose a moment that is still to come."),
    "snooze_too_long": _("It has to be decided before then: choose an earlier moment."),
    "title_required": _("Give it a title."),
    "link_impossible": _("Give an address that begins with https://."),
    "meeting_length": _("A meeting ends after it begins and lasts from 5 minutes to 24 hours."),
    "meeting_far_off": _("A meeting lies within the next two years, or in the last 30 days."),
    "social_time_impossible": _("A message is noted within 30 days."),
    "absence_order": _("The last day comes before the first."),
    "absence_twice": _("An absence that begins on this day is already noted."),
    "take_back_too_late": _("The time to take this lead back is over."),
    "take_back_once": _("A lead can be taken back once."),
    "take_back_in_work": _("%(who)s is already working on this lead."),
    "bulk_nobody": _("No lead is chosen."),
    "bulk_too_many": _("At most %(limit)s leads can be moved at once: narrow the filter."),
    "rating_impossible": _("The value of a lead is rated from 1 to 5."),
    # Daily work: calls (codes of funnel.call_rules with "call_" before them), tasks, notes.
    "call_no_phone": _("No phone number is known."),
    "call_phone_invalid": _("The phone number is known to be wrong."),
    "call_opposed": _("This person does not want to be called."),
    "call_no_consent": _(
        "A consumer may only be called with their prior consent, or about an ongoing contract."
    ),
    "call_refused_lately": _(
        "This person refused a call less than 60 days ago. They may be called again from %(next_at)s."
    ),
    "call_too_many_attempts": _(
        "Four attempts in 30 days are the most the law allows. The next one is possible from %(next_at)s."
    ),
    "call_outside_hours": _(
        "A consumer may be called Monday to Friday from 10:00 to 13:00 and 14:00 to 20:00, not on public "
        "holidays. Next: %(next_at)s."
    ),
    "call_then_outside_hours": _("The law allows no call at that moment. Next: %(next_at)s."),
    "call_after_refusal": _("Whoever refused a call is not called again: plan something else."),
    "call_wrong_number": _("The number is wrong: plan something else, such as finding the right one."),
    "call_back_when": _("Say when to call back."),
    "call_outcome_unknown": _("Say how the call ended."),
    "call_too_long": _("A call lasts between 0 and 480 minutes."),
    "call_time_impossible": _("The call must lie within the last seven days."),
    "next_action_required": _("Say what comes next: no lead in work without a next action."),
    "due_required": _("Say by when."),
    "due_past": _("This moment has passed."),
    "due_too_far": _("This moment is more than two years away."),
    "assignee_blind": _("%(who)s may not see this lead."),
    "task_kind_unknown": _("There is no such kind of task."),
    "task_done": _("This task is already done."),
    "task_over": _("This task belongs to an earlier cycle of the lead."),
    "note_empty": _("The note says nothing."),
    "note_final": _("A note can be corrected for 15 minutes."),
    "note_deleted": _("This note has been deleted."),
}


class Refused(Exception):
    """A decision that cannot be carried out (HTTP 409). ``code`` is stable, ``message`` is for people,
    ``values`` are the facts in it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def message(self) -> str:
        """What to tell them, in the reader's language."""
        text = str(MESSAGES[self.code])
        said = {
            name: day_time(value) if isinstance(value, datetime) else value
            for name, value in self.values.items()
        }
        return text % said if said else text

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Incomplete(Refused):
    """What was sent is missing something or contradicts itself (HTTP 400). ``field`` names the culprit."""

    def __init__(self, code: str, *, field: str, **values: object) -> None:
        super().__init__(code, **values)
        self.field = field


class NotYours(Refused):
    """Somebody else's lead: to this user it does not exist (HTTP 404)."""

    def __init__(self) -> None:
        super().__init__("not_yours")
