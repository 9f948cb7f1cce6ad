"""Whom a note speaks to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.mentions import Colleague, mentioned

PEOPLE = [
    Colleague(1, "Camille Martin", "camille.martin"),
    Colleague(2, "Jean Petit", "jean.petit"),
    Colleague(3, "Jean", "jean"),
    Colleague(4, "Éloïse Bénard", "eb"),
    Colleague(5, "Éloïse Bénard", "eloise"),
]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        ("@Camille Martin, à voir", [1]),
        ("@camille.martin", [1]),
        ("vois @jean petit puis @Camille  Martin", [2, 1]),
        ("@Jean, tu regardes ?", [3]),
        ("@Jeanne n'est pas là", []),
        ("@eloise benard", [4, 5]),
        ("@EB", [4]),
        ("(@eb)", [4]),
        ("écrire à contact@eb.example ou jean@petit.fr", []),
        ("@Camille Martin et encore @camille.martin", [1]),
        ("@camille.martinet", []),
    ],
)
def test_names_and_handles(text, numbers):
    assert mentioned(text, PEOPLE) == numbers


@given(st.text())
def test_any_text_is_read(text):
    assert set(mentioned(text, PEOPLE)) <= {1, 2, 3, 4, 5}


@given(st.text(alphabet=st.characters(exclude_characters="@")))
def test_without_an_at_nobody_is_spoken_to(text):
    assert mentioned(text, PEOPLE) == []
