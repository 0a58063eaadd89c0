"""The palette: every key of the table by name, with its reason when it is off."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.keys import BY_NAME, KEYS, Key, why_off

if TYPE_CHECKING:
    from tui.app import CockpitApp


class KeyProvider(Provider):
    """Offers the actions of the key table."""

    @property
    def _app(self) -> CockpitApp:
        return cast("CockpitApp", self.app)

    async def discover(self) -> Hits:
        for key in _offered():
            yield DiscoveryHit(_title(key), self._run(key), text=key.id, help=self._help(key))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for key in _offered():
            score = matcher.match(f"{_title(key)} {key.id}")
            if score > 0:
                yield Hit(score, matcher.highlight(_title(key)), self._run(key), text=key.id, help=self._help(key))

    def _run(self, key: Key) -> partial[None]:
        return partial(self._app.action_run, key.id)

    def _help(self, key: Key) -> str:
        reason = why_off(key, self._app.key_context())
        return f"off now: {reason}" if reason else key.sentence


def _title(key: Key) -> str:
    return f"{key.label.capitalize()}  ({key.shown})" if key.shown else key.label.capitalize()


def _offered() -> tuple[Key, ...]:
    return tuple(key for key in (*KEYS, *BY_NAME) if key.id not in ("palette", "focus"))
