"""The part of an event's row that all events of one shape share, remembered by what senders call it.

One look-up by kind, content and channel as sent takes the place of three by code and one for the signature.
"""

from __future__ import annotations

from collections.abc import Mapping

from leads.actions.event_rows import shape_piece
from leads.api.lookups import KindRow
from leads.channels import Channel
from leads.predicates import property_mask
from leads.signatures import known_number, remembered_predicates

_Sent = tuple[str, str | None, Channel | None, int]


class Shapes:
    """The pieces of the shapes that this process knows, as long as the codes mean the same."""

    def __init__(self, kinds: Mapping[str, KindRow], contents: Mapping[str, int]) -> None:
        self.kinds = kinds
        self.contents = contents
        self._predicates = remembered_predicates()
        self._pieces: dict[_Sent, bytes] = {}

    @property
    def questions(self) -> int:
        """How many questions are behind the signatures in the pieces."""
        return len(self._predicates)

    def piece(
        self, kind: str, content: str | None, channel: Channel | None, properties: Mapping[str, object]
    ) -> bytes | None:
        """The piece of such an event's row; None when this process does not know its shape."""
        mask = property_mask(properties, self._predicates) if self._predicates else 0
        sent = kind, content, channel, mask
        return self._pieces.get(sent) or self._make(sent)

    def _make(self, sent: _Sent) -> bytes | None:
        kind, content, channel, mask = sent
        kind_id = self.kinds[kind].id
        content_id = self.contents[content] if content is not None else None
        lever = channel.value if channel is not None else ""
        number = known_number((kind_id, content_id, lever, mask))
        if not number:
            return None
        self._pieces[sent] = shape_piece(number, kind_id, content_id, lever)
        return self._pieces[sent]

    def are_for(self, kinds: Mapping[str, KindRow], contents: Mapping[str, int]) -> bool:
        """Whether codes and questions are still the same."""
        same_questions = self._predicates is remembered_predicates()
        return self.kinds is kinds and (not contents or self.contents is contents) and same_questions


_shapes: list[Shapes] = []


def shapes_of(kinds: Mapping[str, KindRow], contents: Mapping[str, int]) -> Shapes:
    """The shapes of events that name kinds and contents of these tables, as they were read last."""
    if not _shapes or not _shapes[0].are_for(kinds, contents):
        _shapes[:] = [Shapes(kinds, contents)]
    return _shapes[0]


def forget() -> None:
    """Look every shape up again (after the tables were emptied, as tests do)."""
    _shapes.clear()
