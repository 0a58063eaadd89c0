"""Which feeds are asked at once because another one has said something new. Pure."""

from __future__ import annotations

from typing import Any

ON_PARTS = (
    "alarms",
    "functions",
    "releases",
    "apis",
    "tables",
    "distributions",
    "invalidations",
    "buckets",
    "bursts",
    "user_pools",
    "metrics",
    "percentiles",
    "edge_metrics",
)
_MEASURED = ("metrics", "percentiles")


def followers(feed: str, before: Any, after: Any) -> tuple[str, ...]:
    """Feeds to wake when `feed` went from `before` to `after`; None is a feed that had no answer yet."""
    if before == after:
        return ()
    if feed == "parts":
        return ON_PARTS
    if feed == "stack":
        return _on_stack(before, after)
    if feed in ("apis", "tables"):
        return _MEASURED if before is None or _named(before) != _named(after) else ()
    if feed == "releases":
        return ("evidence",) if before is None or _aliases(before) != _aliases(after) else ()
    return ()


def _on_stack(before: Any, after: Any) -> tuple[str, ...]:
    if before is None or before.id != after.id:
        return ("events", "parts", "releases", "deployed")
    if before.status != after.status:
        # The end of an operation is the moment at which parts and versions are new.
        return ("events", "releases") if after.in_progress else ("events", "parts", "releases", "deployed")
    return ("events", "deployed") if before.updated != after.updated else ()


def _named(things: Any) -> list[tuple[Any, ...]]:
    """What a series' identity is made of: names, the API's stage, the table's indexes."""
    return [(one.name, getattr(one, "stage", ""), getattr(one, "indexes", ())) for one in things]


def _aliases(releases: Any) -> list[Any]:
    return [release.alias for release in releases]
