"""Strict JSON: what every endpoint reads its body with (bar: inputs B01-B10, B22).

msgspec already refuses truncated text, NaN, numbers out of range, lone surrogates and byte order marks.
Added here: duplicate keys, NUL characters, nesting, declared encodings. Pure: bytes in, values out.
"""

from __future__ import annotations

import codecs
import json
import re

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_DEPTH = 10
# A quote or backslash inside a string, written either way: then counting quotes says nothing.
_HIDDEN_QUOTES = re.compile(rb'\\(?:["\\]|u00(?:22|5[cC]))')
_NUL = re.compile(rb"\\u0000")


class NotStrict(ValueError):
    """The body cannot be taken; ``code`` is stable, ``detail`` says what to do."""

    def __init__(self, code: str, detail: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def strict_json(body: bytes, *, levels: int = MAX_DEPTH) -> object:
    """The value of a JSON body, at most ``levels`` deep. Raises NotStrict."""
    value = decode(body)
    check_depth(value, levels)
    return value


def decode(body: bytes) -> object:
    """The value of a JSON body without duplicate keys or NUL; its depth is the caller's matter.

    Raises NotStrict: empty_body, invalid_json, too_deep, null_character, duplicate_key.
    """
    if not body.strip():
        raise NotStrict("empty_body", _("The body is empty: send a JSON document."))
    try:
        value = msgspec.json.decode(body)
    except RecursionError as error:
        raise _too_deep() from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotStrict("invalid_json", _("The body is not valid JSON in UTF-8.")) from error
    again = msgspec.json.encode(value)
    if b"\\" in body and _NUL.search(body) and _holds_nul(again):
        raise NotStrict("null_character", _("Text must not contain the NUL character."))
    if _has_duplicate_keys(body, again):
        raise NotStrict("duplicate_key", _("A name occurs twice in one JSON object."))
    return value


def may_hide_quotes(body: bytes) -> bool:
    """Whether counting quotes may miscount the strings of a JSON text (or it may hold a NUL)."""
    return b"\\" in body and (_HIDDEN_QUOTES.search(body) or _NUL.search(body)) is not None


def check_depth(value: object, room: int = MAX_DEPTH) -> None:
    """Raise NotStrict when lists and objects are nested deeper than ``room``."""
    if not isinstance(value, (dict, list)):
        return
    if room == 0:
        raise _too_deep()
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            check_depth(item, room - 1)


def _too_deep() -> NotStrict:
    return NotStrict("too_deep", _("The JSON document is nested too deeply (10 levels at most)."))


def _holds_nul(again: bytes) -> bool:
    """Whether a NUL really is in the text (an escaped backslash followed by u0000 is none)."""
    return b"\\u0000" in again.replace(rb"\\", b"")


def _has_duplicate_keys(body: bytes, again: bytes) -> bool:
    """Whether decoding lost a name: then ``body`` holds more strings than the value encoded ``again``.

    Counting quotes costs two scans in C; only text with quotes inside strings is parsed once more.
    """
    if body == again:
        return False
    if b"\\" not in body or not _HIDDEN_QUOTES.search(body):
        return body.count(b'"') != again.count(b'"')
    found = False

    def collect(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal found
        table = dict(pairs)
        found = found or len(table) != len(pairs)
        return table

    json.loads(body, object_pairs_hook=collect)
    return found


def check_charset(charset: str | None) -> None:
    """JSON is UTF-8: refuse a declared encoding that Python knows as another one; ignore unknown names."""
    if not charset:
        return
    try:
        name = codecs.lookup(charset.strip("\"'")).name
    except (LookupError, ValueError):
        return
    if name not in {"utf-8", "ascii"}:
        raise NotStrict("charset_unsupported", _("Send JSON in UTF-8, without another charset."))
