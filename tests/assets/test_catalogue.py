"""The French that people read: the real catalogue is whole; it and the shipped texts keep typography."""

from __future__ import annotations

import gettext
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from assets import messages
from funnel.checklist_templates import TEMPLATES
from funnel.shipped import REASONS

# What French typography says nothing about: markup, placeholders, addresses, times, rule sets' own names.
NOT_PROSE = re.compile(
    r"<[^>]*>|\{%.*?%\}|\{\{.*?\}\}|%\(\w+\)[+\d]*[sd]|%(?!%)[sd]|\w+://\S*|\d\d:\d\d(?::\d\d)?\S*"
)
CONVERSION = re.compile(r"%\(\w+\)[+\d]*[a-z]|%(?!%)[sd]")
FAULTS = {
    "a straight apostrophe or quote": re.compile(r"""['"]"""),
    "an English quote": re.compile(r"[“”‘]"),
    "no no-break space before : ; ? ! » %": re.compile(
        r"(?<![\s])[;?!»]|(?<!\s):(?!\w)|\w(?=%)|[ \n][:;?!»%€]"
    ),
    "no no-break space after «": re.compile(r"«(?![\u00a0\u202f])"),
    "three dots for an ellipsis": re.compile(r"\.\.\."),
    "two spaces": re.compile(r"\S {2,}\S"),
    "email for e-mail": re.compile(r"\b[Ee]mails?\b"),
}
TECHNICAL = {"email", "reference"}


def faults(french: str) -> list[str]:
    """What is wrong with a text, typographically; nothing for a good one."""
    prose = NOT_PROSE.sub("X", french).replace("%%", "%")
    return [name for name, wrong in FAULTS.items() if wrong.search(prose)]


def entries() -> list[polib.POEntry]:
    return list(polib.pofile(str(messages.french())))


def french_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def shipped() -> Iterator[tuple[str, str]]:
    """The French texts that are data: reasons, checklists, rule set templates, emails."""
    for reason in REASONS:
        yield reason.code, reason.label_fr
    for template in TEMPLATES.values():
        yield template.code, template.label_fr
        yield template.code, template.hint_fr
        for item in template.items:
            yield item.code, item.label_fr
            yield item.code, item.help_fr
    for path in sorted((messages.PROJECT / "scoring" / "templates_shipped").glob("*.json")):
        for text in _french_within(json.loads(path.read_text())):
            yield path.name, text
    for path in sorted((messages.PROJECT / "templates" / "emails").glob("*.fr.liquid")):
        for line in path.read_text().splitlines():
            yield path.name, re.sub(r"^\w+: ", "", line)


def _french_within(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        if isinstance(document.get("fr"), str):
            yield document["fr"]
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from _french_within(part)


def test_every_text_of_the_project_is_translated_and_nothing_else_is() -> None:
    wanted = messages.wanted()
    assert messages.lacking(wanted) == []
    assert {messages._key(entry) for entry in entries()} == wanted.keys()


def test_no_entry_is_fuzzy_obsolete_or_there_twice() -> None:
    catalogue = polib.pofile(str(messages.french()))
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []
    times = Counter((entry.msgctxt, entry.msgid) for entry in catalogue)
    assert [key for key, number in times.items() if number > 1] == []


def test_placeholders_keep_their_conversion() -> None:
    changed = [
        (entry.msgid, text)
        for entry in entries()
        for text in french_of(entry)[-1:]
        if Counter(CONVERSION.findall(text)) != Counter(CONVERSION.findall(entry.msgid_plural or entry.msgid))
    ]
    assert changed == []


def test_sentences_end_and_words_are_set_apart_as_in_english() -> None:
    def ends(text: str) -> tuple[str, str, str]:
        mark = text.rstrip()[-1:]
        before, after = text[: -len(text.lstrip(" ")) or None], text[len(text.rstrip(" ")) :]
        return before, after, mark if mark in ".?!…" else ""

    unlike = [
        (entry.msgid, text)
        for entry in entries()
        for text in french_of(entry)[-1:]
        if ends(text) != ends(entry.msgid_plural or entry.msgid)
    ]
    assert unlike == []


def test_zero_and_one_are_singular(tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    polib.pofile(str(messages.french())).save_as_mofile(str(compiled))
    with compiled.open("rb") as file:
        french = gettext.GNUTranslations(file)
    said = [french.ngettext("%(count)s lead", "%(count)s leads", n) % {"count": n} for n in (0, 1, 2, 1000)]
    assert said == ["0 lead", "1 lead", "2 leads", "1000 leads"]


def test_the_catalogue_keeps_french_typography() -> None:
    wrong = [
        (text, found)
        for entry in entries()
        for text in french_of(entry)
        if (found := faults(_without_names_of_fields(text)))
    ]
    assert wrong == []


def test_shipped_texts_keep_french_typography() -> None:
    assert [(where, text, found) for where, text in shipped() if (found := faults(text))] == []


def _without_names_of_fields(text: str) -> str:
    """Names of the API's fields stay as they are."""
    return " ".join("X" if word.strip(",") in TECHNICAL else word for word in text.split(" "))


@pytest.mark.parametrize(
    "mistake",
    [
        "L'entreprise",
        'Le "lead"',
        "Le “lead”",
        "Pourquoi ?",
        "Pourquoi?",
        "C’est fait !",
        "Motif : aucun",
        "Motif: aucun",
        "Reste à confirmer: %(missing)s.",
        "%(name)s : lead perdu",
        "Prêt ; en attente",
        "« prêt pour les ventes »",
        "«prêt»",
        "À %(share)d %% au moins",
        "10% des leads",
        "moins de 5 000 €",
        "Aller à...",
        "Un email  manque",
    ],
)
def test_a_mistake_is_seen(mistake: str) -> None:
    assert faults(mistake)


@pytest.mark.parametrize(
    "good",
    [
        "Pourquoi\u202f?",
        "Motif\u00a0: aucun, ou «\u00a0autre\u00a0»",
        "à %(share)d\u00a0%% au moins",
        'Voir <a href="%(url)s">les règles</a>\u202f; elles disent tout',
        "par exemple 2026-03-29T09:30:00+02:00, ou https://exemple.fr/?a=b",
        "{% if a == 'b' %}5\u202f000\u00a0€{% endif %}",
        "aujourd’hui à 16:40",
    ],
)
def test_good_french_passes(good: str) -> None:
    assert faults(good) == []
