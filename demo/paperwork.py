"""What people send with the site's forms: through the same intake as a post from the web; machines too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from capture.actions.accept import take_in_due
from capture.actions.confirmations import confirm
from capture.actions.intake import take_submission
from capture.actions.views import count_views
from capture.choices import SubmissionState
from capture.live import live_form
from capture.models import Form, Submission
from capture.request_facts import RequestFacts
from capture.tokens import make_form_token
from demo.cast import Person
from demo.company import SITE
from demo.site import CERTIFIED, EQUIPMENT, MACHINES, PAPER, SITES, VISIT
from demo.story import DAYS, Act
from leads.partitions import month_after

# The forms went live then; what was sent before came by the site's old ones.
FORMS_SINCE = DAYS - 60
# Spam is kept for 30 days: no use in older.
SPAM_SINCE = DAYS - 29
_BY_KIND = {
    "contact_requested": "contact",
    "quote_requested": "quote",
    "newsletter_subscribed": "newsletter",
}
_PAGES = {
    "contact": "/contact/",
    "quote": "/devis/",
    "newsletter": "/lettre/",
    "white_paper": "/livres-blancs/maintenance-predictive/",
}
# How often each is looked at on a day, at least and at most.
_LOOKED_AT = {"contact": (3, 14), "quote": (2, 8), "newsletter": (4, 15), "white_paper": (2, 9)}
CONFIRMS, WANTS_LETTER = 0.84, 0.35
MANY_LINKS = 7
READING = timedelta(seconds=70)
_ALPHABET = "abcdefghijkmnopqrstuvwxyz"


def goes_by_form(act: Act, person: Person) -> bool:
    """Whether this act is the sending of one of the forms (and so is no event of its own)."""
    return act.day >= FORMS_SINCE and bool(person.email) and act.kind in _BY_KIND


def asks_for_paper(act: Act, person: Person) -> bool:
    """Whether the download came after the form that stands before the white paper."""
    is_paper = act.kind == "content_downloaded" and act.content == PAPER
    return act.day >= FORMS_SINCE and bool(person.email) and is_paper


@dataclass(slots=True)
class Mail:
    """The postbox of the four forms."""

    forms: Mapping[str, Form]
    seed: int

    def deliver(self, acts: Iterable[tuple[Act, Person, datetime]], *, now: datetime) -> int:
        """Send the forms behind these acts, take in what came, confirm addresses; how many were sent."""
        sent = [self._send(act, person, at) for act, person, at in acts]
        while take_in_due(now=now, limit=200):
            pass
        self._confirm(sent, now)
        return len(sent)

    def _send(self, act: Act, person: Person, at: datetime) -> Submission:
        code = _BY_KIND.get(act.kind, "white_paper")
        rng = Random(f"{self.seed}/form/{act.person}/{act.day}/{act.minute}")
        form = self.forms[code]
        return take_submission(
            form=form,
            answers=_answers(code, person, rng, at),
            consents=_ticked(form, code, rng),
            request_facts=_facts(form, _PAGES[code], rng, shown=at - READING),
            now=at,
        )

    def _confirm(self, sent: Sequence[Submission], now: datetime) -> None:
        """Most press the button in the mail; the others' answers are forgotten after seven days."""
        for submission in sent:
            waits = submission.state == SubmissionState.AWAITING
            if waits and Random(f"{self.seed}/doi/{submission.answers['lead.email']}").random() < CONFIRMS:
                confirm(public_id=submission.public_id, now=min(now, submission.received_at + READING))

    def disturb(self, day: int, at: datetime) -> int:
        """Who only looks at the forms, and what machines and slips of the finger send on such a day; how many
        posts."""
        rng = Random(f"{self.seed}/spam/{day}")
        for code, form in self.forms.items():
            few, many = _LOOKED_AT[code]
            count_views(
                form_id=form.pk, day=at.date(), hosted=rng.randint(0, few), embedded=rng.randint(few, many)
            )
        posts = rng.choices((0, 1, 2, 3), (3, 4, 2, 1))[0] if day >= SPAM_SINCE else 0
        for number in range(posts):
            moment = at + timedelta(minutes=7 * number)
            form = self.forms[rng.choice(("contact", "quote", "white_paper"))]
            answers, facts = rng.choice((_advertiser, _robot, _hasty, _slip))(form, rng, moment)
            take_submission(form=form, answers=answers, consents=(), request_facts=facts, now=moment)
        return posts


