"""botocore's data, trimmed to what the house asks: a tenth of the memory and of the time to read it.

botocore's own models are 27 MB of Python objects for our ten services (facts performance 1d): documentation, shapes
of hundreds of operations, endpoints of four hundred services. What is left of them is kept on disk between two runs
(model_cache.py) and is the same for every session of a process.

Imports botocore: only from functions that run where that hurts nobody.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore
import msgspec
from botocore.loaders import Loader

from services.aws.model_cache import ModelCache
from services.aws.operations import ALL, PREFIXES, READ

MODEL, RULES = "service-2", "endpoint-rule-set-1"
"""botocore's names of a service's model and of the rules for its endpoint."""

COMMON = ("endpoints", "partitions")
"""Data that belong to no service."""

_TALK = frozenset({"documentation", "documentationUrl"})
_FORM = "1"
"""Changes when what is kept of a model changes."""

Data = dict[str, Any]


class Models(Loader):  # type: ignore[misc]  # botocore ships no types
    """A data loader whose models of our services hold our operations alone; everything else is botocore's own.

    Only what botocore ships is looked at, not the operator's ~/.aws/models.
    """

    def __init__(self, cache: ModelCache | None = None) -> None:
        super().__init__(extra_search_paths=[self.BUILTIN_DATA_PATH], include_default_search_paths=False)
        self._kept: dict[str, Data] = {}
        self._disk = cache or ModelCache.default(edition())
        self._lock = threading.Lock()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """A service's model or another of its files. Raises botocore's UnknownServiceError."""
        if service_name in READ and type_name in (MODEL, RULES) and api_version is None:
            return self._part(service_name, functools.partial(trim_service, service_name))[type_name]
        return super().load_service_model(service_name, type_name, api_version)

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """A data file and where botocore has it. Raises botocore's DataNotFoundError."""
        if name in COMMON:
            return self._part("common", trim_common)[name], f"{self.BUILTIN_DATA_PATH}/{name}.json"
        found: tuple[Any, str] = super().load_data_with_path(name)
        return found

    def _part(self, name: str, trim: Callable[[], Data]) -> Data:
        with self._lock:
            part = self._kept.get(name)
            if part is None:
                part = self._disk.read(name)
                if part is None:
                    part = trim()
                    self._disk.write(name, part)
                self._kept[name] = part
            return part


@functools.cache
def models() -> Models:
    """The one loader of this process."""
    return Models()


@functools.cache
def full() -> Loader:
    """botocore's own data, whole: for what the table of operations does not hold. Read once in a process."""
    return _builtin()


def edition() -> str:
    """Names what the trimmed data are made of: botocore's version, the table of operations and how it is trimmed."""
    table = [(service, sorted(operations)) for service, operations in sorted(READ.items())]
    mark = hashlib.sha256(msgspec.json.encode([_FORM, table, sorted(PREFIXES.items())])).hexdigest()
    return f"botocore-{botocore.__version__}-{mark[:16]}"


def trim_service(service: str) -> Data:
    """Model and endpoint rules of a service, trimmed to the table's operations."""
    loader = _builtin()
    model = loader.load_service_model(service, MODEL)
    return {
        MODEL: trim_model(model, READ[service]),
        RULES: _without_talk(loader.load_service_model(service, RULES)),
    }


def trim_common() -> Data:
    """Partitions whole, and of every partition's endpoints those of our services."""
    loader = _builtin()
    endpoints = loader.load_data("endpoints")
    ours = {PREFIXES.get(service, service) for service in READ}
    return {
        "endpoints": {
            **endpoints,
            "partitions": [
                {**one, "services": {name: about for name, about in one["services"].items() if name in ours}}
                for one in endpoints["partitions"]
            ],
        },
        "partitions": loader.load_data("partitions"),
    }


def trim_model(model: Mapping[str, Any], operations: frozenset[str]) -> Data:
    """A service model with these operations, the shapes that they reach, and no documentation."""
    held = {
        name: {key: value for key, value in about.items() if key not in _TALK}
        for name, about in model["operations"].items()
        if operations is ALL or name in operations
    }
    shapes: dict[str, Data] = {}
    waiting = [shape for about in held.values() for shape in _named(about)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = _shape(model["shapes"][name])
            waiting.extend(_reached(shapes[name]))
    # botocore's order is kept: it is the order of errors with one code.
    shapes = {name: shapes[name] for name in model["shapes"] if name in shapes}
    rest = {key: value for key, value in model.items() if key not in _TALK}
    return {**rest, "operations": held, "shapes": shapes}


def _named(operation: Mapping[str, Any]) -> Iterator[str]:
    """Shapes that an operation names."""
    for key in ("input", "output"):
        if key in operation:
            yield operation[key]["shape"]
    for error in operation.get("errors", ()):
        yield error["shape"]


def _reached(shape: Mapping[str, Any]) -> Iterator[str]:
    """Shapes that a shape is made of."""
    for key in ("member", "key", "value"):
        if key in shape:
            yield shape[key]["shape"]
    for member in shape.get("members", {}).values():
        yield member["shape"]


def _shape(shape: Mapping[str, Any]) -> Data:
    """A shape without documentation. A member may be called so, and stays."""
    told = {key: value for key, value in shape.items() if key not in _TALK}
    for key in ("member", "key", "value"):
        if key in told:
            told[key] = {name: value for name, value in told[key].items() if name not in _TALK}
    if "members" in told:
        told["members"] = {
            name: {key: value for key, value in member.items() if key not in _TALK}
            for name, member in told["members"].items()
        }
    return told


def _without_talk(value: Any) -> Any:
    """Endpoint rules without the sentences that explain parameters."""
    if isinstance(value, Mapping):
        return {key: _without_talk(one) for key, one in value.items() if key not in _TALK}
    if isinstance(value, list):
        return [_without_talk(one) for one in value]
    return value


def _builtin() -> Loader:
    """A loader that is thrown away with all that it has read."""
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
