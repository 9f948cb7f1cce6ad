"""A post comes in and is kept. Nobody is looked up here, so the answer's time tells nothing of anybody.

What becomes of it (a lead, consents, a place in a list, an event) a worker concludes right afterwards, see
``capture.actions.accept``. Every post is kept whole: refused ones and spam too, for 30 days.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from capture.choices import SubmissionState
from capture.live import live_form
from capture.models import Form, Submission
from capture.posts import Outcome, Post, asks_too_often, is_repeated, make_post, outcome_of
from capture.reading import Error
from capture.request_facts import RequestFacts
from leads.bell import ring
from leads.failpoints import failpoint


def take_submission(
    *,
    form: Form,
    answers: Mapping[str, object],
    consents: Collection[str],
    request_facts: RequestFacts,
    now: datetime,
) -> Submission:
    """Judge, read and keep a post; the submission's state says what it was taken for.

    ``answers`` are raw, by target; ``consents`` name ticked boxes by the id of their wording or by its text
    version. RECEIVED and AWAITING are fine, REJECTED has ``errors``; SPAM reads the same thanks as everybody.
    """
    return keep_post(make_post(live_form(form), answers, consents, request_facts, now=now))


@transaction.atomic
def keep_post(post: Post) -> Submission:
    """Judge, read and keep a post.

    The same showing sent again with the same words is the same submission, however many come at once (bar:
    faults F29); with other words it is set aside (F31), unless the earlier try was refused.
    """
    submission = _submission(post, outcome_of(post, post.read()))
    if not _insert(submission):
        earlier = Submission.objects.select_related("form").get(token=submission.token)
        if (earlier.answers, earlier.consents) == (submission.answers, submission.consents):
            return earlier
        _set_aside(submission, "token_reused")
        _insert(submission)
        return submission
    _count(post, submission)
    if submission.due_at is not None:
        ring("forms")
    return submission


def keep_refused(post: Post, errors: Sequence[Error]) -> Submission:
    """Keep a post whose shape is wrong already; it uses up no showing of the form."""
    codes = tuple({"field": one["field"], "code": one["code"], "detail": one["detail"]} for one in errors)
    submission = _submission(post, Outcome(SubmissionState.REJECTED, ("errors",), codes))
    submission.token = None
    _insert(submission)
    return submission


def _count(post: Post, submission: Submission) -> None:
    """Count what only a new submission may count, so that a repetition never speaks against itself."""
    if submission.state in {SubmissionState.RECEIVED, SubmissionState.AWAITING} and is_repeated(post):
        _set_aside(submission, "repeated")
    elif submission.state == SubmissionState.AWAITING and asks_too_often(post):
        submission.due_at, submission.reasons = None, ["mail_limit"]
    else:
        return
    submission.save(update_fields=["token", "state", "reasons", "due_at", "confirm_until"])


def _boxes(post: Post) -> list[dict[str, object]]:
    return [{"wording": box.id, "text_version": box.text_version} for box in post.ticked]


def _submission(post: Post, outcome: Outcome) -> Submission:
    """The row. Spam uses up no showing: who was taken for a machine may try again."""
    facts, form = post.facts, post.live.form
    return Submission(
        public_id=uuid4(),
        form=form,
        form_version=form.version,
        token=None if outcome.state is SubmissionState.SPAM else post.nonce,
        received_at=post.now,
        due_at=outcome.due_at,
        state=outcome.state,
        reasons=list(outcome.reasons),
        answers=post.raw,
        consents=_boxes(post),
        errors=list(outcome.errors),
        visitor_id=facts.visitor,
        page=facts.page,
        referrer=facts.referrer,
        utm=dict(facts.utm),
        ip_truncated=facts.ip_truncated,
        user_agent_hash=facts.user_agent_hash,
        confirm_until=outcome.confirm_until,
    )


def _set_aside(submission: Submission, reason: str) -> None:
    """Take a post for spam after all."""
    submission.token, submission.state, submission.reasons = None, SubmissionState.SPAM, [reason]
    submission.due_at = submission.confirm_until = None


_LATER = {"id", "lead_id", "confirmed_at", "reviewed_at", "reviewed_by_id"}
_FIELDS = [field for field in Submission._meta.concrete_fields if field.attname not in _LATER]
_NAMES = [field.attname for field in _FIELDS]
_NEW = ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name not in {"public_id", "token"})
# One row for one showing of the form: a refused try is replaced by the next, anything else stays.
_INSERT = f"""
INSERT INTO capture_submission ({", ".join(_NAMES)}) VALUES ({", ".join(["%s"] * len(_NAMES))})
ON CONFLICT (token) DO UPDATE SET {_NEW} WHERE capture_submission.state = 'rejected'
RETURNING id, public_id
"""  # nosec B608: of constants


def _insert(submission: Submission) -> bool:
    """Store the row in one statement; False when its token stands for something else than a refused try."""
    values = [field.get_db_prep_save(getattr(submission, field.attname), connection) for field in _FIELDS]
    with connection.cursor() as cursor:
        failpoint("forms.before_commit")
        cursor.execute(_INSERT, values)
        row = cursor.fetchone()
    if row is None:
        return False
    submission.pk, submission.public_id = row
    submission._state.adding = False
    return True
