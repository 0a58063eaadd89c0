"""What the deployments screen asks while it is looked at, beside what is polled."""

from __future__ import annotations

import msgspec

from services.model.change_sets import ChangeSet
from services.model.content import ObjectEntry
from services.model.drift import DriftedResource
from services.model.functions import LatestCode, Provisioned
from services.model.methods import Method
from services.model.reading import Reading


class Standing(msgspec.Struct, frozen=True):
    """Of every function: `$LATEST` and what is kept warm."""

    latest: tuple[LatestCode, ...] = ()
    provisioned: tuple[Provisioned, ...] | None = None
    """None: it could not be read."""


class DeployDetail(msgspec.Struct, frozen=True):
    """Each asked by itself; one that is denied costs only its own."""

    standing: Reading[Standing] = Reading()
    change_sets: Reading[tuple[ChangeSet, ...]] = Reading()
    methods: Reading[tuple[Method, ...]] = Reading()
    drift: Reading[tuple[DriftedResource, ...]] = Reading()
    objects: Reading[tuple[ObjectEntry, ...]] = Reading()
