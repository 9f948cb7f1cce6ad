"""What is opened on the page: which form edits it, what it says, and what saving it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override

from scoring.drafts import Document, PartGone
from scoring.editor import edits
from scoring.editor.addresses import Address, decode, encode, read, trail
from scoring.editor.forms import (
    QUESTIONS,
    BasicsForm,
    CountForm,
    GroupForm,
    MatchForm,
    NameForm,
    OftenForm,
    PartForm,
    PointsForm,
    WordForm,
    question_of,
)
from scoring.editor.site import Site
from scoring.editor.starters import Starter, starters_for
from scoring.editor.tree import bare, scope_of, word_of
from scoring.editor.words import condition_words, match_words
from scoring.engine.reading import RuleError
from scoring.rule_words import say

_KINDS: Mapping[str, str | Promise] = {
    "count": lazy("Each time"),
    "happened": lazy("Happened"),
    "inactive": lazy("Nothing happened"),
    "field": lazy("Fact"),
    "list": lazy("List"),
    "persona": lazy("Persona"),
    "score": lazy("Score"),
    "grade": lazy("Grade"),
    "level": lazy("Level"),
    "phase": lazy("Phase"),
    "temperature": lazy("Temperature"),
}
_ASKED = {
    "fit": ("field", "persona", "list", "score"),
    "behaviour": ("happened", "inactive", "field", "list", "persona", "score"),
    "temperature": ("score", "grade", "level", "phase", "happened", "inactive", "field", "list", "persona"),
    "gate": (
        "score",
        "grade",
        "level",
        "phase",
        "temperature",
        "happened",
        "inactive",
        "field",
        "list",
        "persona",
    ),
}


@dataclass
class Opened:
    """A part that is being edited.

    ``kind``: points, name, often, match, word, question, rule (a new one), group. ``asked``: the form of
    question. ``join``: all or any when a question is being added beside ``address``.
    """

    address: Address
    kind: str
    asked: str
    join: str
    form: PartForm
    basics: BasicsForm | None = None
    asks: list[tuple[str, str, bool]] = field(default_factory=list)
    starters: list[Starter] = field(default_factory=list)
    is_new: bool = False
    said: list[str] = field(default_factory=list)
    # Drawn anew while it is being typed: not the time to find fault.
    is_typed: bool = False

    @property
    def at(self) -> str:
        """The address as links carry it."""
        return encode(self.address)

    @property
    def may_remove(self) -> bool:
        """Whether this is a condition that can be taken away here."""
        return self.kind in ("question", "word") and not self.is_new

    def is_valid(self) -> bool:
        """Whether all that was typed can be read."""
        return all(form.is_valid() for form in (self.form, self.basics) if form is not None)

    def refuse(self, error: RuleError, document: Document) -> None:
        """Say beside the field what the engine does not take."""
        self.is_valid()
        name = _field_of(error.path, self._trail(document))
        for form in (self.form, self.basics):
            if form is not None and name in form.fields:
                form.add_error(name, say(error))
                form.put_focus(name)
                return
        self.said.append(say(error))

    def _trail(self, document: Document) -> str:
        try:
            return trail(document, self.address)
        except LookupError:
            return "$"

    def edit(self) -> edits.Edit:
        """What saving does to the document; the forms are valid."""
        value = self.form.json()
        match self.kind:
            case "name":
                edit = edits.save_name(self.address[:-1], value)
            case "often":
                edit = edits.save_often(self.address, value)
            case "word":
                edit = edits.save_word(self.address, *value)
            case "group":
                edit = edits.save_group(self.address[1], value)
            case "rule":
                edit = edits.add_rule(self.address[1], self._rule(value), self.asked)
            case _ if self.is_new:
                edit = edits.add_question(self.address, self.join, value)
            case _:
                edit = edits.save_value(self.address, value)
        return edit

    def _rule(self, value: Any) -> dict[str, Any]:
        assert self.basics is not None
        given = self.basics.cleaned_data
        names = {language: given[language] or self._sentence(value, language) for language in ("fr", "en")}
        points = PointsForm.json(self.basics)  # type: ignore[arg-type]  # it reads the same field
        return {"name": names, "points": points, "count" if self.asked == "count" else "when": value}

    def _sentence(self, value: Any, language: str) -> str:
        with override(language):
            is_count = self.asked == "count"
            text = (
                match_words(value["event"]) if is_count else condition_words(value, self.form.site.document)
            )
        return text[:1].upper() + text[1 : edits.LONGEST_NAME]


def open_part(
    document: Document, at: str, *, asked: str = "", join: str = "", data: QueryDict | None = None
) -> Opened:
    """What stands at an address, with its form: of the document, or of what was typed (``data``).

    Raises PartGone.
    """
    address = decode(at)
    kind = _kind(document, address, join)
    scope = scope_of(document, address)
    site = Site(document, scope)
    if kind == "rule":
        return _new_rule(address, site, asked, data)
    if kind == "question":
        part = None if join else read(document, address)
        return _question(address, part, site, asked, join=join, data=data)
    form_class = _FORMS[kind]
    part = read(document, address[:-1] if kind == "name" else address)
    form = form_class(data, initial=form_class.read(part), site=site)
    return Opened(address, kind, "", "", form)


_FORMS: Mapping[str, type[PartForm]] = {
    "points": PointsForm,
    "name": NameForm,
    "often": OftenForm,
    "match": MatchForm,
    "word": WordForm,
    "group": GroupForm,
}


def _kind(document: Document, address: Address, join: str) -> str:
    if not address:
        raise PartGone(address)
    if address[0] == "groups":
        if len(address) == 3 and address[2] == "rules":
            read(document, address)
            return "rule"
        if len(address) == 2:
            return "group"
        named = {"points": "points", "name": "name", "count": "often", "event": "match"}
        if len(address) in (5, 6) and address[-1] in named:
            return named[address[-1]]
    if join:
        return "question"
    return "word" if word_of(bare(read(document, address))) else "question"


def _asks(names: tuple[str, ...], site: Site, chosen: str) -> list[tuple[str, str, bool]]:
    empty = {"list": not site.lists, "persona": not site.personas}
    return [(name, str(_KINDS[name]), name == chosen) for name in names if not empty.get(name)]


def _question(
    address: Address, part: Any, site: Site, asked: str, *, join: str, data: QueryDict | None
) -> Opened:
    names = _ASKED[site.scope]
    own = question_of(part) if part is not None else ""
    chosen = asked if asked in names else own or names[0]
    form_class = QUESTIONS[chosen]
    initial = form_class.read(part) if part is not None and chosen == own else {}
    form = form_class(data, initial=initial, site=site)
    return Opened(address, "question", chosen, join, form, asks=_asks(names, site, chosen), is_new=bool(join))


def _new_rule(address: Address, site: Site, asked: str, data: QueryDict | None) -> Opened:
    fit = site.scope == "fit"
    names = _ASKED["fit"] if fit else ("count", *_ASKED["behaviour"])
    chosen = asked if asked in names else ""
    form_class: type[PartForm] = CountForm if chosen == "count" else QUESTIONS.get(chosen, OftenForm)
    return Opened(
        address,
        "rule",
        chosen,
        "",
        form_class(data, site=site),
        basics=BasicsForm(data, site=site, initial={"points": 10}) if chosen else None,
        asks=_asks(names, site, chosen),
        starters=starters_for("fit" if fit else "engagement"),
        is_new=True,
    )


def _field_of(path: str, trail_: str) -> str:
    """The form's field that an error's path means: the last name behind the part's own path."""
    rest = path.removeprefix(trail_).replace("]", "")
    names = [name for name in rest.split(".") if name]
    if not names:
        return ""
    for name in names:
        word, _bracket, place = name.partition("[")
        if word == "properties" and place:
            return f"{names[-1].partition('[')[0]}_{place}"
    return names[-1].partition("[")[0]


def summary_of(opened: Opened) -> str:
    """What a change is called in the history."""
    return {
        "points": _("Points"),
        "name": _("Name"),
        "often": _("How often it counts"),
        "match": _("What is counted"),
        "word": _("Condition"),
        "question": _("Condition"),
        "group": _("Group"),
        "rule": _("New rule"),
    }[opened.kind]
