"""What an event's properties say to people."""

from __future__ import annotations

import pytest
from django.utils import translation

from dashboard.event_words import property_in_words


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("url", "/tarifs/", "/tarifs/"),
        ("percent", 50, "50% watched"),
        ("minutes", 12, "12 min"),
        ("result", "voicemail", "voicemail"),
        ("result", "engaged", "result: engaged"),
        ("score", 7, "score: 7"),
        ("message", 76, ""),
        ("basket", {"lines": 3}, ""),
    ],
)
def test_known_properties_are_told_in_words(name: str, value: object, said: str) -> None:
    with translation.override("en"):
        assert property_in_words(name, value) == said
