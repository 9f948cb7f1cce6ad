"""Templates: what is refused at save, what merging may do, what leaves."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.db import InternalError

from nurturing.actions.templates import save_template
from nurturing.compile import Source, compile_source
from nurturing.liquid_templates import BadTemplate, CannotRender, check, render
from nurturing.markup import clean, clean_merged
from nurturing.merge_fields import EXAMPLE
from nurturing.shipped import LANGUAGES, TEMPLATES, read

NOW = datetime(2026, 3, 12, 11, tzinfo=UTC)


def source(html: str = "<p>Bonjour</p>", **parts: str) -> Source:
    return Source(**({"subject": "Bonjour", "reason": "Parce que.", "html": html} | parts))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ settings.SECRET_KEY }}", "unknown_field"),
        ("{{ lead.owner.password }}", "unknown_field"),
        ("{{ lead }}", "unknown_field"),
        ("{{ lead.first_name[0] }}", "unknown_field"),
        ("{{ content[lead.first_name] }}", "unknown_field"),
        ("{% for c in newsletter.contents %}{{ c.password }}{% endfor %}", "unknown_field"),
        ("{% include 'x' %}", "syntax"),
        ("{% load static %}", "syntax"),
        ("{% assign a = lead.first_name %}", "syntax"),
        ("{% render 'x' %}", "syntax"),
        ('{{ lead.first_name | center: "99999999" }}', "unknown_filter"),
        ("{{ lead.first_name | safe }}", "unknown_filter"),
        ("{{ 7*7 }}", "syntax"),
        ("{{ lead.first_name", "syntax"),
        ("{% for n in (1..100000000) %}x{% endfor %}", "too_big"),
        ("x" * 60_001, "too_long"),
    ],
)
def test_b38_a_template_that_reaches_for_more_is_refused_at_save(text: str, code: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        check(text, html=True)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["${7*7}", "#{7*7}", "{% raw %}{{ settings }}{% endraw %}", "%(x)s {0}"])
def test_b38_other_template_languages_are_plain_text(text: str) -> None:
    check(text, html=True)
    assert "49" not in render(text, EXAMPLE, html=True)


def test_b38_values_are_never_templates() -> None:
    values = {**EXAMPLE, "company": {"name": "{{ settings.SECRET_KEY }}{% if %}"}}
    assert render("{{ company.name }}", values, html=False) == "{{ settings.SECRET_KEY }}{% if %}"


def test_b38_what_takes_too_long_or_gets_too_big_does_not_leave() -> None:
    pieces = [{"title": "x" * 4000}] * 60
    values = {**EXAMPLE, "newsletter": {"contents": pieces}}
    with pytest.raises(CannotRender, match="too_big"):
        render("{% for c in newsletter.contents %}{{ c.title }}{% endfor %}", values, html=False)
    busy = (
        "{% for c in newsletter.contents %}"
        + "{{ c.title | upcase | downcase | truncate: 1, '' }}" * 1000
        + "{% endfor %}"
    )
    with pytest.raises(CannotRender, match="too_slow"):
        render(busy, values, html=False)


def test_b39_an_unknown_field_is_refused_when_the_template_is_saved(db: None) -> None:
    with pytest.raises(BadTemplate) as refused:
        save_template(code="t", language="fr", source=source("<p>{{ lead.frist_name }}</p>"), now=NOW)
    assert (refused.value.code, refused.value.about) == ("unknown_field", "html: lead.frist_name")


@pytest.mark.parametrize("empty", ["", None, []])
def test_b39_an_empty_required_field_blocks_and_a_fallback_does_not(empty: object) -> None:
    values = {**EXAMPLE, "lead": {"first_name": empty}}
    with pytest.raises(CannotRender) as blocked:
        render("Bonjour {{ lead.first_name }},", values, html=True)
    assert (blocked.value.code, blocked.value.about) == ("empty_field", "lead.first_name")
    assert (
        render('Bonjour {{ lead.first_name | default: "à vous" }},', values, html=True) == "Bonjour à vous,"
    )
    assert (
        render("Bonjour{% if lead.first_name %} {{ lead.first_name }}{% endif %},", values, html=True)
        == "Bonjour,"
    )


class Elements(HTMLParser):
    """The elements and attributes that a mail program would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)

    @property
    def links(self) -> set[str | None]:
        return {value for name, value in self.attributes if name == "href"}


CANARIES = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<!--/body--><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
]


