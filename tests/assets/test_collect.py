"""What is made from the npm packages."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from assets import collect

SVG = "{http://www.w3.org/2000/svg}"
NEEDS_PACKAGES = pytest.mark.skipif(not collect.ICONS.exists(), reason="`make assets` has not run")


@NEEDS_PACKAGES
def test_the_sprite_has_a_drawing_for_each_name() -> None:
    root = ET.fromstring(collect.sprite(["flame-filled", "home", "search"]))
    symbols = root.findall(f"{SVG}symbol")
    assert [each.get("id") for each in symbols] == ["flame-filled", "home", "search"]
    assert [each.get("fill") for each in symbols] == ["currentColor", None, None]
    assert [len(each) for each in symbols] == [1, 3, 2]


@NEEDS_PACKAGES
def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        collect.sprite(["no-such-icon"])


@NEEDS_PACKAGES
def test_the_typeface_names_files_that_are_collected() -> None:
    css = collect.typeface()
    copied = {line.split()[1] for line in collect.lines(collect.HERE / "files.txt")}
    named = {part.partition('"')[0] for part in css.split('url("')[1:]}
    assert len(named) == 2
    assert named <= copied


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("a.css", "a{}\n/*# sourceMappingURL=a.css.map */\n", "a{}\n"),
        ("a.js", "f()\n//# sourceMappingURL=a.js.map", "f()\n"),
        ("b.js", "f('//# sourceMappingURL=x')\ng()\n", "f('//# sourceMappingURL=x')\ng()\n"),
    ],
)
def test_pointers_to_absent_source_maps_are_cut(tmp_path: Path, name: str, content: str, kept: str) -> None:
    (tmp_path / name).write_text(content)
    collect.copy(tmp_path / name, tmp_path / "out" / name)
    assert (tmp_path / "out" / name).read_text() == kept


def test_no_registry_is_named_in_the_lock_files() -> None:
    root = Path(__file__).resolve().parents[2]
    for path in [root / "package-lock.json", *root.glob("requirements*.txt")]:
        text = path.read_text()
        assert '"resolved"' not in text
        assert "--index-url" not in text
        assert "--find-links" not in text
