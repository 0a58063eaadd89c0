"""Large stacks: resource by resource, a bounded number of questions a turn, the longest unasked first. Pure.

Lambda's control plane answers some fifteen questions a second to everybody of an account together. Four hundred
functions asked every minute would take half of that; here they are asked in turns, and what is known of the others
stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Rounds(Generic[T]):
    """What is known of each resource of one kind, and whose turn it is."""

    def __init__(self, a_turn: int) -> None:
        """`a_turn`: how many are asked at once at most; a stack with no more than that is asked whole."""
        self._a_turn = a_turn
        self._known: dict[str, T] = {}
        self._order: dict[str, int] = {}
        self._turn = 0

    def due(self, names: Sequence[str], first: Collection[str] = ()) -> tuple[str, ...]:
        """Whose turn it is: those `first` each time, then the unknown, then who was asked longest ago."""
        leading = [name for name in names if name in first][: self._a_turn]
        others = [name for name in names if name not in leading]
        others.sort(key=lambda name: self._order.get(name, -1))
        return (*leading, *others[: self._a_turn - len(leading)])

    def took(self, found: Iterable[tuple[str, T]]) -> None:
        """The answers of a turn."""
        self._turn += 1
        for name, value in found:
            self._known[name] = value
            self._order[name] = self._turn

    def all(self, names: Sequence[str]) -> tuple[T, ...]:
        """What is known of `names`, in their order; the rest is forgotten."""
        self._known = {name: self._known[name] for name in names if name in self._known}
        self._order = {name: self._order[name] for name in self._known}
        return tuple(self._known.values())
