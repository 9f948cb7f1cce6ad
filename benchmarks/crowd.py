"""Fifty reps deciding at once over HTTP while managers reach for the same leads and a worker fills places.

The real web server, sessions, the inbox's own requests; each client decides, takes one decision in ten back,
and thinks for a moment in between (PAUSE milliseconds on average). Afterwards the history is replayed: at no
instant may anybody have more than their places, and no lead may have been accepted twice.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

from benchmarks import _web
from benchmarks._workers import history, own_redis, worker
from benchmarks.harness import own_database, report, say, size

PLACES = 10
MANAGERS = 5
PROCESSES = 5
SEEN = 64
TOKEN = "a" * 32
_OFFERS = re.compile(r"/inbox/(\d+)/")
_SECRETS = ("SECRET_KEY", "LINK_SIGNING_KEY", "FINGERPRINT_KEY")


@dataclass(slots=True)
class Told:
    """What one client saw: milliseconds of each decision, how each was answered, which offers it got; how the
    inbox was answered."""

    latencies: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    pages: Counter[int] = field(default_factory=Counter)
    accepted: list[int] = field(default_factory=list)


def main() -> None:
    """Measure, replay, print the line."""
    seconds, reps, leads = size("SECONDS", 120), size("REPS", 50), size("LEADS", 100_000)
    own_redis()
    # Sessions are signed with the server's own key.
    os.environ |= {name: _web.production("")[name] for name in _SECRETS}
    with tempfile.TemporaryDirectory() as folder, own_database("crowd") as url:
        _collect_static(folder, url)
        ids = history(url, leads=leads, events=0)
        sessions = _prepare(ids, reps, waiting=size("WAITING", 20_000))
        with (
            worker("pipeline", concurrency=1),
            _web.serving("config.wsgi", _web.production(url), path="/livez") as server,
        ):
            told = _crowd(server.port, sessions, seconds=seconds, pause=size("PAUSE", 1000) / 1000)
        figures = _figures(told) | _replayed(url, told)
    report(
        "crowd",
        figures,
        {
            "double_acceptances": "== 0",
            "caps_exceeded": "== 0",
            "failures": "== 0",
            "p99_ms": "< 400",
        },
    )


def _collect_static(folder: str, url: str) -> None:
    """The server's pages name their files by content, so these are collected as for production."""
    os.environ["STATIC_ROOT"] = folder
    manage = [sys.executable, str(Path(__file__).parent.parent / "manage.py")]
    subprocess.run(
        [*manage, "collectstatic", "--noinput", "--verbosity", "0"], env=_web.production(url), check=True
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Where, until when, and how long people think on average."""

    port: int
    until: float
    pause: float


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a session; a manager reaches for what is on others' tables."""

    session: str
    is_manager: bool


def _prepare(ids: list[int], reps: int, *, waiting: int) -> list[Caller]:
    """A full waiting room, empty tables, everybody signed in."""
    from benchmarks._sales import make_reps, stand
    from funnel.actions import fill_places

    made = make_reps(reps + MANAGERS, places=PLACES, offers_per_day=10_000)
    _promote(made[reps:])
    stand(ids[:waiting], "mql", situation="ready")
    stand(ids[waiting:], "lead")
    from django.utils import timezone

    fill_places(now=timezone.now())
    return [Caller(_sign_in(user), place >= reps) for place, user in enumerate(made)]


def _promote(users: Iterable[int]) -> None:
    from accounts.models import User
    from accounts.roles import Role
    from funnel.models import Rep

    User.objects.filter(pk__in=users).update(role=Role.MANAGER)
    Rep.objects.filter(pk__in=users).update(is_last_resort=True)


def _sign_in(user_id: int) -> str:
    """A session of this user, as signing in makes it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from accounts.models import User

    session = SessionStore()
    session[SESSION_KEY] = str(user_id)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = User.objects.get(pk=user_id).get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _crowd(port: int, callers: Sequence[Caller], *, seconds: float, pause: float) -> list[Told]:
    """Everybody at once, spread over a few processes."""
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    plan = Plan(port, time.time() + seconds, pause)
    seen = context.Array("q", SEEN)  # offers that reps saw last, for managers to reach for
    groups = [callers[place::PROCESSES] for place in range(PROCESSES)]
    processes = [context.Process(target=_group, args=(plan, group, seen, results)) for group in groups]
    for process in processes:
        process.start()
    told = [one for _ in processes for one in results.get()]
    for process in processes:
        process.join()
    return told


def _group(plan: Plan, callers: Sequence[Caller], seen: Any, results: Any) -> None:
    clients = [_Client(plan, caller, seen) for caller in callers]
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put([client.told for client in clients])


class _Client:
    """One person at the inbox."""

    def __init__(self, plan: Plan, caller: Caller, seen: Any) -> None:
        self.plan, self.caller, self.seen = plan, caller, seen
        self.told = Told()
        self.random = random.Random(caller.session)
        self.connection = http.client.HTTPConnection("127.0.0.1", plan.port, timeout=30)
        cookies = f"__Host-session={caller.session}; __Host-csrf={TOKEN}"
        self.headers = {
            "Host": _web.HOST,
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{_web.HOST}/inbox/",
            "Cookie": cookies,
        }

    def run(self) -> None:
        """Decide what lies on the table, one after the other, until the time is over."""
        offers: list[int] = []
        while time.time() < self.plan.until:
            time.sleep(self.random.expovariate(1 / self.plan.pause))
            offers = offers or self.look()
            if offers:
                offer = self.random.choice(offers)
                self.decide(offer)
                offers.remove(offer)

    def look(self) -> list[int]:
        """The offers on one's own table; for a manager those that reps saw last."""
        if self.caller.is_manager:
            return sorted({number for number in self.seen if number})
        status, text = self.ask("GET", "/inbox/", None)
        self.told.pages[status] += 1
        offers = {int(number) for number in _OFFERS.findall(text)} if status == 200 else set()
        for number in offers:
            self.seen[number % len(self.seen)] = number
        return sorted(offers)

    def decide(self, offer: int) -> None:
        """Accept, return or disqualify; one time in ten, back again."""
        verb, form = self.random.choice(
            [("accept", {}), ("return", {"reason": "no_budget"}), ("disqualify", {"reason": "spam"})]
        )
        begun = time.perf_counter()
        status, _text = self.ask("POST", f"/inbox/{offer}/{verb}/", form)
        self.told.latencies.append((time.perf_counter() - begun) * 1000)
        self.told.answers[status] += 1
        if status == 200 and verb == "accept":
            self.told.accepted.append(offer)
        if status == 200 and self.random.random() < 0.1:
            status, _text = self.ask("POST", f"/inbox/{offer}/undo/", {"stay": "1"})
            if status == 200 and verb == "accept":
                self.told.accepted.remove(offer)

    def ask(self, method: str, path: str, form: dict[str, str] | None) -> tuple[int, str]:
        """One request as the page makes it."""
        headers = self.headers | ({"HX-Request": "true"} if form is not None else {})
        body = None
        if form is not None:
            body = urlencode(form | {"csrfmiddlewaretoken": TOKEN})
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        for _attempt in range(2):
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                return response.status, response.read().decode()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection.close()
        return 599, ""


def _figures(told: Sequence[Told]) -> dict[str, float]:
    latencies = [ms for one in told for ms in one.latencies]
    answers: Counter[int] = sum((one.answers for one in told), Counter())
    pages: Counter[int] = sum((one.pages for one in told), Counter())
    say(f"decisions answered: {dict(answers)}; inboxes: {dict(pages)}")
    if not latencies:
        raise RuntimeError("nobody decided anything")
    return {
        "decisions": len(latencies),
        "conflicts": answers[409],
        "failures": sum(number for status, number in answers.items() if status not in (200, 404, 409)),
        "p50_ms": round(statistics.median(latencies), 1),
        "p99_ms": round(statistics.quantiles(latencies, n=100)[98], 1),
    }


# Every stay on somebody's table: an offer from its making to its decision, a lead from its acceptance on.
_OFFERED = "SELECT rep_id, lead_id, offered_at, decided_at FROM funnel_offer"
_PASSAGES = """
SELECT lead_id, verb, to_stage, at, actor_id FROM funnel_passage WHERE NOT is_imported ORDER BY lead_id, id
"""


def _replayed(url: str, told: Sequence[Told]) -> dict[str, float]:
    """How often a lead was accepted twice, and at how many instants somebody had more than their places."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(_OFFERED)
        stays = list(cursor.fetchall())
        cursor.execute(_PASSAGES)
        passages = list(cursor.fetchall())
    connection.close()
    worked, twice = _worked(passages)
    winners = Counter(offer for one in told for offer in one.accepted)
    return {
        "double_acceptances": twice + sum(1 for number in winners.values() if number > 1),
        "caps_exceeded": _exceeded([*stays, *worked]),
        "acceptances": sum(1 for one in passages if one[1] == "accept"),
        "undone": sum(1 for one in passages if one[1] == "undo"),
    }


def _worked(passages: Sequence[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], int]:
    """Who worked which lead from when to when; and how many were accepted while somebody worked them."""
    stays, twice = [], 0
    working: dict[int, tuple[int, Any]] = {}
    for lead, verb, stage, at, actor in passages:
        if verb == "accept":
            twice += lead in working
            working[lead] = (actor, at)
        elif lead in working and stage not in ("sal", "sql"):
            rep, since = working.pop(lead)
            stays.append((rep, lead, since, at))
    return [*stays, *((rep, lead, since, None) for lead, (rep, since) in working.items())], twice


def _exceeded(stays: Iterable[tuple[Any, ...]]) -> int:
    """At how many instants a rep held more than their places; what ends and begins at once is one place."""
    tables: defaultdict[tuple[int, int], list[tuple[Any, Any]]] = defaultdict(list)
    for rep, lead, since, until in stays:
        tables[rep, lead].append((since, until))
    changes: defaultdict[int, list[tuple[Any, int]]] = defaultdict(list)
    for (rep, _lead), spans in tables.items():
        for since, until in _joined(spans):
            changes[rep] += [(since, 1)] + ([(until, -1)] if until else [])
    exceeded = 0
    for rows in changes.values():
        held = 0
        for _at, change in sorted(rows):
            held += change
            exceeded += held > PLACES
    return exceeded


def _joined(spans: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Stays of one lead on one table that overlap are one: an offer taken back open is the same place."""
    joined: list[tuple[Any, Any]] = []
    for since, until in sorted(spans, key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or since <= joined[-1][1]):
            before = joined[-1][1]
            joined[-1] = (joined[-1][0], None if before is None or until is None else max(before, until))
        else:
            joined.append((since, until))
    return joined


if __name__ == "__main__":
    main()
