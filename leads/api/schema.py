"""OpenAPI: what drf-spectacular cannot find by itself."""

from __future__ import annotations

from typing import Any


def add_plain_views(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Postprocessing hook."""
    return result
