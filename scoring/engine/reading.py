"""Reading a JSON document piece by piece; what is wrong is told with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation


class RuleError(ValueError):
    """A rule document is refused. ``message`` is an English msgid with ``params`` to fill in."""

    def __init__(self, path: str, message: str, **params: object) -> None:
        self.path = path
        self.message = message
        self.params = params
        super().__init__(f"{path}: {message % params if params else message}")


class Node:
    """One place of the document: its path and its value."""

    __slots__ = ("path", "value")

    def __init__(self, value: object, path: str = "$") -> None:
        self.value = value
        self.path = path

    def fail(self, message: str, **params: object) -> RuleError:
        """The error to raise about this place."""
        return RuleError(self.path, message, **params)

    def fields(self, *, required: Sequence[str] = (), optional: Sequence[str] = ()) -> Mapping[str, Node]:
        """The members of an object; a missing or an unknown one is refused."""
        if not isinstance(self.value, dict):
            raise self.fail("An object is expected here.")
        for name in self.value:
            if name not in required and name not in optional:
                raise RuleError(f"{self.path}.{name}", "This field is unknown.")
        for name in required:
            if name not in self.value:
                raise RuleError(f"{self.path}.{name}", "This field is missing.")
        return {name: Node(value, f"{self.path}.{name}") for name, value in self.value.items()}

    def items(self, *, least: int = 0, most: int = 100) -> Iterator[Node]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise self.fail("A list is expected here.")
        if not least <= len(self.value) <= most:
            raise self.fail("Between %(least)d and %(most)d entries are allowed.", least=least, most=most)
        return (Node(value, f"{self.path}[{index}]") for index, value in enumerate(self.value))

    def text(self, *, most: int = 200) -> str:
        """A non-empty text."""
        if not isinstance(self.value, str) or not self.value.strip() or len(self.value) > most:
            raise self.fail("A text of 1 to %(most)d characters is expected here.", most=most)
        return self.value

    def texts(self) -> tuple[str, ...]:
        """A non-empty list of texts; one text alone is a list of one."""
        if isinstance(self.value, str):
            return (self.text(),)
        return tuple(item.text() for item in self.items(least=1))

    def choice(self, allowed: Sequence[str]) -> str:
        """One of the allowed words."""
        if not isinstance(self.value, str) or self.value not in allowed:
            raise self.fail("One of these is expected: %(allowed)s.", allowed=", ".join(allowed))
        return self.value

    def choices(self, allowed: Sequence[str]) -> tuple[str, ...]:
        """A non-empty list of the allowed words."""
        return tuple(item.choice(allowed) for item in self.items(least=1))

    def whole(self, low: int, high: int) -> int:
        """A whole number of low..high."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            raise self.fail("A whole number from %(low)d to %(high)d is expected here.", low=low, high=high)
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.fail("True or false is expected here.")
        return self.value

    def thousandths(self, low: int, high: int) -> int:
        """A number of low..high with up to three decimals, in thousandths."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.fail("A number is expected here.")
        try:
            scaled = Decimal(str(self.value)) * 1000
            if low * 1000 <= scaled <= high * 1000 and scaled == scaled.to_integral_value():
                return int(scaled)
        except InvalidOperation:
            pass
        raise self.fail("A number from %(low)d to %(high)d, up to three decimals.", low=low, high=high)
