"""/livez: this process answers. /readyz: the database answers, and how long ago work was really done."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from leads.api.addresses import client_address
from leads.api.limits import limit, seconds_to_wait
from leads.models import Heartbeat, Wake

# A worker's heartbeat older than this means that the queue is drained by nobody.
STALE_AFTER = timedelta(seconds=60)


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Always 200: whoever cannot send this is dead."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 without a database. A worker that does not work is told, but does not take the web down:
    what comes in is kept and drained later."""
    wait = seconds_to_wait(limit("probes"), client_address(request))
    if wait:
        return JsonResponse({"status": "throttled"}, status=429, headers={"Retry-After": str(wait)})
    try:
        return JsonResponse(_state())
    except DatabaseError:
        connection.close()
        return JsonResponse({"status": "no_database"}, status=503, headers={"Retry-After": "2"})


def _state() -> dict[str, object]:
    """How the work stands: how long ago a worker ran a task, how long the oldest wake waits."""
    now = timezone.now()
    oldest = Wake.objects.order_by("id").values_list("created_at", flat=True).first()
    newest = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    degraded = newest is None or now - newest > STALE_AFTER
    return {
        "status": "queue_degraded" if degraded else "ok",
        "worker_seconds": round((now - newest).total_seconds(), 1) if newest else None,
        "oldest_wake_seconds": round((now - oldest).total_seconds(), 1) if oldest else 0,
    }
