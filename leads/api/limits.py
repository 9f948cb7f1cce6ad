"""Counting requests: atomic counters in Redis, shared by all processes; a local count when Redis is away.

A request must not wait for a Redis that is down or hung: every call has a short time-out, and after a
failure the process counts by itself for some seconds (fail-open for writers, with a local limit).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

SOCKET_TIMEOUT = 0.1  # seconds
PAUSE_AFTER_FAILURE = 5.0  # seconds without asking Redis again
_MOST_COUNTED_LOCALLY = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``number`` requests in each window of ``seconds``."""

    name: str
    number: int
    seconds: int

    @property
    def block(self) -> int:
        """How many permits a process takes from Redis at once: 1, unless the limit is very high.

        Never more than the limit is allowed; with several processes a high limit may bite a little early.
        """
        return max(1, self.number // 500) if self.number >= 10_000 else 1


def limit(name: str) -> Limit:
    """The limit that settings.API_LIMITS gives this name."""
    number, seconds = settings.API_LIMITS[name]
    return Limit(name, number, seconds)


def seconds_to_wait(rule: Limit, who: str, *, now: float | None = None) -> int:
    """Count one request of ``who``; 0 when it may pass, else the seconds until the next window."""
    moment = time.time() if now is None else now
    window = int(moment // rule.seconds)
    key = f"{rule.name}:{who}:{window}"
    if _permits.take(key, rule):
        return 0
    return max(1, int((window + 1) * rule.seconds - moment) + 1)


class _Permits:
    """What this process may still let through, by key; refilled from Redis in blocks."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()
        self._silent_until = 0.0

    def take(self, key: str, rule: Limit) -> bool:
        """Take one permit; False when the window's permits are used up."""
        with self._lock:
            left = self._left.get(key, 0)
            if left > 0:
                self._left[key] = left - 1
                return True
            ask = time.monotonic() >= self._silent_until
        granted = self._ask_redis(key, rule) if ask else None
        if granted is None:
            return self._take_locally(key, rule)
        with self._lock:
            self._make_room()
            self._left[key] = max(0, self._left.get(key, 0)) + max(0, granted - 1)
        return granted > 0

    def _ask_redis(self, key: str, rule: Limit) -> int | None:
        """A block of permits, fewer at the end of the limit; None when Redis does not answer."""
        try:
            pipe = redis_client().pipeline(transaction=True)
            pipe.incrby(f"ecluse:limit:{key}", rule.block)
            pipe.expire(f"ecluse:limit:{key}", rule.seconds * 2)
            used = int(pipe.execute()[0])
        except (redis.RedisError, OSError) as error:
            log.warning("limits_counted_locally", error=str(error))
            self._silent_until = time.monotonic() + PAUSE_AFTER_FAILURE
            return None
        return min(rule.block, rule.number - (used - rule.block))

    def _take_locally(self, key: str, rule: Limit) -> bool:
        """Count in this process only. Used permits are counted downwards from zero."""
        with self._lock:
            self._make_room()
            used = -self._left.get(key, 0)
            self._left[key] = -(used + 1)
            return used < rule.number

    def _make_room(self) -> None:
        """Forget everything when too many callers are remembered (old windows among them)."""
        if len(self._left) > _MOST_COUNTED_LOCALLY:
            self._left.clear()

    def forget(self) -> None:
        """Start anew (tests)."""
        with self._lock:
            self._left.clear()
            self._silent_until = 0.0


_permits = _Permits()


_clients: dict[str, redis.Redis] = {}
_connecting = threading.Lock()


def redis_client() -> redis.Redis:
    """One connection pool a process (two threads must not each make one); no retries, short time-outs."""
    with _connecting:
        if not _clients:
            _clients["redis"] = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=SOCKET_TIMEOUT,
                socket_connect_timeout=SOCKET_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
                health_check_interval=0,
            )
        return _clients["redis"]


def forget() -> None:
    """Forget what this process counted and how Redis was reached (tests)."""
    _permits.forget()
    _clients.clear()
