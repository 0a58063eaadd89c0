"""What holds on to one version or alias of a function besides aliases: warm capacity and event source mappings."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from services.simulated.platform.functions import LATEST, FunctionStore
from services.simulated.platform.lambda_names import find_function, refusal
from services.simulated.platform.paging import page
from services.simulated.protocol import Context, Handler
from services.simulated.state import SimulatedState

WARM_S = 90
"""Until asked-for environments are ready."""

_INVALID = "InvalidParameterValueException"


class CallerHandlers:
    """The account begins with nothing of either kind; callers make them."""

    def __init__(self, state: SimulatedState, stores: dict[str, FunctionStore]) -> None:
        self._state = state
        self._stores = stores

    def handlers(self) -> dict[str, Handler]:
        return {
            "PutProvisionedConcurrencyConfig": self.put_provisioned,
            "DeleteProvisionedConcurrencyConfig": self.delete_provisioned,
            "ListProvisionedConcurrencyConfigs": self.list_provisioned,
            "CreateEventSourceMapping": self.create_mapping,
            "DeleteEventSourceMapping": self.delete_mapping,
            "ListEventSourceMappings": self.list_mappings,
        }

    def put_provisioned(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store, qualifier = self._qualified(context, parameters)
            if qualifier in ("", LATEST):
                message = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
                raise refusal(_INVALID, message, 400)
            store.provisioned[qualifier] = (int(parameters["ProvisionedConcurrentExecutions"]), context.now)
            return self._provisioned(store, qualifier, context)

    def delete_provisioned(self, context: Context, parameters: dict[str, Any]) -> None:
        with self._state.lock:
            store, qualifier = self._qualified(context, parameters)
            store.provisioned.pop(qualifier, None)

    def list_provisioned(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store, _ = self._qualified(context, parameters)
            rows = [
                {"FunctionArn": f"{store.arn}:{one}", **self._provisioned(store, one, context)}
                for one in sorted(store.provisioned)
            ]
        chosen, marker = page(rows, parameters.get("Marker"), int(parameters.get("MaxItems") or 50), _INVALID)
        return {"ProvisionedConcurrencyConfigs": chosen} | ({"NextMarker": marker} if marker else {})

    def create_mapping(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store, qualifier = self._qualified(context, parameters)
            identity = str(uuid.uuid4())
            store.sources[identity] = (qualifier, str(parameters.get("EventSourceArn", "")))
            return self._mapping(store, identity)

    def delete_mapping(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            for store in self._stores.values():
                if parameters["UUID"] in store.sources and store.environment.region == context.region:
                    gone = self._mapping(store, parameters["UUID"]) | {"State": "Deleting"}
                    del store.sources[parameters["UUID"]]
                    return gone
        raise refusal("ResourceNotFoundException", "The resource you requested does not exist.", 404)

    def list_mappings(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            stores = [one for one in self._stores.values() if one.environment.region == context.region]
            if "FunctionName" in parameters:
                stores = [find_function(self._stores, context, parameters["FunctionName"], None)[0]]
            rows = [self._mapping(store, one) for store in stores for one in store.sources]
        chosen, marker = page(rows, parameters.get("Marker"), int(parameters.get("MaxItems") or 100), _INVALID)
        return {"EventSourceMappings": chosen} | ({"NextMarker": marker} if marker else {})

    def _qualified(self, context: Context, parameters: dict[str, Any]) -> tuple[FunctionStore, str]:
        store, qualifier = find_function(self._stores, context, parameters["FunctionName"], parameters.get("Qualifier"))
        store.version(qualifier)
        return store, qualifier

    @staticmethod
    def _provisioned(store: FunctionStore, qualifier: str, context: Context) -> dict[str, Any]:
        wanted, since = store.provisioned[qualifier]
        ready = context.now - since >= timedelta(seconds=WARM_S)
        return {
            "RequestedProvisionedConcurrentExecutions": wanted,
            "AvailableProvisionedConcurrentExecutions": wanted if ready else 0,
            "AllocatedProvisionedConcurrentExecutions": wanted if ready else 0,
            "Status": "READY" if ready else "IN_PROGRESS",
            "LastModified": since.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        }

    @staticmethod
    def _mapping(store: FunctionStore, identity: str) -> dict[str, Any]:
        qualifier, source = store.sources[identity]
        return {
            "UUID": identity,
            "EventSourceArn": source,
            "FunctionArn": f"{store.arn}:{qualifier}" if qualifier else store.arn,
            "State": "Enabled",
            "BatchSize": 10,
        }
