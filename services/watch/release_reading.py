"""Which version of each function serves, and which there are: the alias each time, the versions now and then."""

from __future__ import annotations

from collections.abc import Sequence

from services.aws import functions
from services.aws.session import Account
from services.model.functions import FunctionVersion, Release

VERSIONS_EVERY = 4
"""The alias is read each turn, the list of versions every fourth and whenever the alias has moved."""


class ReleaseReader:
    """Reads the releases of one account's functions again and again."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._versions: dict[str, tuple[str, int, tuple[FunctionVersion, ...]]] = {}
        """Function → the alias's mark, turns since and the versions, as they were last listed."""

    async def read(self, function: str, alias: str, uris: Sequence[str] | None) -> Release:
        """The release of `function` behind `alias`; `uris`: what the APIs call, None when unknown.

        Raises AccountError.
        """
        serving = await functions.alias(self._account, function, alias)
        mark = f"{serving.revision_id}/{serving.version}" if serving is not None else ""
        before, turns, published = self._versions.get(function, ("", 0, ()))
        if not published or mark != before or turns % VERSIONS_EVERY == 0:
            published, turns = await functions.versions(self._account, function), 0
        self._versions[function] = (mark, turns + 1, published)
        return functions.release(function, serving, published, uris)
