"""Robots that say who they are: the public list of crawler user agents, as one compiled expression."""

from __future__ import annotations

import re
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_LONGEST = 512


@lru_cache(maxsize=1)
def _robots() -> re.Pattern[str]:
    """Compiled once a process, at the first question."""
    return re.compile("|".join(f"(?:{robot['pattern']})" for robot in CRAWLER_USER_AGENTS_DATA))


@lru_cache(maxsize=4096)
def is_crawler(user_agent: str) -> bool:
    """Whether the agent names itself a robot, a monitor or a library of a programming language."""
    return bool(_robots().search(user_agent[:_LONGEST]))
