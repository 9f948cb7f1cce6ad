"""From what a marketer wrote to what can be merged and sent: checked, cleaned, laid out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nurturing.liquid_templates import BadTemplate, check
from nurturing.markup import compile_html, compile_text


@dataclass(frozen=True, slots=True)
class Source:
    """A template as it is written."""

    subject: str
    html: str
    reason: str
    preheader: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The HTML and the text of the whole email, still with its Liquid."""

    html: str
    text: str


@lru_cache(maxsize=64)
def compile_source(source: Source) -> Compiled:
    """Check every part, put it into the layout. Raises BadTemplate; its ``about`` begins with the part."""
    for part, html in (
        ("subject", False),
        ("preheader", False),
        ("reason", False),
        ("html", True),
        ("text", False),
    ):
        _check(part, getattr(source, part), html=html)
    for required in ("subject", "reason", "html"):
        if not getattr(source, required).strip():
            raise BadTemplate("required", required)
    compiled = Compiled(compile_html(source.html), compile_text(source.text, source.html))
    _check("html", compiled.html, html=True)
    _check("text", compiled.text, html=False)
    return compiled


def _check(part: str, source: str, *, html: bool) -> None:
    try:
        check(source, html=html)
    except BadTemplate as error:
        raise BadTemplate(error.code, f"{part}: {error.about}" if error.about else part) from error
