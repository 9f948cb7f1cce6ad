"""`python -m benchmarks`: list what can be measured."""

from __future__ import annotations

import ast
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    print(f"  {path.stem:16} {said.partition(chr(10))[0]}")
