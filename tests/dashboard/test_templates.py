"""Every template keeps the browser policy, and draws only icons that are collected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from dashboard.navigation import PLACES
from dashboard.queries.home import ARRIVALS, CHANGES
from dashboard.templatetags.ui import ASIDE, TEMPERATURES
from dashboard.timeline import ICONS, PASSAGE_ICONS

ROOT = Path(settings.BASE_DIR)
# Emails are written with inline styles on purpose: mail programs know nothing else.
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts)
INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)
HANDLER = re.compile(r"\son[a-z]+\s*=|\bhx-on\b|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)
ICON = re.compile(r"""{% icon "([a-z0-9-]+)"|icon_name="([a-z0-9-]+)\"""")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_inline_style_script_or_handler_and_no_other_host(path: Path) -> None:
    text = path.read_text()
    for rule in (INLINE_STYLE, INLINE_SCRIPT, HANDLER, ELSEWHERE):
        assert rule.findall(text) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_template_compiles(path: Path) -> None:
    assert get_template(str(path.relative_to(ROOT / "templates")))


def test_every_icon_in_a_template_is_collected() -> None:
    collected = set((ROOT / "assets" / "icons.txt").read_text().split())
    used = {name for path in PAGES for pair in ICON.findall(path.read_text()) for name in pair if name}
    assert used - collected == set()


def test_every_icon_named_in_python_is_collected() -> None:
    named = {place.icon for _label, places in PLACES for place in places}
    named |= {icon for *_rest, icon in (*ARRIVALS, *CHANGES)}
    named |= {
        *ICONS.values(),
        *PASSAGE_ICONS.values(),
        *ASIDE.values(),
        *(icon for icon, _l in TEMPERATURES.values()),
    }
    assert named - set((ROOT / "assets" / "icons.txt").read_text().split()) == set()


# What sites load (the tracker has a budget in bytes), and what works without a network.
FOR_VISITORS = {"embed.js", "form.js", "pow.js", "ecluse.js"}
OFFLINE = {"quick_entry.js", "quick-sw.js"}


def test_our_own_javascript_stays_small() -> None:
    scripts = [*(ROOT / "static" / "js").glob("*.js"), *(ROOT / "static").glob("*.js")]
    lines = {path.name: len(path.read_text().splitlines()) for path in scripts}
    assert sum(count for name, count in lines.items() if name not in FOR_VISITORS | OFFLINE) <= 300
    assert sum(lines[name] for name in FOR_VISITORS - {"ecluse.js"}) <= 120
    assert sum(lines[name] for name in OFFLINE) <= 160


def test_each_place_has_a_key_of_its_own() -> None:
    keys = [place.key for _label, places in PLACES for place in places]
    assert sorted({*keys, "g"}) == sorted([*keys, "g"])  # "g g" is the bell's
