"""Sending a public form over HTTP, all checks on: eight strangers, each post with a showing of its own.

The clients are many addresses, as visitors of sites are. Afterwards a worker takes the submissions in (lead,
company, consent, list, event): how many a second is told beside.
"""

from __future__ import annotations

import http.client
import multiprocessing
import random
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any
from urllib.parse import urlencode

from benchmarks import _web
from benchmarks.harness import own_database, report, say, size

ROUNDS = 4
PATH = "/f/bench/"


def main() -> None:
    """Measure, print the line."""
    number = size("POSTS", 6_000) // ROUNDS
    with own_database("form_post") as url:
        environment = _web.production(url)
        with _web.serving("config.wsgi", environment, path="/livez") as server:
            form = _prepare(environment)
            _post(server.port, _bodies(form, 800, seed=0))
            loads, used = [], server.cpu_seconds()
            for turn in range(ROUNDS):
                loads.append(_post(server.port, _bodies(form, number, seed=turn + 1)))
                say(f"{number / loads[-1].seconds:.0f} a second")
            used = server.cpu_seconds() - used
        mine = _web.added_up(loads)
        figures = {
            "per_second": len(mine.latencies) / mine.seconds,
            "p50_ms": statistics.median(mine.latencies),
            "p99_ms": mine.p99_ms,
            "web_us": used / len(mine.latencies) * 1e6,
            "taken_in_per_second": _take_in(size("TAKEN", 1_000)),
            "kept": _kept(),
        }
        report(
            "form_post",
            {name: round(value, 2) for name, value in figures.items()},
            {"per_second": ">= 300", "kept": f"== {800 + ROUNDS * number}"},
        )


def _prepare(environment: dict[str, str]) -> Any:
    """A form with a consent box, a list to join and everything that it may ask for."""
    from django.conf import settings

    from capture.models import Form, FormConsent, FormField
    from leads.models import ConsentWording, List

    # Tokens are signed with the key of the server under test.
    settings.LINK_SIGNING_KEY = environment["LINK_SIGNING_KEY"]
    now = datetime.now(UTC)
    wording = ConsentWording.objects.create(
        code="bench", purpose="newsletter", channel="email", text="{controller} may write.", created_at=now
    )
    joined = List.objects.create(code="bench", name="Bench", created_at=now)
    form = Form.objects.create(
        slug="bench", name="Bench", title="Bench", state="live", joins=joined, created_at=now, updated_at=now
    )
    FormConsent.objects.create(form=form, wording=wording)
    asked = (("lead.email", "email"), ("lead.first_name", "line"), ("lead.last_name", "line"),
             ("lead.phone", "phone"), ("company.name", "line"), ("company.headcount", "choice"),
             ("lead.need", "text"))  # fmt: skip
    for place, (target, kind) in enumerate(asked):
        FormField.objects.create(form=form, position=place, target=target, type=kind, label=target)
    return form


def _bodies(form: Any, number: int, *, seed: int) -> list[bytes]:
    """What browsers would send: a showing half a minute old, answers, the ticked box."""
    from capture.tokens import make_form_token
    from leads.models import ConsentWording

    box, shown = ConsentWording.objects.get(code="bench").pk, datetime.now(UTC) - timedelta(seconds=30)
    chance = random.Random(seed)
    return [_body(make_form_token(form.pk, now=shown), box, chance.getrandbits(40)) for _ in range(number)]


def _body(token: str, box: int, mark: int) -> bytes:
    company = mark % 5_000
    answers = {
        "lead.email": f"p{mark}@acier-{company}.example",
        "lead.first_name": "Jeanne",
        "lead.last_name": f"Martin {mark % 997}",
        "lead.phone": f"06 {mark % 90 + 10} {mark % 89 + 10} {mark % 83 + 10} {mark % 79 + 10}",
        "company.name": f"Acier {company}",
        "company.headcount": "50_249",
        "lead.need": f"Une ligne s’arrête deux fois par semaine depuis le mois de mars, dossier {mark}.",
        "consent": box,
        "website": "",
        "_token": token,
        "_page": "https://www.acier.example/guide/",
        "utm_source": "google",
        "utm_medium": "cpc",
    }
    return urlencode(answers).encode()


def _post(port: int, bodies: Sequence[bytes]) -> _web.Load:
    """Send the posts spread over the clients, all at once."""
    context = multiprocessing.get_context("fork")
    shares = [bodies[client :: _web.CLIENTS] for client in range(_web.CLIENTS)]
    barrier, results = context.Barrier(len(shares) + 1), context.Queue()
    clients = [
        context.Process(target=_client, args=(port, number, share, barrier, results))
        for number, share in enumerate(shares)
    ]
    for client in clients:
        client.start()
    barrier.wait()
    told = [results.get() for _ in clients]
    for client in clients:
        client.join()
    if errors := [one for one in told if isinstance(one, str)]:
        raise RuntimeError(errors[0])
    start = min(one[0] for one in told)
    return _web.Load(max(one[1] for one in told) - start, [ms for one in told for ms in one[2]])


def _client(port: int, number: int, bodies: Sequence[bytes], barrier: Barrier, results: Any) -> None:
    """One client with one kept-alive connection; every post comes from another address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Host": _web.HOST,
        "X-Forwarded-Proto": "https",
        "Origin": f"https://{_web.HOST}",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    }
    latencies = []
    barrier.wait()
    start = time.perf_counter()
    for place, body in enumerate(bodies):
        headers["X-Forwarded-For"] = f"10.{number}.{place // 250 % 250}.{place % 250}"
        begun = time.perf_counter()
        connection.request("POST", PATH, body, headers)
        response = connection.getresponse()
        answer = response.read()
        latencies.append((time.perf_counter() - begun) * 1000)
        if response.status != 303:
            results.put(f"{response.status}: {answer[:500]!r}")
            return
    results.put((start, time.perf_counter(), latencies))


def _take_in(number: int) -> float:
    """How many submissions one worker takes in, a second."""
    from capture.actions.accept import take_in_due

    start, done = time.perf_counter(), 0
    while done < number and (taken := take_in_due(now=datetime.now(UTC))):
        done += taken
    return done / (time.perf_counter() - start)


def _kept() -> int:
    """The posts that were kept as what they are: received, or taken in."""
    from capture.models import Submission

    return Submission.objects.filter(state__in=["received", "accepted"]).count()


if __name__ == "__main__":
    main()