def again(form: Form, person: Person, *, seed: int, at: datetime) -> Submission:
    """The same person under another address of the same company: what a list of likely duplicates is for."""
    rng = Random(f"{seed}/again/{person.number}")
    domain = person.email.partition("@")[2]
    local = f"{person.first_name[0]}.{person.last_name}".lower()
    answers = _answers("contact", person, rng, at) | {"lead.email": f"{local}@{domain}", "lead.phone": ""}
    facts = _facts(form, _PAGES["contact"], rng, shown=at - READING)
    return take_submission(form=form, answers=answers, consents=(), request_facts=facts, now=at)


def _answers(code: str, person: Person, rng: Random, at: datetime) -> dict[str, object]:
    """What the person types, as a browser would send it."""
    answers: dict[str, object] = {"lead.email": person.email, "lead.first_name": person.first_name}
    if code == "newsletter":
        return answers
    answers["company.name"] = person.firm.name if person.firm else ""
    if code == "white_paper":
        return answers | {"lead.job_title": person.job_title, MACHINES: _machine(rng), CERTIFIED: _norms(rng)}
    where = f" Nous sommes à {person.firm.town}." if person.firm else ""
    answers |= {
        "lead.last_name": person.last_name,
        "lead.phone": person.phone,
        "lead.need": f"{person.need}{where}",
    }
    if code == "quote":
        months = rng.choice((1, 2, 2, 3, 3, 4, 6, 9))
        answers |= {
            "lead.budget_range": person.budget_range,
            "lead.project_month": f"{month_after(at.date().replace(day=1), months):%Y-%m}",
            MACHINES: _machine(rng),
            SITES: str(rng.randint(1, 6)),
            VISIT: rng.choice(("true", "false")),
        }
    return answers


def _machine(rng: Random) -> str:
    """The code that the field gives to its option."""
    return rng.choice(EQUIPMENT).lower().replace("-", "_")


def _norms(rng: Random) -> list[str]:
    return rng.sample(("iso_9001", "iso_14001", "iso_45001", "iso_50001"), rng.randint(0, 2))


def _ticked(form: Form, code: str, rng: Random) -> list[str]:
    """The boxes that the person ticks: everybody who subscribes, some of the others."""
    boxes = live_form(form).boxes
    return [str(box.id) for box in boxes if code == "newsletter" or rng.random() < WANTS_LETTER]


def _facts(form: Form, page: str, rng: Random, *, shown: datetime, honeypot: bool = False) -> RequestFacts:
    """A post from a browser. Addresses are of the nets that are kept for documentation (RFC 3849)."""
    address = f"2001:db8:{rng.getrandbits(16):x}::{rng.getrandbits(16):x}"
    return RequestFacts(
        address=address,
        ip_truncated=address.partition("::")[0] + "::",
        page=f"{SITE}{page}",
        token=make_form_token(form.pk, now=shown),
        honeypot=honeypot,
    )


def _advertiser(form: Form, rng: Random, at: datetime) -> tuple[dict[str, object], RequestFacts]:
    """Links to somewhere else."""
    text = " ".join(f"https://{_word(rng)}.example/{_word(rng)}" for _ in range(MANY_LINKS))
    return _rubbish(rng, f"Top position in all search engines: {text}"), _facts(
        form, "/contact/", rng, shown=at - READING
    )


def _robot(form: Form, rng: Random, at: datetime) -> tuple[dict[str, object], RequestFacts]:
    """Fills every field, also the one that nobody sees."""
    return _rubbish(rng, _word(rng)), _facts(form, "/contact/", rng, shown=at - READING, honeypot=True)


def _hasty(form: Form, rng: Random, at: datetime) -> tuple[dict[str, object], RequestFacts]:
    """Sends a second after the form was shown."""
    return _rubbish(rng, _word(rng)), _facts(form, "/devis/", rng, shown=at - timedelta(seconds=1))


def _slip(form: Form, rng: Random, at: datetime) -> tuple[dict[str, object], RequestFacts]:
    """A person whose address lacks its end: refused with words, and kept."""
    answers = _rubbish(rng, "Bonjour, pouvez-vous me rappeler au sujet de nos compresseurs ?")
    answers["lead.email"] = f"{_word(rng)}@"
    return answers, _facts(form, "/contact/", rng, shown=at - READING)


def _rubbish(rng: Random, text: str) -> dict[str, object]:
    return {
        "lead.email": f"{_word(rng)}@{_word(rng)}.example",
        "lead.first_name": _word(rng),
        "lead.last_name": _word(rng),
        "company.name": _word(rng),
        "lead.need": text,
    }


def _word(rng: Random) -> str:
    return "".join(rng.choices(_ALPHABET, k=rng.randint(5, 10)))
