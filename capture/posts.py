"""One post on its way in: what was sent with which form, read and judged, before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from django.utils.translation import override

from capture.choices import DoubleOptIn, SubmissionState
from capture.live import Box, LiveForm
from capture.models import Form
from capture.proof import is_solved
from capture.reading import Error, Reading, read_post
from capture.request_facts import RequestFacts, Way
from capture.spam import Proof, Signals, Token, count_links, judge
from capture.tokens import CONFIRM_LIFE, FormToken, read_form_token
from leads.api.limits import limit, seconds_to_wait
from leads.choices import Audience
from leads.incoming import canonical

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MOST_ANSWERS = 100
LONGEST_ANSWER = 20_000
# A message that so many send in an hour is an advertiser's; shorter texts are alike by chance.
SHORTEST_MESSAGE = 20
_NAMES = ("lead.first_name", "lead.last_name", "lead.job_title", "lead.city", "company.name")


@dataclass(frozen=True, slots=True)
class Post:
    """What was sent: ``raw`` answers by target as they may be stored, ticked boxes, the showing answered."""

    live: LiveForm
    raw: dict[str, object]
    ticked: list[Box]
    facts: RequestFacts
    token: FormToken | None
    now: datetime

    @property
    def nonce(self) -> UUID:
        """What makes the post unique: the showing's nonce; of plain HTML, its own words on this day."""
        if self.token is not None:
            return self.token.nonce
        boxes, day = [box.id for box in self.ticked], f"{self.now:%Y-%m-%d}"
        words = canonical([self.live.form.pk, self.raw, boxes, day, self.facts.address])
        return UUID(bytes=blake2b(words, digest_size=16).digest())

    def read(self) -> Reading:
        """The values, and what could not be read, in the form's language."""
        with override(self.live.form.language):
            asked = self.live.asked(self.token.asked if self.token else frozenset())
            return read_post(asked, self.live.questions, self.raw, language=self.live.form.language)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a post is taken for: state, reasons, errors; when a worker looks at it; the end of the asking."""

    state: SubmissionState
    reasons: tuple[str, ...] = ()
    errors: tuple[Error, ...] = ()
    due_at: datetime | None = None
    confirm_until: datetime | None = None


def make_post(
    live: LiveForm,
    answers: Mapping[str, object],
    consents: Collection[str],
    facts: RequestFacts,
    *,
    now: datetime,
) -> Post:
    """A post from raw values; ``consents`` by the id or the text version of their wording."""
    ticked = [box for box in live.boxes if str(box.id) in consents or box.text_version in consents]
    token = read_form_token(facts.token, live.form.pk) if facts.token else None
    return Post(live, storable(answers), ticked, facts, token, now)


def storable(answers: Mapping[str, object]) -> dict[str, object]:
    """The answers as they may be stored: text and lists of text, without what no database takes (B05)."""
    kept: dict[str, object] = {}
    for name, value in list(answers.items())[:MOST_ANSWERS]:
        many = isinstance(value, (list, tuple))
        kept[_plain(name)[:100]] = (
            [_plain(item) for item in value[:MOST_ANSWERS]] if many else _plain(value)  # type: ignore[index]
        )
    return kept


def _plain(value: object) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _UNSTORABLE.sub("\ufffd", text)[:LONGEST_ANSWER]


def outcome_of(post: Post, reading: Reading) -> Outcome:
    """What to take this post for."""
    if reasons := judge(signals_of(post, reading)):
        return Outcome(SubmissionState.SPAM, reasons, tuple(reading.errors))
    if reading.errors:
        return Outcome(SubmissionState.REJECTED, ("errors",), tuple(reading.errors))
    if not needs_confirmation(post.live.form, reading):
        return Outcome(SubmissionState.RECEIVED, due_at=post.now)
    return Outcome(SubmissionState.AWAITING, due_at=post.now, confirm_until=post.now + CONFIRM_LIFE)


def needs_confirmation(form: Form, reading: Reading) -> bool:
    """Whether the owner of the address must confirm it before anything is done with the answers.

    A consumer is who says so, or whose address does not tell a company (privacy bar 5.1, 5.3). Only what was
    sent decides, never whether we know the person: the page that follows tells nothing.
    """
    if reading.email is None or form.double_opt_in == DoubleOptIn.NOBODY:
        return False
    is_consumer = {"free", "disposable"} & set(reading.email.flags)
    says_so = reading.values.get("lead.audience") == Audience.B2C
    return form.double_opt_in == DoubleOptIn.EVERYBODY or bool(is_consumer) or says_so


def signals_of(post: Post, reading: Reading) -> Signals:
    """What the post gives away of who sent it."""
    texts, facts = list(_texts(post.raw)), post.facts
    return Signals(
        honeypot=facts.honeypot,
        seconds=_seconds(post),
        token=_token_of(post),
        proof=_proof_of(post),
        foreign_origin=facts.way is Way.FOREIGN and facts.origin not in post.live.form.origins,
        links=count_links(texts),
        link_as_name=bool(count_links(str(post.raw.get(name, "")) for name in _NAMES)),
        disposable="disposable" in (reading.email.flags if reading.email else ()),
    )


def _texts(raw: Mapping[str, object]) -> Iterable[str]:
    for value in raw.values():
        yield from (str(item) for item in value) if isinstance(value, list) else [str(value)]


def _seconds(post: Post) -> float | None:
    """From showing to sending; a program may ask for the form and send it at once."""
    if post.token is None or post.facts.way is Way.API:
        return None
    return (post.now - post.token.issued_at).total_seconds()


def _token_of(post: Post) -> Token:
    if post.token is not None:
        return Token.GOOD
    if post.facts.token:
        return Token.INVALID
    return Token.UNNEEDED if post.facts.way is Way.FOREIGN else Token.MISSING


def _proof_of(post: Post) -> Proof:
    if not post.live.form.uses_proof_of_work:
        return Proof.UNASKED
    solved = post.token and is_solved(post.facts.proof, post.token.nonce, now=post.now)
    return Proof.DONE if solved else Proof.MISSING


# Counters: asked once for each new submission.


def is_repeated(post: Post) -> bool:
    """Whether the longest text came too often lately; counted by its fingerprint, never kept."""
    longest = max((text.strip() for text in _texts(post.raw)), key=len, default="")
    if len(longest) < SHORTEST_MESSAGE or "@" in longest:
        return False
    mark = blake2b(longest.casefold().encode(), digest_size=16).hexdigest()
    return seconds_to_wait(limit("form_message"), f"{post.live.form.pk}:{mark}") > 0


def asks_too_often(post: Post) -> bool:
    """Whether this address set off too many mails to be confirmed by others: no more of them (B62)."""
    return seconds_to_wait(limit("confirmations"), post.facts.address) > 0
