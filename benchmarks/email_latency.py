"""From an event to the email that it sets off, handed to an SMTP server: idle, through real Celery workers.

Peer: Parcelvoy, 105-128 ms median on such a machine. Floor, in the same run: the event's commit and one SMTP
conversation with a ready message, in one process without any queue.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from benchmarks._workers import own_redis, worker
from benchmarks.harness import own_database, report, say, size

if TYPE_CHECKING:
    from leads.models import Content, Lead

PORT = 12525
WARM_UP = 10


class Sink:
    """Notes when a message for somebody came in whole."""

    def __init__(self) -> None:
        self.came_at: dict[str, float] = {}
        self.came = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """The final dot is here."""
        with self.came:
            self.came_at[envelope.rcpt_tos[0]] = time.perf_counter()
            self.came.notify_all()
        return "250 kept"

    def wait_for(self, address: str, seconds: float = 15.0) -> float:
        """When the message for ``address`` came (perf_counter). Raises TimeoutError."""
        with self.came:
            if not self.came.wait_for(lambda: address in self.came_at, seconds):
                raise TimeoutError(f"no message for {address}")
            return self.came_at[address]


def main() -> None:
    """Measure, then print the figures."""
    rounds = size("ROUNDS", 150)
    own_redis()
    os.environ["EMAIL_URL"] = f"smtp+plain://127.0.0.1:{PORT}"
    sink = Sink()
    with ExitStack() as stack:
        stack.enter_context(own_database("email_latency"))
        controller = Controller(sink, hostname="127.0.0.1", port=PORT)
        controller.start()
        stack.callback(controller.stop)
        paper = _set_up()
        leads = _leads(rounds + WARM_UP)
        stack.enter_context(worker("pipeline"))
        stack.enter_context(worker("mail"))
        say("warming up")
        latencies = _measure(leads, paper, sink)[WARM_UP:]
        floor = _floor(sink, rounds)
    quantiles = statistics.quantiles(latencies, n=100)
    p50, floor_p50 = statistics.median(latencies), statistics.median(floor)
    report(
        "email_latency",
        {
            "p50_ms": round(p50, 1),
            "p95_ms": round(quantiles[94], 1),
            "p99_ms": round(quantiles[98], 1),
            "floor_p50_ms": round(floor_p50, 1),
            "ratio": round(p50 / floor_p50, 1),
            "rounds": rounds,
        },
        {"p50_ms": "< 100"},
    )


def _set_up() -> Content:
    """A site that writes at any hour, a white paper and a library to choose from."""
    from django.utils import timezone  # only now is Django set up

    from leads.models import Content
    from nurturing.actions.settings import set_up

    set_up(
        sender_name="Claire Dubois",
        sender_email="claire@exemple.example",
        organisation="Exemple SAS",
        postal_address="12 rue de l’Exemple, 69003 Lyon",
        quiet_from=None,
        quiet_until=None,
    )
    library = [
        Content(
            code=f"piece-{n}",
            title=f"Contenu {n}",
            summary="Deux phrases qui donnent envie de lire.",
            type="white_paper" if n == 0 else "case_study",
            is_gated=n == 0,
            band="tofu",
            topics=[f"topic-{n % 7}"],
            url=f"https://www.exemple.example/contenus/{n}",
            created_at=timezone.now(),
        )
        for n in range(40)
    ]
    return Content.objects.bulk_create(library)[0]


def _leads(count: int) -> list[Lead]:
    from django.utils import timezone

    from leads.models import Lead

    created = timezone.now() - timedelta(days=30)
    return Lead.objects.bulk_create(
        Lead(
            email=f"lead{n}@atelier-{n}.example",
            first_name="Camille",
            audience="b2b",
            created_at=created,
        )
        for n in range(count)
    )


def _measure(leads: list[Lead], paper: Content, sink: Sink) -> list[float]:
    """One event after the other, each when the one before has arrived and all is quiet; milliseconds."""
    latencies = []
    for number, lead in enumerate(leads):
        started = _download(lead, paper)
        # The first ones wait for the workers to be there; a bell rung before is heard by the next.
        arrived = _arrival(sink, lead, paper, patient=number < WARM_UP)
        latencies.append((arrived - started) * 1000)
        if number >= WARM_UP and (number - WARM_UP) % 50 == 0:
            say(f"{number - WARM_UP} done, last {latencies[-1]:.0f} ms")
        time.sleep(0.1)
    return latencies


def _download(lead: Lead, paper: Content) -> float:
    """The lead downloads the paper, in a transaction of its own; when that began."""
    from django.utils import timezone

    from leads.actions.events import record_event

    now, started = timezone.now(), time.perf_counter()
    record_event(lead_id=lead.pk, kind="content_downloaded", occurred_at=now, now=now, content_id=paper.pk)
    return started


def _arrival(sink: Sink, lead: Lead, paper: Content, *, patient: bool) -> float:
    deadline = time.monotonic() + (60 if patient else 15)
    while True:
        try:
            return sink.wait_for(lead.email or "", 2.0 if patient else 15.0)
        except TimeoutError:
            if time.monotonic() > deadline:
                raise
            _download(lead, paper)


def _floor(sink: Sink, rounds: int) -> list[float]:
    """Record an event and send a ready message at once, without queue, scoring or decisions; milliseconds."""
    from django.utils import timezone

    from leads.actions.events import record_event
    from leads.models import Lead
    from nurturing.smtp import SmtpTransport

    transport = SmtpTransport.from_url(os.environ["EMAIL_URL"])
    lead = Lead.objects.latest("pk")
    found = []
    for number in range(rounds):
        recipient, started = f"floor{number}@floor.example", time.perf_counter()
        now = timezone.now()
        record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=now, now=now, wakes=False)
        with transport.session() as session:
            session.envelope("claire@exemple.example", recipient)
            session.transmit(_READY)
        found.append((sink.wait_for(recipient) - started) * 1000)
    return found


_HEAD = "From: claire@exemple.example\r\nSubject: Bonjour\r\n\r\n"
_READY = (_HEAD + ("x" * 70 + "\r\n") * 120).encode()

if __name__ == "__main__":
    main()
