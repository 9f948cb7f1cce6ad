"""Liquid, tamed: a closed list of fields, tags and filters, and limits on what a template may cost.

Marketers write Liquid and nothing else. A field that does not exist is refused when the template is saved;
one that is empty, and has no fallback (``| default: "…"``), stops the message instead of leaving a hole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from io import StringIO
from typing import TextIO

from liquid import Environment, RenderContext, Undefined
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.output import LimitedStringIO
from liquid.static_analysis import TemplateAnalysis, Variable
from liquid.template import BoundTemplate

from nurturing.merge_fields import CONTENT_FIELDS, EXAMPLE, FIELDS, Values

MAX_SOURCE = 60_000  # characters
MAX_OUTPUT = 200_000  # bytes
MAX_SECONDS = 0.05  # of this thread's processor time
MAX_ROUNDS = 60
TAGS = frozenset({"if", "unless", "case", "for", "comment", "#"})
FILTERS = frozenset(
    {
        "capitalize",
        "default",
        "downcase",
        "escape",
        "first",
        "join",
        "size",
        "strip",
        "truncate",
        "truncatewords",
    }
    | {"upcase"}
)


class BadTemplate(Exception):
    """The template cannot be saved; the arguments are a code and what it is about."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code, about)
        self.code, self.about = code, about


class CannotRender(Exception):
    """This message cannot be made from this template; the arguments are a code and what it is about."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code, about)
        self.code, self.about = code, about


class _Empty(Undefined):
    """An empty field: false in a condition, replaced by ``default``, and nothing that can be printed."""

    __slots__ = ()

    def __str__(self) -> str:
        raise CannotRender("empty_field", (self.hint or self.name).removesuffix(" is undefined"))


class _Output(LimitedStringIO):
    """Output that ends when the template has used up its time."""

    def __init__(self, limit: int, deadline: float) -> None:
        super().__init__(limit)
        self.deadline = deadline

    def write(self, text: str) -> int:
        if time.thread_time() > self.deadline:
            raise CannotRender("too_slow")
        return super().write(text)


class _Context(RenderContext):
    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """A buffer for a part, under what is left of the whole's limits."""
        if isinstance(buf, _Output):
            return _Output(max(buf.limit - buf.size, 0), buf.deadline)
        return _Output(MAX_OUTPUT, time.thread_time() + MAX_SECONDS)


class _Template(BoundTemplate):
    context_class = _Context

    def _get_buffer(self) -> StringIO:
        return _Output(MAX_OUTPUT, time.thread_time() + MAX_SECONDS)


class _Tamed(Environment):
    loop_iteration_limit = MAX_ROUNDS
    block_nesting_limit = 12
    output_stream_limit = MAX_OUTPUT
    template_class = _Template

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Keep what may be used and what the parser itself needs; forget the rest."""
        super().setup_tags_and_filters(extra=extra)
        unwanted = {
            "assign",
            "capture",
            "cycle",
            "decrement",
            "doc",
            "echo",
            "ifchanged",
            "include",
            "increment",
        }
        unwanted |= {"liquid", "render", "tablerow", "break", "continue"}
        self.tags = {name: tag for name, tag in self.tags.items() if name not in unwanted}
        self.filters = {name: each for name, each in self.filters.items() if name in FILTERS}


_HTML = _Tamed(undefined=_Empty, autoescape=True)
_TEXT = _Tamed(undefined=_Empty, autoescape=False)


@lru_cache(maxsize=512)
def _parsed(source: str, *, html: bool) -> BoundTemplate:
    return (_HTML if html else _TEXT).from_string(source)


def check(source: str, *, html: bool) -> None:
    """Refuse a source that could not be rendered, or not cheaply: raises BadTemplate."""
    if len(source) > MAX_SOURCE:
        raise BadTemplate("too_long")
    try:
        analysis = _parsed(source, html=html).analyze()
    except LiquidError as error:
        raise BadTemplate("syntax", error.args[0]) from error
    _check_names(analysis)
    try:
        render(source, EXAMPLE, html=html)
    except CannotRender as error:
        if error.code != "empty_field":
            raise BadTemplate(error.code, error.about) from error


def _check_names(analysis: TemplateAnalysis) -> None:
    for kind, used, known in (("tag", analysis.tags, TAGS), ("filter", analysis.filters, FILTERS)):
        for name in used:
            if name not in known:
                raise BadTemplate(f"unknown_{kind}", name)
    for root, variables in analysis.variables.items():
        is_field = root in analysis.globals
        for variable in variables:
            _check_variable(variable, _is_field if is_field else _is_item)


def _check_variable(variable: Variable, is_known: Callable[[str], bool]) -> None:
    if not is_known(str(variable)):
        raise BadTemplate("unknown_field", str(variable))


def _is_field(path: str) -> bool:
    return path in FIELDS


def _is_item(path: str) -> bool:
    """Whether ``path`` is a part of a loop's item, or of the loop itself."""
    root, _, rest = path.partition(".")
    return rest in CONTENT_FIELDS or (root == "forloop" and rest in {"first", "last", "index"})


def render(source: str, values: Values, *, html: bool) -> str:
    """The text of ``source`` with ``values`` merged in; in HTML every value is escaped.

    Raises CannotRender: ``empty_field`` (with its name), ``too_slow``, ``too_big`` or ``broken``.
    """
    template, known = _parsed(source, html=html), _without_empty(values)
    try:
        return _rendered(template, known)
    except CannotRender as problem:
        if problem.code != "too_slow":
            raise
        # Once more: the process may just have been collecting garbage.
        return _rendered(template, known)


def _rendered(template: BoundTemplate, values: dict[str, object]) -> str:
    try:
        return template.render(values)
    except LiquidError as error:
        code = "too_big" if isinstance(error, ResourceLimitError) else "broken"
        raise CannotRender(code, error.args[0]) from error


def _without_empty(values: Values) -> dict[str, object]:
    """The values without the empty ones, so that an empty field is an absent one at every depth."""
    return {
        name: _without_empty(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value not in ("", None, [])
    }
