"""`python -m benchmarks`: list what can be measured."""

from __future__ import annotations

import ast
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    source = path.read_text()
    if "__main__" in source:
        said = ast.get_docstring(ast.parse(source)) or ""
        print(f"  {path.stem:16} {said.partition(chr(10))[0]}")
