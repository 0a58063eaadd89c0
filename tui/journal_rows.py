"""Which operations of the journal a filter leaves, and what stands above them."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.journal import Catalogue, Listed


def matching(entries: Sequence[Listed], wanted: str) -> tuple[Listed, ...]:
    """Those in which every word of `wanted` is found; a word that begins with `!` must not be."""
    words = wanted.lower().split()
    return tuple(one for one in entries if all(_has(one, word) for word in words))


def _has(entry: Listed, word: str) -> bool:
    text = _text(entry)
    return word[1:] not in text if word.startswith("!") and len(word) > 1 else word in text


def _text(entry: Listed) -> str:
    """All that is known of it, with the words the list shows: `open`, `sandbox`, `damaged`."""
    states = (
        "sandbox" if entry.folder else "",
        "open" if entry.open else "",
        "left open" if entry.gone else "",
        "damaged" if entry.damage else "",
        "archived" if entry.archived else "",
    )
    outcome = entry.outcome.value if entry.outcome is not None else entry.phase.value
    parts = (entry.id, entry.environment, entry.folder, entry.kind, entry.title, entry.who, entry.arn, entry.reason)
    when = f"{entry.ordered:%Y-%m-%d %H:%M:%S}"
    return " ".join((*parts, *entry.calls, *states, outcome, entry.text, when)).lower()


def summary(catalogue: Catalogue, shown: int, wanted: str) -> str:
    """`Journal 12 of 213 · /prod · 1 left open, 2 damaged, 40 of sandboxes · reading 800 older …`."""
    entries = catalogue.operations
    count = f"{shown} of {len(entries)}" if wanted else str(len(entries))
    kinds = (
        (sum(one.gone for one in entries), "left open"),
        (sum(one.open and not one.gone and not one.damage for one in entries), "under way"),
        (sum(bool(one.damage) for one in entries), "damaged"),
        (sum(bool(one.folder) for one in entries), "of sandboxes"),
        (sum(one.archived for one in entries), "archived"),
    )
    parts = [f"Journal {count}", f"/{wanted}" if wanted else "", ", ".join(f"{n} {word}" for n, word in kinds if n)]
    if catalogue.unread:
        parts.append(f"reading {catalogue.unread} older …")
    if catalogue.problems:
        more = f" (and {len(catalogue.problems) - 1} more)" if len(catalogue.problems) > 1 else ""
        parts.append(f"not readable: {catalogue.problems[0]}{more}")
    return " · ".join(part for part in parts if part)
