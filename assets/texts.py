"""Finds the texts to translate in the code and the templates, without GNU gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

# Position of context, text and plural among a function's arguments.
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b({'|'.join(FUNCTIONS)})\(({LITERAL}(?:, ?{LITERAL})*)(?:, ?count)?\)")


@dataclass(frozen=True)
class Text:
    """Something to translate."""

    text: str
    plural: str = ""
    context: str = ""


def texts_in(folders: list[Path], templates: Path) -> dict[Text, str]:
    """Every text with the first file that says it, in the order of the files."""
    found: dict[Text, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                for text in in_python(path.read_text()):
                    found.setdefault(text, str(path))
    for path in sorted(file for file in templates.rglob("*") if file.suffix in {".html", ".txt", ".mjml"}):
        for text in in_template(path.read_text()):
            found.setdefault(text, str(path))
    return found


def in_python(source: str) -> Iterator[Text]:
    """The texts that Python code hands to the translation functions, under whatever name it imports them."""
    tree = ast.parse(source)
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            arguments = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
            if (called := aliases.get(name, name)) in FUNCTIONS:
                yield from _text(called, arguments)


def _aliases(tree: ast.Module) -> dict[str, str]:
    """The translation functions that a module imports under another name."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [name for node in imports if node.module == "django.utils.translation" for name in node.names]
    return {name.asname: name.name for name in names if name.asname}


def in_template(source: str) -> Iterator[Text]:
    """The texts of a template's translate and blocktranslate tags."""
    for name, literals in CALL.findall(templatize(source)):
        yield from _text(name, [ast.literal_eval(each) for each in re.findall(LITERAL, literals)])


def _text(name: str, arguments: Sequence[object]) -> Iterator[Text]:
    context, text, plural = FUNCTIONS[name]
    wanted = [None if place is None else arguments[place : place + 1] for place in (text, plural, context)]
    values = ["" if each is None else (each[0] if each else None) for each in wanted]
    if all(isinstance(each, str) for each in values) and values[0]:
        yield Text(*(str(each) for each in values))
