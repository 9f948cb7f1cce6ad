"""The HTML of an email: cleaned, put into the layout, its styles written onto the elements.

All of that happens once, when a template is saved; Liquid passes through untouched. Because merged values
could still smuggle something in, the marketer's part is cleaned once more after merging.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import css_inline
import nh3
from django.conf import settings
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

URL_SCHEMES = {"http", "https", "mailto", "tel"}
# fmt: off
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "center", "code", "div", "em", "h1", "h2", "h3", "h4", "hr",
    "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "u", "ul",
}
# fmt: on
_ATTRIBUTES = {
    "*": {"align", "class", "dir", "lang", "role", "style", "title", "valign", "width", "height", "bgcolor"},
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "table": {"border", "cellpadding", "cellspacing"},
}
# fmt: off
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width",
    "color", "display", "font-family", "font-size", "font-style", "font-weight", "height",
    "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "max-width", "min-width", "mso-line-height-rule", "padding",
    "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align", "text-decoration",
    "text-transform", "vertical-align", "white-space", "width", "word-break",
}
# fmt: on
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
# In a title a comment is text.
_KEPT = re.compile(r"(?:<!--|&lt;!--)?lq(\d+)lq(?:-->|--&gt;)?")
_BODY = "<!--body-->"
_END = "<!--/body-->"
_LAYOUTS = Path(settings.BASE_DIR) / "templates" / "emails"


def clean(html: str, *, relative_links: bool = True) -> str:
    """``html`` with only harmless elements, attributes, styles and addresses left (bar B36, B37)."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=URL_SCHEMES,
        filter_style_properties=_STYLES,
        strip_comments=False,
        link_rel=None,
        url_relative="pass_through" if relative_links else "deny",
    )


def compile_html(source: str) -> str:
    """The whole email around the marketer's ``source``: Liquid still in it, styles inlined."""
    protected, kept = _protect(_COMMENT.sub("", source))
    body = _restore(clean(protected), kept)
    whole, kept = _protect(_layout("layout.html").replace(_BODY, f"{_BODY}{body}{_END}"))
    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    return _restore(inliner.inline(whole), kept)


def clean_merged(html: str) -> str:
    """A merged email with the marketer's part cleaned once more, so that no value adds markup or a link."""
    before, start, rest = html.partition(_BODY)
    body, end, after = rest.partition(_END)
    if not (start and end):
        raise ValueError("not a compiled email")
    # An email has no address of its own: what is not absolute leads nowhere.
    return before + clean(body, relative_links=False) + after


def compile_text(source: str, html: str) -> str:
    """The text part around ``source``; without one it is made from the marketer's ``html``."""
    return _layout("layout.txt").replace("[body]", (source or _as_text(html)).strip())


def _as_text(html: str) -> str:
    protected, kept = _protect(_COMMENT.sub("", html), text_only=True)
    config = ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=True)
    return _restore(get_text(f"<html><body>{protected}</body></html>", config), kept)


def _protect(html: str, *, text_only: bool = False) -> tuple[str, list[str]]:
    """``html`` with each piece of Liquid replaced by something that parsers leave where it is."""
    kept: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        kept.append(match.group(0))
        in_tag = html.rfind("<", 0, match.start()) > html.rfind(">", 0, match.start())
        name = f"lq{len(kept) - 1}lq"
        return name if in_tag or text_only else f"<!--{name}-->"

    return _LIQUID.sub(put_aside, html), kept


def _restore(html: str, kept: list[str]) -> str:
    def put_back(match: re.Match[str]) -> str:
        number = int(match.group(1))
        return kept[number] if number < len(kept) else match.group(0)

    return _KEPT.sub(put_back, html)


@cache
def _layout(name: str) -> str:
    return (_LAYOUTS / name).read_text(encoding="utf-8")
