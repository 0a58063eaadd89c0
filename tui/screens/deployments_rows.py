"""The rows of each section of screen 4, and what stands above them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.model.reading import Reading
from services.model.situation import Situation
from tui import deploy_layers, deploy_rows
from tui.deploy_methods import method_rows
from tui.picture import Picture
from tui.screens.deployments_asking import API, CONTENT, EDGE, EVENTS, LAMBDA, OUTPUTS, SETS, STACK
from tui.screens.deployments_drift import DeploymentsDrift
from tui.screens.deployments_validating import DeploymentsValidating
from widgets.deploy_list import DeployRow

HEADS = (
    "",
    "time (UTC), status, resource, reason",
    "version    hash, record, description; age",
    "deployment; age",
    "publication; age",
    "status, paths; age",
    "",
    "resource, template → account",
    "",
)
"""What stands above a section's rows."""


class DeploymentsRows(DeploymentsValidating, DeploymentsDrift):
    """Says what the list holds."""

    _wanted: str

    def _begin(self) -> None:
        super()._begin()
        self._folded: set[str] = set()
        self._unfolded: set[str] = set()
        self._start = 0
        """How many operations before the current one the table of events begins."""

    def _rows(self, situation: Situation, picture: Picture) -> Iterator[DeployRow]:
        """The rows of the section that is shown."""
        now, detail = picture.now, self._detail
        match self._section:
            case 0:
                rows = deploy_rows.operation_rows(self._deploys, self._open_operations(), now)
                yield from self._with_looks(rows)
            case 1:
                yield from deploy_rows.event_rows(situation.events.value or (), self._since())
            case 2:
                yield from self._functions(situation, picture)
            case 3:
                for api in situation.apis.value or ():
                    yield from deploy_layers.api_rows((api,), now)
                    yield from method_rows(str(api.id), detail.methods, situation.releases.value or ())
            case 4:
                yield from deploy_layers.burst_rows(situation.bursts.value or (), now)
                yield from deploy_layers.object_rows((detail.objects.value or ())[: self._objects], now)
            case 5:
                yield from deploy_layers.invalidation_rows(situation.invalidations.value or (), now)
            case 6:
                if situation.stack.value is not None:
                    yield from deploy_layers.output_rows(situation.stack.value)
            case 7:
                yield self._drift_heading(situation, now)
                yield from deploy_layers.drift_rows(detail.drift.value or ())
            case _:
                yield from deploy_layers.change_set_rows(detail.change_sets.value or (), now)

    def _functions(self, situation: Situation, picture: Picture) -> Iterator[DeployRow]:
        standing = self._detail.standing.value
        for release in situation.releases.value or ():
            latest = standing.latest if standing is not None else ()
            warm = (standing.provisioned if standing is not None else None) or ()
            yield from deploy_layers.release_rows(
                release,
                situation.evidence.value or (),
                next((one for one in latest if one.function == release.function), None),
                [one for one in warm if one.function == release.function],
                picture.environment.names.alias,
                picture.now,
            )

    def _open_operations(self) -> set[str]:
        """The newest is open unless it was closed; others when they were opened."""
        newest = {deploy_rows.operation_key(one) for one in self._deploys[:1]} - self._folded
        return newest | self._unfolded

    def _since(self) -> datetime | None:
        """Where the table of events starts: the current operation, the one before …, everything."""
        return self._deploys[self._start].operation.began if self._start < len(self._deploys) else None

    def _column_heads(self) -> str:
        if self._section != EVENTS:
            return HEADS[self._section]
        since = self._since()
        return (
            f"{HEADS[EVENTS]} · since {since:%Y-%m-%d %H:%M:%S}"
            if since is not None
            else f"{HEADS[EVENTS]} · all known"
        )

    def _empty(self, situation: Situation, any_at_all: bool) -> str:
        if any_at_all:
            return f"nothing here has {self._wanted}"
        feeds: dict[int, Reading[Any]] = {
            STACK: situation.events, EVENTS: situation.events, LAMBDA: situation.releases, API: situation.apis,
            CONTENT: situation.bursts, EDGE: situation.invalidations, OUTPUTS: situation.stack,
            SETS: self._detail.change_sets,
        }  # fmt: skip
        reading = feeds.get(self._section)
        if reading is not None and reading.value is None:
            return f"{reading.problem.message}." if reading.problem is not None else "not answered yet"
        return "there are none"

    def _toggle(self, key: str) -> None:
        if key in self._open_operations():
            self._unfolded.discard(key)
            self._folded.add(key)
        else:
            self._folded.discard(key)
            self._unfolded.add(key)
