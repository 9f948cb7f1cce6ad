"""`python -m translations update|check|compile`"""

from __future__ import annotations

import sys
from pathlib import Path

from django.conf import settings

from translations.catalogues import compile_all, gaps, update


def main(arguments: list[str]) -> int:
    """0 when all is well; 1 when words are missing; 2 for a wrong call."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    match arguments:
        case ["update", *wordings]:
            missing = update([Path(file) for file in wordings])
            print(", ".join(f"{language}: {count} without words" for language, count in missing.items()))
            return 0
        case ["check"]:
            problems = gaps()
            print("\n".join(problems) or "Both languages are complete.")
            return 1 if problems else 0
        case ["compile"]:
            compile_all()
            return 0
        case _:
            print(__doc__)
            return 2


sys.exit(main(sys.argv[1:]))
