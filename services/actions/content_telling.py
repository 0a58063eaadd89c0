"""What the plan of a restoration says of itself: what is saved, which keys, what stays, what it costs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.actions.content_moves import digest
from services.model.content import ContentHistory, Move, MoveKind
from services.model.plan import Step
from services.plural import several
from services.rules.words import count
from services.safe_text import SafeText, safe
from services.settings.values import Settings

NAMED = 6
"""Keys that a plan names."""


def saved(lines: Sequence[Move]) -> tuple[SafeText, ...]:
    standing = [one for one in lines if one.now_etag]
    total = size(sum(one.now_size for one in standing))
    return (safe(f"manifest {digest(lines)[:12]}: the versions of {several(len(standing), 'object')} now, {total}"),)


def notes(
    history: ContentHistory,
    lines: Sequence[Move],
    doing: Sequence[Move],
    kept: Sequence[Move],
    settings: Settings,
    follow: Sequence[Step],
) -> list[str]:
    told = []
    if history.publication is not None:
        told.append(f"As of     the second before the publication of {history.publication:%Y-%m-%d %H:%M:%SZ}")
    told += [f"Keys      {one.kind.value}  {one.key}  {_sizes(one)}" for one in doing[:NAMED]]
    if len(doing) > NAMED:
        told.append(f"          and {count(len(doing) - NAMED)} more; the manifest holds each, with its versions")
    same = sum(one.kind is MoveKind.SAME for one in lines)
    told.append(f"Same      {several(same, 'object')} as before, not touched")
    if kept:
        names = ", ".join(one.key for one in kept[:3]) + (" …" if len(kept) > 3 else "")
        told.append(
            f"Kept      {count(len(kept))} that did not exist then stay: harmless, open pages want them ({names})"
        )
    lost = [one for one in lines if one.kind is MoveKind.UNRESTORABLE]
    if lost:
        told.append(f"Warning   {count(len(lost))} cannot be restored: {lost[0].key}: {lost[0].why}")
    if history.expires_days is not None and (history.read - history.as_of).days >= history.expires_days:
        told.append(f"Warning   the bucket drops old versions after {history.expires_days} days: some may be gone")
    told.append("Order     assets first, then pages; then the edge; then changed pages are fetched and compared")
    if follow:
        items = sum(len(_items(step)) for step in follow)
        cost = items * settings.prices.invalidation_path
        told.append(
            f"Cost      {items} path(s): free among the month's first "
            f"{count(settings.prices.free_invalidation_paths)}, else ${cost:.3f}"
        )
    return told


def _items(step: Step) -> list[object]:
    batch = step.call.parameters["InvalidationBatch"]
    assert isinstance(batch, dict)
    items: list[object] = batch["Paths"]["Items"]
    return items


def _sizes(one: Move) -> str:
    now = size(one.now_size) if one.now_etag else "nothing"
    return f"{now} → {size(one.size) if one.then else 'nothing'}"


def size(number: int) -> str:
    """`509 B`, `1.4 MB`."""
    amount, units = float(number), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] == "B" or amount >= 100 else f"{amount:.1f} {units[0]}"
