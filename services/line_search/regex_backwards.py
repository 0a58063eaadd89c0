"""A pattern's tree as it reads a line from its end. Pure."""

from __future__ import annotations

from services.line_search.regex_syntax import Alt, At, Cat, Chars, Node, Repeat

_SWAPPED = {"^": "$", "$": "^"}


def backwards(node: Node) -> Node:
    """The tree that matches a line read from its end where `node` matches it as it stands."""
    if isinstance(node, Chars):
        return node
    if isinstance(node, At):
        return At(_SWAPPED.get(node.kind, node.kind))
    if isinstance(node, Cat):
        return Cat(tuple(backwards(part) for part in reversed(node.parts)))
    if isinstance(node, Alt):
        return Alt(tuple(backwards(option) for option in node.options))
    return Repeat(backwards(node.part), node.low, node.high)


def ends_fixed(node: Node) -> bool:
    """Whether every match ends where the line does."""
    if isinstance(node, At):
        return node.kind == "$"
    if isinstance(node, Cat):
        return bool(node.parts) and ends_fixed(node.parts[-1])
    if isinstance(node, Alt):
        return all(ends_fixed(option) for option in node.options)
    return isinstance(node, Repeat) and node.low > 0 and ends_fixed(node.part)
