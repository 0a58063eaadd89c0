"""Metric math as text: which ids an expression names, and the same expression with other ids. Nothing is computed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|[0-9][0-9A-Za-z_.]*|[A-Za-z_][A-Za-z0-9_]*|.""", re.DOTALL)
_ALONE = re.compile(r"\b(SEARCH|METRICS|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS)\s*\(|^\s*SELECT\b", re.IGNORECASE)


def named(expression: str) -> frozenset[str]:
    """The ids that stand in `expression`."""
    return frozenset(token for token in _tokens(expression) if _is_id(token))


def renamed(expression: str, names: Mapping[str, str]) -> str:
    """`expression` with its ids replaced; texts in quotes and function names stay."""
    return "".join(names.get(token, token) if _is_id(token) else token for token in _tokens(expression))


def stands_alone(expression: str) -> bool:
    """Whether the expression looks at its whole request or counts against limits of one: METRICS(), SEARCH, SELECT."""
    return _ALONE.search(expression) is not None


def _tokens(expression: str) -> Iterator[str]:
    return (found[0] for found in _TOKEN.finditer(expression))


def _is_id(token: str) -> bool:
    return token[0].isascii() and token[0].islower()
