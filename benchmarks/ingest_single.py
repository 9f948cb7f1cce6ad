"""One event a request over HTTP, against a bare ModelSerializer view on the same table."""

from __future__ import annotations

import json
import os
import statistics
from typing import Any

from benchmarks import _events, _web
from benchmarks.harness import own_database, report, say, size

# Many short rounds, added up: what else the machine does meanwhile then falls on both sides alike.
ROUNDS = 8
_EMPTY = "TRUNCATE leads_event, leads_eventkey, leads_wake"


def main() -> None:
    """Measure, print the line."""
    number = size("EVENTS", 16_000) // ROUNDS
    with own_database("ingest_single") as url:
        from accounts.actions import create_api_key

        leads = _events.prepare(url, size("LEADS", 20_000))
        _key, value = create_api_key(name="benchmark", kind="secret")
        bearer = {"Authorization": f"Bearer {value}"}
        bare_environment = os.environ | {"DATABASE_URL": url}
        bare_environment.pop("DJANGO_SETTINGS_MODULE", None)
        ours, theirs, web_cpu = [], [], 0.0
        with (
            _web.serving("config.wsgi", _web.production(url), path="/livez") as server,
            _web.serving("benchmarks._bare_drf", bare_environment, path="/") as bare,
        ):
            # Warm up: connections, caches, plans, signatures.
            _post(server.port, "/api/v1/events/", bearer, _events.events(3_000, leads, seed=0), 202)
            _post(bare.port, "/events/", {}, _bare(_events.events(1_000, leads, seed=0)), 201)
            for turn in range(ROUNDS):
                events = _events.events(number, leads, seed=turn + 1)
                _web.run_sql(url, _EMPTY, "CHECKPOINT")
                used = server.cpu_seconds()
                ours.append(_post(server.port, "/api/v1/events/", bearer, events, 202))
                web_cpu += server.cpu_seconds() - used
                _web.run_sql(url, _EMPTY, "CHECKPOINT")
                theirs.append(_post(bare.port, "/events/", {}, _bare(events), 201))
                say(f"{number / ours[-1].seconds:.0f} a second, bare {number / theirs[-1].seconds:.0f}")
    report(
        "ingest_single",
        _figures(ours, theirs, web_cpu),
        {"ratio": ">= 1.5", "per_second": ">= 600", "p99_ms": "< 40"},
    )


def _figures(ours: list[_web.Load], theirs: list[_web.Load], web_cpu: float) -> dict[str, float]:
    """Rates, their ratio, and latencies over all rounds."""
    mine, peer = _web.added_up(ours), _web.added_up(theirs)
    figures = {
        "per_second": len(mine.latencies) / mine.seconds,
        "bare_per_second": len(peer.latencies) / peer.seconds,
        "ratio": peer.seconds / mine.seconds,
        "p50_ms": statistics.median(mine.latencies),
        "p99_ms": mine.p99_ms,
        "bare_p99_ms": peer.p99_ms,
        "web_us": web_cpu / len(mine.latencies) * 1e6,
    }
    return {name: round(value, 3) for name, value in figures.items()}


def _post(
    port: int, path: str, headers: dict[str, str], events: list[dict[str, Any]], expect: int
) -> _web.Load:
    """Post the events one by one, spread over the clients."""
    bodies = [json.dumps(event, separators=(",", ":")).encode() for event in events]
    shares = [bodies[client :: _web.CLIENTS] for client in range(_web.CLIENTS)]
    return _web.post_all(port, path, headers, shares, expect=expect)


def _bare(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same events in the columns of the table, as the bare view takes them."""
    return [
        {
            "event_id": event["event_id"],
            "kind_id": 1,
            "occurred_at": event["occurred_at"],
            "lead_id": number,
            "content_id": int(event["content"].rpartition("-")[2]),
            "properties": event["properties"],
        }
        for number, event in enumerate(events, start=1)
    ]


if __name__ == "__main__":
    main()
