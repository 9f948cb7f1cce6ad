"""The choice of the next piece of content."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from nurturing.next_content import BANDS, PHASES, Piece, Reader, Why, best_fitted

topics = st.frozensets(st.sampled_from(["energy", "maintenance", "safety", "costs"]))
bands = st.sampled_from(BANDS)
phases = st.sampled_from([*PHASES, ""])
languages = st.sampled_from(["fr", "en"])
pieces = st.lists(
    st.builds(
        Piece, st.integers(1, 20), bands, phases, languages, topics, st.frozensets(st.sampled_from("ab"))
    ),
    max_size=12,
    unique_by=lambda piece: piece.id,
)
readers = st.builds(
    Reader,
    bands,
    phases,
    languages,
    topics,
    st.frozensets(st.sampled_from("ab")),
    st.frozensets(st.integers(1, 20)),
)


@given(pieces, readers)
def test_never_a_piece_already_seen_nor_one_in_another_language(pieces: list[Piece], reader: Reader) -> None:
    choice = best_fitted(pieces, reader)
    if choice is not None:
        chosen = next(piece for piece in pieces if piece.id == choice.piece_id)
        assert chosen.id not in reader.seen
        assert chosen.language == reader.language
        assert BANDS.index(chosen.band) <= BANDS.index(reader.band) + 1


@given(pieces, readers, st.randoms())
def test_the_order_of_the_library_does_not_matter(
    pieces: list[Piece], reader: Reader, random: Random
) -> None:
    shuffled = list(pieces)
    random.shuffle(shuffled)
    assert best_fitted(pieces, reader) == best_fitted(shuffled, reader)


@given(pieces, readers)
def test_reading_everything_one_by_one_comes_to_an_end(pieces: list[Piece], reader: Reader) -> None:
    received: list[int] = []
    seen = reader.seen
    while choice := best_fitted(pieces, Reader(reader.band, reader.phase, reader.language, seen=seen)):
        received.append(choice.piece_id)
        seen |= {choice.piece_id}
    assert len(received) == len(set(received)) <= len(pieces)


def test_a_shared_topic_beats_the_same_band() -> None:
    library = [Piece(1, "tofu", "awareness"), Piece(2, "mofu", "interest", topics=frozenset({"energy"}))]
    choice = best_fitted(library, Reader("tofu", "awareness", interests=frozenset({"energy"})))
    assert choice is not None
    assert choice.piece_id == 2
    assert choice.because == ((Why.TOPIC, "energy"), (Why.NEXT_PHASE, "interest"))


def test_a_price_list_is_not_for_somebody_who_only_discovers() -> None:
    library = [Piece(1, "bofu", "decision", topics=frozenset({"energy"}))]
    assert best_fitted(library, Reader("tofu", "awareness", interests=frozenset({"energy"}))) is None


def test_an_empty_library_has_nothing() -> None:
    assert best_fitted([], Reader("tofu")) is None
