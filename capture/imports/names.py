"""Splitting a full name, as French files write it: "DUPONT Jean", "Mme Élodie O'Neill", "de La Tour, Luc"."""

from __future__ import annotations

import re

from nameparser import HumanName

_TITLES = re.compile(
    r"^(?:(?:m|mr|mme|mlle|dr|pr|me|mrs|ms|monsieur|madame|mademoiselle|docteur|maître)\.?\s+)+",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    [
        "de",
        "du",
        "des",
        "d'",
        "la",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "da",
        "di",
        "del",
        "della",
        "dos",
        "el",
        "al",
        "ben",
    ]
)


def split_name(full: str) -> tuple[str, str]:
    """First and last name of one cleaned line. A single word is a last name; words in capitals beside others
    that are not are the last name; a comma stands between last and first name."""
    bare = _TITLES.sub("", full).strip()
    words = bare.split()
    if len(words) < 2:
        return "", bare
    if "," in bare:
        last, _, first = bare.partition(",")
        return first.strip(), last.strip()
    return _by_capitals(words) or _by_particles(words) or _by_parser(bare)


def _by_capitals(words: list[str]) -> tuple[str, str] | None:
    """ "DUPONT Jean" or "Jean DE LA TOUR"; None where all or none are in capitals."""
    shouted = [word.isupper() and len(word.strip(".'-")) > 1 for word in words]
    if all(shouted) or not any(shouted):
        return None
    first = " ".join(word for word, is_last in zip(words, shouted, strict=True) if not is_last)
    last = " ".join(word for word, is_last in zip(words, shouted, strict=True) if is_last)
    return first, last


def _by_particles(words: list[str]) -> tuple[str, str] | None:
    """ "Jean de La Tour": the last name begins with its particle."""
    for place, word in enumerate(words[1:], start=1):
        if word.lower() in _PARTICLES or word.lower().startswith("d'"):
            return " ".join(words[:place]), " ".join(words[place:])
    return None


def _by_parser(bare: str) -> tuple[str, str]:
    name = HumanName(bare)
    first = f"{name.first} {name.middle}".strip()
    last = f"{name.last} {name.suffix}".strip()
    return (first, last) if last else ("", bare)
