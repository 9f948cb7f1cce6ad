"""An import from its upload to its end: what people ask for, and what the worker does of it, bit by bit."""

from __future__ import annotations

from capture.actions.imports.orders import (
    REVERTIBLE,
    Options,
    ask_check,
    ask_revert,
    ask_run,
    give_up,
    set_options,
)
from capture.actions.imports.states import NotReady
from capture.actions.imports.uploads import check_mapping, read_again, receive, set_mapping
from capture.actions.imports.worker import forget_imports, next_at_work, work

__all__ = (
    "REVERTIBLE",
    "NotReady",
    "Options",
    "ask_check",
    "ask_revert",
    "ask_run",
    "check_mapping",
    "forget_imports",
    "give_up",
    "next_at_work",
    "read_again",
    "receive",
    "set_mapping",
    "set_options",
    "work",
)
