"""What a form or a button of the editor does to a document. Pure; LookupError when the part is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scoring.drafts import (
    Document,
    PartGone,
    find_rule,
    free_code,
    get,
    move,
    place_of,
    put,
    put_head,
    remove,
    transfer,
)
from scoring.editor.addresses import Address, read, split, write
from scoring.editor.starters import BY_CODE
from scoring.editor.tree import add, bare, drop, negate, word_of

Edit = Callable[[Document], Document]
LONGEST_NAME = 120


def save_value(address: Address, value: Any) -> Edit:
    """Write a value: points, a match, a question …"""

    def edit(document: Document) -> Document:
        read(document, address)
        return write(document, address, value)

    return edit


def save_name(address: Address, given: Mapping[str, Any]) -> Edit:
    """Name a rule; what is None is left out."""

    def edit(document: Document) -> Document:
        return write(document, address, _merged(read(document, address), given))

    return edit


def save_often(address: Address, often: Mapping[str, Any]) -> Edit:
    """Say how a rule counts; the events stay."""

    def edit(document: Document) -> Document:
        return write(document, address, {"event": read(document, (*address, "event")), **often})

    return edit


def save_word(address: Address, word: str, negated: bool) -> Edit:
    """Join what is joined by another word, and negate it or not."""

    def edit(document: Document) -> Document:
        inner = bare(read(document, address))
        joined = inner[word_of(inner)] if word_of(inner) else [inner]
        return write(document, address, negate({word: joined}, negated))

    return edit


def save_group(code: str, given: Mapping[str, Any]) -> Edit:
    """Change a group's head; what is None is left out."""

    def edit(document: Document) -> Document:
        head = {name: value for name, value in get(document, ("groups", code)).items() if name != "rules"}
        return put_head(document, code, _merged(head, given))

    return edit


def add_question(address: Address, word: str, question: Mapping[str, Any]) -> Edit:
    """Put another question beside a condition."""
    return lambda document: add(document, address, word, dict(question))


def add_rule(group: str, rule: Mapping[str, Any], wish: str) -> Edit:
    """Put a rule at the end of a group, under a free code."""

    def edit(document: Document) -> Document:
        code = free_code(document, wish)
        return put(document, ("groups", group, "rules", code), {"code": code, **rule})

    return edit


def add_starter(group: str, starter: str) -> Edit:
    """Put a common rule into a group. KeyError for an unknown starter."""
    chosen = BY_CODE[starter]
    return add_rule(group, chosen.rule, chosen.code)


def add_group(measures: str, starter: str, head: Mapping[str, Any]) -> Edit:
    """Put a new group at the end, which begins with a common rule: no group is without rules."""
    chosen = BY_CODE[starter]

    def edit(document: Document) -> Document:
        code = free_code(document, f"{measures}_group")
        rule = chosen.made(free_code(document, chosen.code))
        named = {name: value for name, value in head.items() if value is not None}
        return put(document, ("groups", code), {"code": code, "measures": measures, "rules": [rule], **named})

    return edit


def remove_part(address: Address) -> Edit:
    """Take a rule, a group or a condition away. The last rule of a group takes it along."""

    def edit(document: Document) -> Document:
        part, rest = split(address)
        if rest:
            return drop(document, address)
        if len(part) == 4 and len(get(document, part[:2])["rules"]) == 1:
            get(document, part)
            return remove(document, part[:2])
        return remove(document, part)

    return edit


def copy_rule(address: Address, suffix: Mapping[str, str]) -> Edit:
    """Put a copy of a rule behind it. ``suffix``: what its name gets, by language."""

    def edit(document: Document) -> Document:
        rule = get(document, address)
        code = free_code(document, rule["code"])
        names = rule["name"] if isinstance(rule["name"], dict) else dict.fromkeys(("fr", "en"), rule["name"])
        named = {language: f"{name[:LONGEST_NAME]}{suffix[language]}" for language, name in names.items()}
        copied = {**rule, "code": code, "name": named}
        return put(document, (*address[:-1], code), copied, at=place_of(document, address) + 1)

    return edit


def move_part(address: Address, step: int) -> Edit:
    """Move a rule within its group, or a group."""
    return lambda document: move(document, address, step)


def transfer_rule(address: Address, group: str) -> Edit:
    """Move a rule to another group of the same measure; the last one of a group takes it along."""

    def edit(document: Document) -> Document:
        get(document, ("groups", group))
        moved = transfer(document, address, group)
        return moved if get(moved, address[:2])["rules"] else remove(moved, address[:2])

    return edit


def switch(address: Address, is_on: bool) -> Edit:
    """Switch a rule or a group on or off."""

    def edit(document: Document) -> Document:
        part = {name: value for name, value in get(document, address).items() if name != "enabled"}
        return put(document, address, part if is_on else {**part, "enabled": False})

    return edit


def new_code(document: Document, before: Document) -> str:
    """The code of the rule that ``document`` has and ``before`` had not; "" for none."""
    codes = [rule["code"] for group in document["groups"] for rule in group["rules"]]
    for code in codes:
        try:
            find_rule(before, code)
        except PartGone:
            return str(code)
    return ""


def _merged(part: Mapping[str, Any], given: Mapping[str, Any]) -> Document:
    merged = {**part, **given}
    return {name: value for name, value in merged.items() if value is not None}
