"""The syntax of metric math: text to a tree."""

from __future__ import annotations

import re

import msgspec


class MathError(Exception):
    """An expression that cannot be read or computed; the message says what and where."""


class Number(msgspec.Struct, frozen=True, tag=True):
    value: float


class Text(msgspec.Struct, frozen=True, tag=True):
    value: str


class Name(msgspec.Struct, frozen=True, tag=True):
    """A query's id, or a word such as REPEAT, LINEAR, ASC."""

    name: str


class Negated(msgspec.Struct, frozen=True, tag=True):
    of: Node


class Binary(msgspec.Struct, frozen=True, tag=True):
    operator: str
    left: Node
    right: Node


class Array(msgspec.Struct, frozen=True, tag=True):
    items: tuple[Node, ...]


class Call(msgspec.Struct, frozen=True, tag=True):
    function: str
    arguments: tuple[Node, ...]


Node = Number | Text | Name | Negated | Binary | Array | Call

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],]))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("OR", "||"),
    ("AND", "&&"),
    ("==", "!=", "<", ">", "<=", ">="),
    ("+", "-"),
    ("*", "/"),
)
"""Binary operators, loosest first; `^` binds tighter than these and to the right."""
_SAME = {"||": "OR", "&&": "AND"}


def parse(text: str) -> Node:
    """The tree of an expression; MathError when it is none."""
    reader = _Reader(text)
    tree = reader.level(0)
    if reader.peek() is not None:
        raise MathError(f"Unexpected '{reader.peek()}'")
    return tree


def names(node: Node) -> set[str]:
    """Every name that the tree mentions, functions left out."""
    match node:
        case Name(name):
            return {name}
        case Negated(of):
            return names(of)
        case Binary(_, left, right):
            return names(left) | names(right)
        case Array(items) | Call(_, items):
            return set().union(*(names(item) for item in items))
        case _:
            return set()


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        position = 0
        text = text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise MathError(f"Unexpected '{text[position:].strip()[:1]}' at position {position}")
            self._tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            position = found.end()
        if not self._tokens:
            raise MathError("The expression is empty")

    def peek(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise MathError("The expression ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def expect(self, sign: str) -> None:
        _, found = self.take()
        if found != sign:
            raise MathError(f"Expected '{sign}', found '{found}'")

    def level(self, depth: int) -> Node:
        if depth == len(_LEVELS):
            return self.unary()
        left = self.level(depth + 1)
        while self.peek() in _LEVELS[depth]:
            operator = self.take()[1]
            left = Binary(_SAME.get(operator, operator), left, self.level(depth + 1))
        return left

    def unary(self) -> Node:
        if self.peek() == "-":
            self.take()
            return Negated(self.unary())
        base = self.atom()
        if self.peek() == "^":
            self.take()
            return Binary("^", base, self.unary())
        return base

    def atom(self) -> Node:
        kind, text = self.take()
        if kind == "number":
            return Number(float(text))
        if kind == "text":
            return Text(text[1:-1])
        if kind == "name":
            if self.peek() != "(":
                return Name(text)
            self.take()
            return Call(text, self._list(")"))
        if text == "(":
            inside = self.level(0)
            self.expect(")")
            return inside
        if text == "[":
            return Array(self._list("]"))
        raise MathError(f"Unexpected '{text}'")

    def _list(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        if self.peek() == end:
            self.take()
            return ()
        while True:
            items.append(self.level(0))
            _, sign = self.take()
            if sign == end:
                return tuple(items)
            if sign != ",":
                raise MathError(f"Expected ',' or '{end}', found '{sign}'")
