"""`python -m assets.collect`: make static/vendor from node_modules.

Files named in files.txt are copied; the icons named in icons.txt become one sprite, icons.svg; the Latin part
of the typeface gets its style sheet, inter.css.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = HERE.parent / "node_modules"
VENDOR = HERE.parent / "static" / "vendor"
ICONS = PACKAGES / "@tabler" / "icons" / "icons"
TYPEFACE = PACKAGES / "@fontsource-variable" / "inter" / "opsz.css"
SCRIPTS = ("latin", "latin-ext")

BACKDROP = re.compile(r'<path stroke="none"[^>]*/>')
SHAPE = re.compile(r"<(?:path|circle|ellipse|rect|line|polyline|polygon)[^>]*/>")
FONT_FACE = re.compile(r"/\* inter-([a-z-]+)-opsz-normal \*/\s*(@font-face \{.*?\n\})", re.DOTALL)
SOURCE_MAP = re.compile(r"\n?(?://[#@] sourceMappingURL=[^\n]*|/\*[#@] sourceMappingURL=[^*]*\*/)\s*$")


def lines(path: Path) -> Iterator[str]:
    """The file's lines without comments and blanks."""
    for line in path.read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text:
            yield text


def sprite(names: list[str]) -> str:
    """One SVG with a symbol for each icon; "NAME-filled" takes the filled drawing."""
    symbols = "\n".join(symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def symbol(name: str) -> str:
    """One icon of the sprite."""
    ink = ' fill="currentColor" stroke="none"' if name.endswith("-filled") else ""
    return f'<symbol id="{name}" viewBox="0 0 24 24"{ink}>{shapes(name)}</symbol>'


def shapes(name: str) -> str:
    """What is drawn in an icon, without its invisible backdrop."""
    kind = "filled" if name.endswith("-filled") else "outline"
    base = name.removesuffix("-filled")
    drawing = (ICONS / kind / f"{base}.svg").read_text()
    return "".join(SHAPE.findall(BACKDROP.sub("", drawing)))


def typeface() -> str:
    """The font-face rules for the scripts in use, with the files beside the style sheet."""
    faces = dict(FONT_FACE.findall(TYPEFACE.read_text()))
    return "\n".join(re.sub(r"url\(\./files/([^)]+)\)", r'url("\1")', faces[each]) for each in SCRIPTS) + "\n"


def copy(source: Path, target: Path) -> None:
    """Copy a file, without a comment that points to a source map that is not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".css", ".js", ".mjs"}:
        target.write_text(SOURCE_MAP.sub("\n", source.read_text()))
    else:
        shutil.copyfile(source, target)


def collect() -> int:
    """Make the folder anew; how many files it holds."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for line in lines(HERE / "files.txt"):
        source, target = line.split()
        copy(PACKAGES / source, VENDOR / target)
    (VENDOR / "icons.svg").write_text(sprite(sorted(set(lines(HERE / "icons.txt")))))
    (VENDOR / "inter.css").write_text(typeface())
    return sum(1 for path in VENDOR.rglob("*") if path.is_file())


if __name__ == "__main__":
    try:
        print(f"{collect()} files in static/vendor")
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is not there: is it misspelt in assets/, or missing from package.json?")
