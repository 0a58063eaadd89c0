"""Which published versions something points at, and what: an alias, its weights, the API, a queue, warm capacity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.model.version_uses import VersionUses


def holders_of(uses: VersionUses, integrations: Sequence[str]) -> dict[int, list[str]]:
    """Version → everything that points at it. `integrations`: URIs of the APIs that may call the function."""
    found: dict[int, list[str]] = {}
    for number, what in (*_by_aliases(uses), *_by_qualifiers(uses, integrations)):
        found.setdefault(number, []).append(what)
    return found


def unclear(function: str, integrations: Sequence[str]) -> bool:
    """Whether an integration leaves open what of the function it calls: a stage variable says it."""
    return any("$" in qualifier and qualifier != "$LATEST" for qualifier in _qualifiers(function, integrations))


def _by_aliases(uses: VersionUses) -> Iterator[tuple[int, str]]:
    for alias in uses.aliases:
        yield alias.version, f"alias {alias.name}"
        for number, share in alias.weights:
            yield number, f"alias {alias.name} with weight {share:g}"


def _by_qualifiers(uses: VersionUses, integrations: Sequence[str]) -> Iterator[tuple[int, str]]:
    """An alias's own versions are held by it already; here it is the plain numbers that count."""
    for qualifier in _qualifiers(uses.function, integrations):
        if qualifier.isascii() and qualifier.isdigit():
            yield int(qualifier), "the API calls it"
    for one in uses.provisioned:
        if one.qualifier.isascii() and one.qualifier.isdigit():
            yield int(one.qualifier), f"provisioned concurrency {one.wanted}"
    for qualifier, source in uses.sources:
        if qualifier.isascii() and qualifier.isdigit():
            yield int(qualifier), f"event source {source}"


def _qualifiers(function: str, integrations: Sequence[str]) -> list[str]:
    called = re.compile(rf":function:{re.escape(function)}:([^/]+)")
    return [match[1] for match in map(called.search, integrations) if match is not None]
