"""Texts are found, translations compiled, gaps named."""

from __future__ import annotations

import gettext
from pathlib import Path

import polib
import pytest

from assets import messages
from assets.texts import Text, in_python, in_template

TEXTS = {Text("Accept"): "a.py", Text("Return"): "a.py", Text("%(n)s lead", "%(n)s leads", "stage"): "b.html"}


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    messages.update(TEXTS)
    return messages.french()


def translate(path: Path, **texts: str) -> None:
    catalogue = polib.pofile(str(path))
    for text, translation in texts.items():
        catalogue.find(text).msgstr = translation
    catalogue.save()


def test_finds_texts_in_python() -> None:
    source = """
_("One"); gettext_lazy("Two"); ngettext("%(n)s lead", "%(n)s leads", n); pgettext("month", "May")
npgettext("c", "a", "b", 2); translation.gettext("Att" "ribute"); gettext(variable); other("no"); _("")
"""
    assert set(in_python(source)) == {
        Text("One"), Text("Two"), Text("%(n)s lead", "%(n)s leads"), Text("May", context="month"),
        Text("a", "b", "c"), Text("Attribute"),
    }  # fmt: skip


def test_finds_texts_under_an_imported_name() -> None:
    source = """
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext as said
from elsewhere import other as none
lazy("One"); said("month", "May"); none("no")
"""
    assert set(in_python(source)) == {Text("One"), Text("May", context="month")}


def test_finds_texts_in_templates() -> None:
    source = """{% load i18n %}{% translate "It's 5 %" %}{% trans 'May' context "month" %}{# _("no") #}
<a title="{% translate "Close" as close %}">{{ _("Direct")|upper }}{% include "x" with a=_("Given") %}
{% blocktranslate trimmed count n=total %}
  {{ n }} lead
{% plural %}
  {{ n }} leads (all)
{% endblocktranslate %}
{% blocktranslate with who=user %}Bonjour {{ who }}, "you"{% endblocktranslate %}"""
    assert set(in_template(source)) == {
        Text("It's 5 %%"), Text("May", context="month"), Text("Close"), Text("Direct"), Text("Given"),
        Text("%(n)s lead", "%(n)s leads (all)"), Text('Bonjour %(who)s, "you"'),
    }  # fmt: skip


def test_compiled_translations_are_found_by_gettext(catalogue: Path) -> None:
    translate(catalogue, Accept="Accepter")
    assert messages.compile_all() == [catalogue.with_suffix(".mo")]
    with catalogue.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Accept") == "Accepter"


def test_missing_and_uncertain_translations_are_named(catalogue: Path) -> None:
    translate(catalogue, Accept="Accepter", Return="Revenir")
    uncertain = polib.pofile(str(catalogue))
    uncertain.find("Return").flags.append("fuzzy")
    uncertain.save()
    assert messages.lacking(TEXTS | {Text("New"): "c.py"}) == [
        "a.py: 'Return'", "b.html: '%(n)s lead'", "c.py: 'New'",
    ]  # fmt: skip


def test_an_update_keeps_translations_adds_the_new_and_drops_the_gone(catalogue: Path) -> None:
    translate(catalogue, Accept="Accepter", Return="Revenir")
    assert messages.update({Text("Accept"): "a.py", Text("New"): "c.py"}) == (1, 2)
    assert [(entry.msgid, entry.msgstr) for entry in polib.pofile(str(catalogue))] == [
        ("Accept", "Accepter"), ("New", ""),
    ]  # fmt: skip


def test_a_translation_that_loses_or_invents_a_placeholder_is_named(catalogue: Path) -> None:
    texts = {Text("%(who)s accepted"): "a.py", Text("Returned"): "a.py"}
    messages.update(texts)
    translate(catalogue, **{"%(who)s accepted": "Accepté", "Returned": "%(who)s rend"})
    assert messages.lacking(texts) == ["a.py: '%(who)s accepted'", "a.py: 'Returned'"]
    translate(catalogue, **{"%(who)s accepted": "Accepté par %(who)s", "Returned": "Rendu"})
    assert messages.lacking(texts) == []
