"""The channel rules as they are now, and what they say of a visit."""

from __future__ import annotations

import time
from collections.abc import Mapping

from leads.channel_rules import SHIPPED, Found, Marks, Rule, as_json, channel_for, marks_of, read_conditions
from leads.models import Campaign, ChannelRule

REMEMBERED_SECONDS = 10.0


class _Book:
    """The rules and the campaigns' codes, read again when they are old."""

    def __init__(self) -> None:
        self._rules: tuple[Rule, ...] = ()
        self._campaigns: dict[str, int] = {}
        self._read_at = float("-inf")

    def decide(self, marks: Marks) -> Found:
        """What the rules say of a visit."""
        if time.monotonic() - self._read_at > REMEMBERED_SECONDS:
            self._rules, self._campaigns = live_rules(), campaign_codes()
            self._read_at = time.monotonic()
        return channel_for(marks, self._rules, self._campaigns)

    def forget(self) -> None:
        """Read again next time."""
        self._read_at = float("-inf")


_book = _Book()
forget = _book.forget


def found_for(marks: Marks) -> Found:
    """Channel and campaign of a visit under the rules of now (a change is seen within ten seconds)."""
    return _book.decide(marks)


def channel_of(*, utm: Mapping[str, str] | None = None, referrer: str = "", page: str = "") -> str:
    """Only the channel's code, from what a browser reported; an empty text when nothing is known."""
    return found_for(marks_of(utm=utm, referrer=referrer, page=page)).channel


def live_rules() -> tuple[Rule, ...]:
    """The rules in use, in their order."""
    rows = ChannelRule.objects.filter(is_active=True)
    return tuple(Rule(read_conditions(row.conditions), row.channel, row.campaign_id, row.pk) for row in rows)


def campaign_codes() -> dict[str, int]:
    """The campaigns by their code, as utm_campaign names them."""
    return {code.lower(): pk for code, pk in Campaign.objects.values_list("code", "pk")}


def shipped_rows() -> list[ChannelRule]:
    """The rules that a new installation starts with."""
    return [
        ChannelRule(position=place, conditions=as_json(rule.conditions), channel=rule.channel)
        for place, rule in enumerate(SHIPPED, start=1)
    ]


def add_shipped_rules(**_: object) -> None:
    """Insert the shipped rules where there is no rule at all (receiver of post_migrate)."""
    forget()
    if not ChannelRule.objects.exists():
        ChannelRule.objects.bulk_create(shipped_rows())
