"""Lambda's aliases: the one lever that decides who serves (aws.md 5.2)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from services.simulated.platform.functions import LATEST, Alias, FunctionStore
from services.simulated.platform.lambda_names import find_function, refusal
from services.simulated.platform.paging import page
from services.simulated.protocol import Context, Handler
from services.simulated.state import SimulatedState

_STALE = (
    "The RevisionId provided does not match the latest RevisionId. Call the GetAlias API to retrieve the latest "
    "RevisionId for your resource."
)


class AliasHandlers:
    """Create, read, update and delete, as AWS words each refusal."""

    def __init__(self, state: SimulatedState, stores: dict[str, FunctionStore]) -> None:
        self._state = state
        self._stores = stores

    def handlers(self) -> dict[str, Handler]:
        return {
            "CreateAlias": self.create_alias,
            "GetAlias": self.get_alias,
            "ListAliases": self.list_aliases,
            "UpdateAlias": self.update_alias,
            "DeleteAlias": self.delete_alias,
        }

    def create_alias(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)
            name = parameters["Name"]
            if name in store.aliases:
                raise refusal("ResourceConflictException", f"Alias already exists: {store.arn}:{name}", 409)
            if not re.fullmatch(r"(?!\d+\Z)[A-Za-z0-9_-]{1,128}", name):
                message = f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint"
                raise refusal("ValidationException", message, 400)
            version = store.version(parameters["FunctionVersion"]).name
            weights = self._weights(store, version, parameters.get("RoutingConfig"))
            alias = Alias(name, version, parameters.get("Description", ""), "", weights)
            return self._shown(store, store.put_alias(alias, context.now))

    def get_alias(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)
            return self._shown(store, self._alias(store, parameters["Name"]))

    def list_aliases(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)
            wanted = parameters.get("FunctionVersion")
            rows = [
                self._shown(store, alias)
                for _, alias in sorted(store.aliases.items())
                if wanted in (None, alias.version)
            ]
        size = int(parameters.get("MaxItems") or 50)
        chosen, marker = page(rows, parameters.get("Marker"), size, "InvalidParameterValueException")
        return {"Aliases": chosen} | ({"NextMarker": marker} if marker else {})

    def update_alias(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """Weights stay when RoutingConfig is left out and go when its map is empty; revision first, as AWS checks."""
        with self._state.lock:
            store = self._store(context, parameters)
            alias = self._alias(store, parameters["Name"])
            if parameters.get("RevisionId") not in (None, "", alias.revision):
                raise refusal("PreconditionFailedException", _STALE, 412)
            wanted = parameters.get("FunctionVersion", alias.version)
            if wanted != LATEST and not wanted.isdecimal():
                raise refusal("ResourceNotFoundException", f"Function not found: {store.arn}:{wanted}", 404)
            version = store.version(wanted).name
            if "RoutingConfig" in parameters:
                weights = self._weights(store, version, parameters["RoutingConfig"])
            else:
                weights = self._weights(store, version, {"AdditionalVersionWeights": dict(alias.weights)})
            changed = msgspec.structs.replace(
                alias,
                version=version,
                weights=weights,
                description=parameters.get("Description", alias.description),
            )
            return self._shown(store, store.put_alias(changed, context.now))

    def delete_alias(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any] | None:
        with self._state.lock:
            store = self._store(context, parameters)
            if parameters["Name"] == store.environment.alias:
                message = (
                    f"User: {self._state.estate.caller_arn} is not authorized to perform: lambda:DeleteAlias on "
                    f"resource: {store.environment.alias_arn} with an explicit deny: it belongs to the stack"
                )
                raise refusal("AccessDeniedException", message, 403)
            store.aliases.pop(parameters["Name"], None)
        return None

    def _store(self, context: Context, parameters: dict[str, Any]) -> FunctionStore:
        return find_function(self._stores, context, parameters["FunctionName"], None)[0]

    @staticmethod
    def _alias(store: FunctionStore, name: str) -> Alias:
        if name not in store.aliases:
            raise refusal("ResourceNotFoundException", f"Cannot find alias arn: {store.arn}:{name}", 404)
        return store.aliases[name]

    @staticmethod
    def _weights(store: FunctionStore, version: str, routing: dict[str, Any] | None) -> tuple[tuple[str, float], ...]:
        weights = (routing or {}).get("AdditionalVersionWeights") or {}
        if not weights:
            return ()
        code = "InvalidParameterValueException"
        if len(weights) > 1:
            raise refusal(code, "Number of items in AdditionalVersionWeights cannot be greater than 1.", 400)
        if version == LATEST or LATEST in weights:
            raise refusal(code, "$LATEST is not supported for an alias pointing to more than 1 version", 400)
        for other, weight in weights.items():
            if other == version:
                message = (
                    f"Invalid function version {other}. Function version {version} is already included in routing."
                )
                raise refusal(code, message, 400)
            if not other.isdecimal():
                raise refusal("ResourceNotFoundException", f"Function not found: {store.arn}:{other}", 404)
            store.version(other)
            if not 0.0 <= weight <= 1.0:
                message = f"Value '{weight}' at 'additionalVersionWeights' failed to satisfy constraint: 0.0 to 1.0"
                raise refusal(code, message, 400)
        return tuple((other, float(weight)) for other, weight in weights.items())

    @staticmethod
    def _shown(store: FunctionStore, alias: Alias) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "AliasArn": f"{store.arn}:{alias.name}",
            "Name": alias.name,
            "FunctionVersion": alias.version,
            "Description": alias.description,
            "RevisionId": alias.revision,
        }
        if alias.weights:
            shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
        return shown
