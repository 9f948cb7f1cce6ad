"""Short marks of what an editor saw, so that two of them do not overwrite each other unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence


def state_mark(values: Sequence[object]) -> str:
    """The same mark for the same values, in order; another one, in all likelihood, for others."""
    packed = json.dumps(values, default=str, ensure_ascii=False).encode()
    return hashlib.sha256(packed).hexdigest()[:16]
