"""One event a request over HTTP, against a bare ModelSerializer view on the same table."""

from __future__ import annotations

import json
import os
import statistics
from typing import Any

from benchmarks import _events, _web
from benchmarks.harness import own_database, report, say, size

ROUNDS = 3
_EMPTY = "TRUNCATE leads_event, leads_eventkey, leads_wake"


def main() -> None:
    """Measure, print the line."""
    number = size("EVENTS", 8_000)
    with own_database("ingest_single") as url:
        from accounts.actions import create_api_key

        leads = _events.prepare(url, size("LEADS", 20_000))
        _key, value = create_api_key(name="benchmark", kind="secret")
        bearer = {"Authorization": f"Bearer {value}"}
        bare_environment = os.environ | {"DATABASE_URL": url}
        bare_environment.pop("DJANGO_SETTINGS_MODULE", None)
        rounds = []
        with (
            _web.serving("config.wsgi", _web.production(url), path="/livez") as server,
            _web.serving("benchmarks._bare_drf", bare_environment, path="/") as bare,
        ):
            _post(server.port, "/api/v1/events/", bearer, _events.events(800, leads, seed=0), 202)
            _post(bare.port, "/events/", {}, _bare(_events.events(800, leads, seed=0)), 201)
            for turn in range(ROUNDS):
                events = _events.events(number, leads, seed=turn + 1)
                _web.run_sql(url, _EMPTY, "CHECKPOINT")
                used = server.cpu_seconds()
                ours = _post(server.port, "/api/v1/events/", bearer, events, 202)
                web_us = (server.cpu_seconds() - used) / number * 1e6
                _web.run_sql(url, _EMPTY, "CHECKPOINT")
                theirs = _post(bare.port, "/events/", {}, _bare(events), 201)
                rounds.append(
                    {
                        "per_second": number / ours.seconds,
                        "bare_per_second": number / theirs.seconds,
                        "ratio": theirs.seconds / ours.seconds,
                        "p50_ms": statistics.median(ours.latencies),
                        "p99_ms": ours.p99_ms,
                        "bare_p99_ms": theirs.p99_ms,
                        "web_us": web_us,
                    }
                )
                say(str(rounds[-1]))
    figures = {name: round(statistics.median(one[name] for one in rounds), 3) for name in rounds[0]}
    report("ingest_single", figures, {"ratio": ">= 1.5", "per_second": ">= 600", "p99_ms": "< 40"})


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
