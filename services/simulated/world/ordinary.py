"""Minutes in which people came and nothing else happened: the same in every world of one seed, so worked out once.

An account that is opened again, or beside another, finds its hour of history ready.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from services.simulated.world.values import Minute

Key = tuple[int, str, int, int | None]
"""Seed, environment, start of the minute in epoch seconds, the one version that served."""

_MOST = 6_000
"""Four days of one environment; a busy minute takes about 8 kB."""

_kept: OrderedDict[Key, Minute] = OrderedDict()
_lock = threading.Lock()


def find(key: Key | None) -> Minute | None:
    """The minute, if it was worked out before; None also for no key, which is a minute that is its world's alone."""
    with _lock:
        return _kept.get(key) if key is not None else None


def keep(key: Key | None, minute: Minute) -> None:
    """Keep it for all; the one kept first makes room."""
    if key is None:
        return
    with _lock:
        _kept[key] = minute
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
