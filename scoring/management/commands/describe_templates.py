"""`manage.py describe_templates > docs/templates.md`: the shipped templates, each line with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.management.base import BaseCommand
from django.utils.translation import override

from scoring.editor.words import points_words
from scoring.engine import rules
from scoring.gallery import ShownTemplate, shown_templates
from scoring.sentences import condition_sentence, rule_sentence

HEAD = """# Templates

Four complete sets of rules, to read and to start from, under Scoring, Templates. Each line says what it
gives, when, and why. A template may ask for codes that a site does not have (a list of competitors, an event
that the product sends): they are named there, and left out on request; what is left out would have counted
for nobody.

Who wants no rules at all starts from a grid of content type × buying phase instead (Scoring, Templates, "No
rules at all"): points for each cell and for each act of intent, from which phases, temperature and gates
follow.

This page is made from `scoring/templates_shipped/` by `manage.py describe_templates`; a test keeps both in
line.
"""


class Command(BaseCommand):
    """Writes the page to standard output."""

    help = __doc__

    def handle(self, *_args: object, **_options: object) -> None:
        """Write it, in English."""
        self.stdout.write(described(), ending="")


def described() -> str:
    """The page as Markdown, in English."""
    with override("en"):
        lines = [line for template in shown_templates() for line in _template(template)]
    return "\n".join([HEAD, *lines]) + "\n"


def _template(shown: ShownTemplate) -> Iterator[str]:
    tree = shown.tree
    names = {persona.code: persona.name.en for persona in tree.personas}
    yield from (f"## {tree.name.en} (`{shown.code}`)", "", _note(tree.note), "")
    for persona in tree.personas:
        yield from _persona(persona)
    for group in tree.groups:
        yield from _group(group, names)
    for title, steps in shown.tables:
        yield from (f"### {title}", "", "| | when | why |", "| --- | --- | --- |")
        yield from (
            _row(str(name), condition_sentence(one.when, names), _note(one.note)) for name, one in steps
        )
        yield ""
    for title, gate in shown.gates:
        yield from _gate(str(title), gate, names)


def _persona(persona: rules.Persona) -> Iterator[str]:
    traits = "; ".join(f"{condition_sentence(one.test)} ({one.weight})" for one in persona.criteria)
    yield from (f"**Persona: {persona.name.en}.** {_note(persona.story)} Traits and weights: {traits}.", "")


def _group(group: rules.Group, names: dict[str, str]) -> Iterator[str]:
    cap = f", at most {points_words(group.cap / 1000, signed=False)} points" if group.cap is not None else ""
    yield from (f"### {group.name.en} ({group.measures}{cap})", "", _note(group.note), "")
    yield from ("| points | rule | when | why |", "| --- | --- | --- | --- |")
    for rule in group.rules:
        points = points_words(rule.points / 1000)
        yield _row(points, rule.name.en, rule_sentence(rule, names), _note(rule.note))
    yield ""


def _gate(title: str, gate: rules.Gate, names: dict[str, str]) -> Iterator[str]:
    yield from (f"### {title}", "", _note(gate.note), "")
    yield f"* Opens: {condition_sentence(gate.when, names)}."
    for step in gate.fast:
        name = step.name.en if step.name else step.code
        yield f"* Opens at once ({name}): {condition_sentence(step.when, names)}."
    if gate.keep != gate.when:
        yield f"* Stays open: {condition_sentence(gate.keep, names)}."
    yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _note(text: rules.Text | None) -> str:
    return text.en if text else ""
