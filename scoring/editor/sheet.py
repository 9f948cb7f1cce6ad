"""A version's rules as the page draws them: groups with their caps, rules as sentences of inline parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from scoring.editor.addresses import Address, encode
from scoring.editor.tree import bare, is_negated, word_of
from scoring.editor.words import (
    condition_words,
    limits_words,
    match_words,
    name_of,
    often_words,
    points_words,
)

CLAMP = 100


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a sentence. One with an address is a part that opens; ``joins`` are and/or between parts.

    ``after`` is the punctuation that follows it.
    """

    text: str
    at: str = ""
    joins: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule: its points, name, and sentence."""

    at: str
    code: str
    name: str
    note: str
    points: str
    is_minus: bool
    tokens: tuple[Token, ...]
    is_on: bool
    is_first: bool
    is_last: bool
    condition_at: str

    def holds(self, opened: str) -> bool:
        """Whether what is opened is part of this rule."""
        return opened == self.at or opened.startswith(f"{self.at}/")


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group: ``most`` is what its rules can add up to (None: without end), ``cap`` what it may give."""

    at: str
    code: str
    name: str
    note: str
    measures: str
    cap: float | None
    most: float | None
    limits: list[str]
    is_on: bool
    is_first: bool
    is_last: bool
    rules: list[RuleRow] = field(default_factory=list)

    @property
    def share(self) -> int:
        """How much of what the rules could give the cap lets through, in percent; 100 without a cap."""
        if self.cap is None or not self.most:
            return 100
        return min(100, round(100 * self.cap / self.most))

    @property
    def is_open_ended(self) -> bool:
        """Whether some rule counts without end."""
        return self.most is None


def sheet(document: Mapping[str, Any]) -> list[GroupCard]:
    """All groups of a document."""
    groups = document["groups"]
    return [_card(group, place, len(groups), document) for place, group in enumerate(groups)]


def _card(group: Mapping[str, Any], place: int, of: int, document: Mapping[str, Any]) -> GroupCard:
    rules = group["rules"]
    return GroupCard(
        at=encode(("groups", group["code"])),
        code=group["code"],
        name=name_of(group["name"]),
        note=name_of(group.get("note") or ""),
        measures=group["measures"],
        cap=group.get("cap"),
        most=_most(rules),
        limits=limits_words(group),
        is_on=group.get("enabled", True),
        is_first=place == 0,
        is_last=place == of - 1,
        rules=[_row(rule, number, group, document) for number, rule in enumerate(rules)],
    )


def _most(rules: list[Mapping[str, Any]]) -> float | None:
    """The points that all rules together can give at most."""
    total = 0.0
    for rule in rules:
        if not rule.get("enabled", True) or rule["points"] <= 0:
            continue
        times = rule["count"].get("most") if "count" in rule else 1
        if times is None:
            return None
        total += rule["points"] * times
    return total


def _row(
    rule: Mapping[str, Any], place: int, group: Mapping[str, Any], document: Mapping[str, Any]
) -> RuleRow:
    address: Address = ("groups", group["code"], "rules", rule["code"])
    return RuleRow(
        at=encode(address),
        code=rule["code"],
        name=name_of(rule["name"]),
        note=name_of(rule.get("note") or ""),
        points=points_words(rule["points"]),
        is_minus=rule["points"] < 0,
        tokens=tuple(_rule_tokens(rule, address, document)),
        is_on=rule.get("enabled", True),
        is_first=place == 0,
        is_last=place == len(group["rules"]) - 1,
        condition_at=encode((*address, "when")),
    )


def _rule_tokens(rule: Mapping[str, Any], address: Address, document: Mapping[str, Any]) -> Iterator[Token]:
    count = rule.get("count")
    if count is not None:
        yield Token(_("for each"))
        yield Token(match_words(count["event"]), encode((*address, "count", "event")), after=",")
        after = "," if "when" in rule else ""
        yield Token(often_words(count) or _("without limit"), encode((*address, "count")), after=after)
    if "when" in rule:
        yield Token(_("if") if count is not None else _("when"))
        yield from tokens(rule["when"], (*address, "when"), document)


def tokens(condition: Any, address: Address, document: Mapping[str, Any]) -> Iterator[Token]:
    """A condition as pieces that open; nested ones are in brackets."""
    inner, word = bare(condition), word_of(bare(condition))
    if not word:
        yield Token(condition_words(condition, document), encode(address))
        return
    inside = (*address, "not", word) if is_negated(condition) else (*address, word)
    if is_negated(condition):
        yield Token(_("not"), encode(address), joins=True)
        yield Token("(")
    for place, part in enumerate(inner[word]):
        if place:
            yield Token(_("and") if word == "all" else _("or"), encode(address), joins=True)
        nested = bool(word_of(part)) and len(part[word_of(part)]) > 1
        if nested:
            yield Token("(")
        yield from tokens(part, (*inside, str(place)), document)
        if nested:
            yield Token(")")
    if is_negated(condition):
        yield Token(")")
