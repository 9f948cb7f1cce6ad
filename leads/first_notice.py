"""Who is still to be told where their data comes from: lists by source, until a first message has said so.

RGPD, article 14: whoever did not give their data themselves learns, within a month and at the latest with the
first message, who has it, from which source, what for, and which rights they have.
"""

from __future__ import annotations

from hashlib import sha256

CODE = "article-14"
_NAME = "À informer (RGPD, art. 14)"
_BETWEEN = " : "
LONGEST_SOURCE = 90


def code_of(source: str) -> str:
    """The code of the list of people who come from ``source``."""
    return f"{CODE}-{sha256(source.encode()).hexdigest()[:12]}"


def name_of(source: str) -> str:
    """The name of that list: it carries the source, as the person will be told."""
    return f"{_NAME}{_BETWEEN}{source[:LONGEST_SOURCE]}"


def source_of(name: str) -> str:
    """The source that a list's name carries; "" where somebody renamed it beyond recognition."""
    return name.partition(_BETWEEN)[2].strip()