@pytest.mark.parametrize("canary", CANARIES)
def test_b36_a_value_adds_no_markup(canary: str) -> None:
    compiled = compile_source(source('<p title="{{ company.name }}">{{ company.name }}</p>'))
    values = {**EXAMPLE, "company": {"name": canary}}
    found = Elements(clean_merged(render(compiled.html, values, html=True)))
    assert found.tags & {"script", "svg", "img"} == set()
    assert not any(name.startswith("on") for name, _ in found.attributes)
    assert ("title", canary) in found.attributes or "<!--" in canary


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        " java\tscript:alert(1)",
        "//evil.example",
        "vbscript:x",
        "/etc",
    ],
)
def test_b36_only_web_mail_and_telephone_addresses_are_links(url: str) -> None:
    compiled = compile_source(source('<a href="{{ content.url }}">voir</a>'))
    found = Elements(clean_merged(render(compiled.html, {**EXAMPLE, "content": {"url": url}}, html=True)))
    assert found.links == {EXAMPLE["unsubscribe_url"], EXAMPLE["preferences_url"]}


@pytest.mark.parametrize(
    "url", ["https://a.example/x?a=1&b=2", "http://a.example", "mailto:a@b.fr", "tel:+33612345678"]
)
def test_b36_good_links_stay(url: str) -> None:
    compiled = compile_source(source('<a href="{{ content.url }}">voir</a>'))
    html = clean_merged(render(compiled.html, {**EXAMPLE, "content": {"url": url}}, html=True))
    assert f'href="{url.replace("&", "&amp;")}"' in html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>@import url(//evil)</style>",
        '<p style="background:url(javascript:alert(1))">x</p>',
        '<p onclick="x()">x</p>',
        '<iframe src="https://evil.example"></iframe>',
        '<form action="https://evil.example"><input name=a></form>',
        '<base href="https://evil.example">',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
        "<!--[if mso]><script>x</script><![endif]-->",
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        '<object data="https://evil.example"></object>',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_b37_what_a_marketer_may_not_put_into_a_mail_is_removed(html: str) -> None:
    compiled = compile_source(source(f"<p>avant</p>{html}<p>après</p>"))
    body = compiled.html.split("<!--body-->")[1].split("<!--/body-->")[0]
    forbidden = (
        r"<(script|style|iframe|form|input|base|meta|svg|object|math)|url\(|\son\w+=|javascript:|data:|mso"
    )
    assert not re.search(forbidden, body, re.IGNORECASE)
    assert "avant" in body


def test_b37_cleaning_twice_changes_nothing() -> None:
    html = '<table class="piece"><tbody><tr><td style="color:red">é &amp; <b>è</b></td></tr></tbody></table>'
    assert clean(clean(html)) == clean(html) == html


def test_liquid_passes_through_cleaning_and_inlining() -> None:
    html = (
        '<table class="piece"><tr><td>{% if lead.first_name %}<a class="button" href="{{ content.url }}?a=1">'
        "{{ content.title }}</a>{% endif %}</td></tr></table>"
    )
    merged = clean_merged(render(compile_source(source(html)).html, EXAMPLE, html=True))
    assert 'href="https://www.example.com/contenus/arrets-de-ligne?a=1"' in merged
    assert "Réduire les arrêts de ligne" in merged
    assert "background-color:#0b6471" in merged
    assert "{%" not in merged


def test_a_text_part_is_made_when_none_is_written() -> None:
    compiled = compile_source(source('<h1>Bonjour</h1><p>Lisez <a href="{{ content.url }}">ceci</a>.</p>'))
    text = render(compiled.text, EXAMPLE, html=False)
    assert "https://www.example.com/contenus/arrets-de-ligne" in text
    assert "<" not in text
    assert EXAMPLE["unsubscribe_url"] in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", TEMPLATES)
def test_the_shipped_templates_say_all_that_the_law_asks(code: str, language: str) -> None:
    compiled = compile_source(read(code, language))
    for part, html in ((compiled.html, True), (compiled.text, False)):
        merged = render(part, {**EXAMPLE, "language": language}, html=html)
        assert "Claire Dubois, Exemple SAS, 12 rue de l’Exemple, 69003 Lyon · SIREN 123 456 789" in merged
        assert EXAMPLE["reason"] in merged
        assert EXAMPLE["unsubscribe_url"] in merged
        if html:
            assert "<title>Exemple SAS</title>" in merged
            assert '<meta name="viewport"' in merged
        assert ("Unsubscribe" if language == "en" else "Se désinscrire") in merged


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", TEMPLATES)
def test_the_shipped_templates_need_only_what_we_always_know(code: str, language: str) -> None:
    bare = {**EXAMPLE, "lead": {}, "company": {}, "wake": {}}
    compiled = compile_source(read(code, language))
    text = render(compiled.text, bare, html=False)
    assert render(compiled.html, bare, html=True)
    assert " ," not in text.replace(" :", "")


def test_a_saved_version_never_changes(db: None) -> None:
    first = save_template(code="t", language="fr", source=source(), now=NOW)
    second = save_template(code="t", language="fr", source=source(subject="Rebonjour"), now=NOW)
    assert (first.version, second.version) == (1, 2)
    first.subject = "Autre"
    with pytest.raises(InternalError, match="versions_stay"):
        first.save()
