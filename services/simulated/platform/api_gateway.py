"""API Gateway's API over the account's REST APIs (aws.md 5.3, 6.1)."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from services.simulated.platform.apis import ACCESS_LOG_FORMAT, ApiStore, Canary, Deployment, Throttle
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

_BAD_PAGE = "BadRequestException"


class ApiGateway:
    """Handlers. Reading, the stage's switch, deployments and the resource policy; the rest belongs to the stack."""

    def __init__(self, state: SimulatedState, stores: dict[str, ApiStore]) -> None:
        self._state = state
        self._stores = stores

    def handlers(self) -> dict[str, Handler]:
        return {
            "GetAccount": self.get_account,
            "GetRestApis": self.get_rest_apis,
            "GetRestApi": self.get_rest_api,
            "UpdateRestApi": self.update_rest_api,
            "GetResources": self.get_resources,
            "GetResource": self.get_resource,
            "GetMethod": self.get_method,
            "GetIntegration": self.get_integration,
            "GetDeployments": self.get_deployments,
            "GetDeployment": self.get_deployment,
            "CreateDeployment": self.create_deployment,
            "DeleteDeployment": self.delete_deployment,
            "GetStages": self.get_stages,
            "GetStage": self.get_stage,
            "UpdateStage": self.update_stage,
            "FlushStageCache": self.flush_stage_cache,
        }

    def get_account(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "cloudwatchRoleArn": f"arn:aws:iam::{context.account}:role/api-gateway-logs",
            "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
            "features": ["UsagePlans"],
        }

    def get_rest_apis(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        rows = [self._api(store) for store in self._stores.values() if store.environment.region == context.region]
        return self._paged(rows, parameters, 25)

    def get_rest_api(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._api(self._store(context, parameters))

    def update_rest_api(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)
            for patch in parameters.get("patchOperations", ()):
                if patch.get("path") != "/policy":
                    raise AwsError("BadRequestException", f"Invalid patch path  '{patch.get('path')}' specified")
                given = patch.get("value", "") if patch.get("op") == "replace" else ""
                store.policy = self._policy(store, given) if given else ""
            return self._api(store)

    def get_resources(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)
        embed = "methods" in (parameters.get("embed") or ())
        rows = [self._resource(store, resource, embed) for resource in store.resources]
        return self._paged(rows, parameters, 25)

    def get_resource(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)
        if parameters["resourceId"] not in store.resources:
            raise AwsError("NotFoundException", "Invalid Resource identifier specified", 404)
        return self._resource(store, parameters["resourceId"], "methods" in (parameters.get("embed") or ()))

    def get_method(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)
        return self._method(store, self._path(store, parameters), self._method_name(store, parameters))

    def get_integration(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)
        return self._integration(store, self._path(store, parameters), self._method_name(store, parameters))

    def get_deployments(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            made = sorted(self._store(context, parameters).deployments.values(), key=lambda one: one.created)
        return self._paged([self._deployment(one) for one in made], parameters, 25)

    def get_deployment(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)
        return self._deployment(self._known_deployment(store, parameters["deploymentId"]))

    def create_deployment(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)
            stage = parameters.get("stageName")
            if stage not in (None, "", store.environment.stage):
                raise AwsError("BadRequestException", "The simulated account keeps one stage for each API.")
            made = store.deploy(store.new_id(), parameters.get("description", ""), context.now)
            if stage:
                store.serve(made.id, context.now)
            return self._deployment(made)

    def delete_deployment(self, context: Context, parameters: dict[str, Any]) -> None:
        with self._state.lock:
            store = self._store(context, parameters)
            made = self._known_deployment(store, parameters["deploymentId"])
            canary = store.stage.canary
            if made.id == store.stage.deployment or (canary is not None and made.id == canary.deployment):
                message = "Active stages pointing to this deployment must be moved or deleted"
                raise AwsError("BadRequestException", message)
            del store.deployments[made.id]

    def get_stages(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)
        wanted = parameters.get("deploymentId")
        return {"item": [self._stage(store)] if wanted in (None, store.stage.deployment) else []}

    def get_stage(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._stage(self._staged(context, parameters))

    def update_stage(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._staged(context, parameters)
            stage = store.stage
            for patch in parameters.get("patchOperations", ()):
                stage = self._patched(store, stage, patch)
            if stage.canary is not None and not stage.canary.deployment:
                raise AwsError("BadRequestException", "Canary deployment id must be set")
            store.put_stage(stage, context.now)
            return self._stage(store)

    def flush_stage_cache(self, context: Context, parameters: dict[str, Any]) -> None:
        with self._state.lock:
            store = self._staged(context, parameters)
            store.stage = msgspec.structs.replace(store.stage, flushed=context.now)

    # Reading the APIs

    def _store(self, context: Context, parameters: dict[str, Any]) -> ApiStore:
        for store in self._stores.values():
            if store.id == parameters["restApiId"] and store.environment.region == context.region:
                return store
        raise AwsError("NotFoundException", "Invalid API identifier specified", 404)

    def _staged(self, context: Context, parameters: dict[str, Any]) -> ApiStore:
        store = self._store(context, parameters)
        if parameters["stageName"] != store.environment.stage:
            raise AwsError("NotFoundException", "Invalid Stage identifier specified", 404)
        return store

    def _patched(self, store: ApiStore, stage: Any, patch: dict[str, Any]) -> Any:
        path, value = patch.get("path", ""), patch.get("value", "")
        if path == "/deploymentId":
            return msgspec.structs.replace(stage, deployment=self._known_deployment(store, value).id)
        if path == "/description":
            return msgspec.structs.replace(stage, description=value)
        if path.count("/") == 2 and patch.get("op") == "remove" and path[1:] in stage.throttles:
            rest = {key: one for key, one in stage.throttles.items() if key != path[1:]}
            return msgspec.structs.replace(stage, throttles=rest)
        if "/throttling/" in path:
            key, _, name = path[1:].partition("/throttling/")
            throttles = stage.throttles | {key: self._throttle(stage.throttles.get(key, Throttle()), name, value)}
            return msgspec.structs.replace(stage, throttles=throttles)
        if path.startswith("/variables/"):
            name = path.removeprefix("/variables/")
            kept = {key: known for key, known in stage.variables.items() if key != name}
            return msgspec.structs.replace(
                stage, variables=kept if patch.get("op") == "remove" else kept | {name: value}
            )
        if path == "/canarySettings" and patch.get("op") == "remove":
            return msgspec.structs.replace(stage, canary=None)
        if path.startswith("/canarySettings/"):
            canary = self._canary(store, stage.canary or Canary(stage.deployment), path, value)
            return msgspec.structs.replace(stage, canary=canary)
        if path == "/cacheClusterEnabled":
            return msgspec.structs.replace(stage, cached=value == "true")
        raise AwsError("BadRequestException", f"Invalid patch path  '{path}' specified for op '{patch.get('op')}'")

    @staticmethod
    def _throttle(throttle: Throttle, name: str, value: str) -> Throttle:
        try:
            if name == "rateLimit":
                return Throttle(float(value), throttle.burst)
            if name == "burstLimit":
                return Throttle(throttle.rate, int(value))
        except ValueError as error:
            raise AwsError("BadRequestException", f"Invalid value '{value}' for {name}") from error
        raise AwsError("BadRequestException", f"Invalid patch path  '/throttling/{name}' specified")

    def _policy(self, store: ApiStore, given: str) -> str:
        """A policy as it is kept: `execute-api:/*` stands for this API's own ARN."""
        try:
            json.loads(given)
        except ValueError as error:
            raise AwsError("BadRequestException", f"Invalid policy document: {error}") from error
        e = store.environment
        own = f'"arn:aws:execute-api:{e.region}:{self._state.estate.account}:{store.id}/'
        return given.replace('"execute-api:/', own)

    def _canary(self, store: ApiStore, canary: Canary, path: str, value: str) -> Canary:
        name = path.removeprefix("/canarySettings/")
        if name == "deploymentId":
            return msgspec.structs.replace(canary, deployment=self._known_deployment(store, value).id)
        if name == "useStageCache":
            return msgspec.structs.replace(canary, use_cache=value == "true")
        if name.startswith("stageVariableOverrides/"):
            kept = canary.variables | {name.removeprefix("stageVariableOverrides/"): value}
            return msgspec.structs.replace(canary, variables=kept)
        try:
            percent = float(value)
        except ValueError:
            percent = -1.0
        if name != "percentTraffic" or not 0.0 <= percent <= 100.0:
            raise AwsError("BadRequestException", f"Invalid patch path  '{path}' specified or invalid value '{value}'")
        return msgspec.structs.replace(canary, percent=percent)

    @staticmethod
    def _known_deployment(store: ApiStore, identity: str) -> Deployment:
        if identity not in store.deployments:
            raise AwsError("NotFoundException", "Invalid Deployment identifier specified", 404)
        return store.deployments[identity]

    @staticmethod
    def _path(store: ApiStore, parameters: dict[str, Any]) -> str:
        return store.resources.get(parameters["resourceId"], ("", ()))[0]

    @staticmethod
    def _method_name(store: ApiStore, parameters: dict[str, Any]) -> str:
        _, methods = store.resources.get(parameters["resourceId"], ("", ()))
        if parameters["httpMethod"] not in methods:
            raise AwsError("NotFoundException", "Invalid Method identifier specified", 404)
        return str(parameters["httpMethod"])

    @staticmethod
    def _paged(rows: list[dict[str, Any]], parameters: dict[str, Any], size: int) -> dict[str, Any]:
        limit = min(500, int(parameters.get("limit") or size))
        chosen, position = page(rows, parameters.get("position"), limit, _BAD_PAGE)
        return {"items": chosen} | ({"position": position} if position else {})

    @staticmethod
    def _api(store: ApiStore) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": store.id,
            "name": store.environment.api_name,
            "description": f"EC2 Manager, {store.environment.name}",
            "createdDate": store.created,
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["REGIONAL"]},
            "disableExecuteApiEndpoint": False,
            "tags": {"application": "ec2-manager", "environment": store.environment.name},
            "rootResourceId": next(iter(store.resources)),
        }
        return shown | ({"policy": store.policy.replace('"', '\\"')} if store.policy else {})

    def _resource(self, store: ApiStore, resource: str, embed: bool) -> dict[str, Any]:
        path, methods = store.resources[resource]
        root = next(iter(store.resources))
        shown: dict[str, Any] = {"id": resource, "path": path}
        if path != "/":
            parent = path.rpartition("/")[0] or "/"
            owner = next((key for key, (known, _) in store.resources.items() if known == parent), root)
            shown |= {"parentId": owner, "pathPart": path.rpartition("/")[2]}
        if methods:
            shown["resourceMethods"] = {name: self._method(store, path, name) if embed else {} for name in methods}
        return shown

    def _method(self, store: ApiStore, path: str, name: str) -> dict[str, Any]:
        return {
            "httpMethod": name,
            "authorizationType": "NONE" if name == "OPTIONS" else "COGNITO_USER_POOLS",
            "apiKeyRequired": False,
            "methodIntegration": self._integration(store, path, name),
        }

    @staticmethod
    def _integration(store: ApiStore, path: str, name: str) -> dict[str, Any]:
        if name == "OPTIONS":
            return {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}}
        return {
            "type": "AWS_PROXY",
            "httpMethod": "POST",
            "uri": store.integration_uri(path, name),
            "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 29000,
        }

    @staticmethod
    def _deployment(made: Deployment) -> dict[str, Any]:
        return {"id": made.id, "description": made.description, "createdDate": made.created}

    def _stage(self, store: ApiStore) -> dict[str, Any]:
        e, stage = store.environment, store.stage
        logs = f"arn:aws:logs:{e.region}:{self._state.estate.account}:log-group:{e.access_log_group}"
        shown: dict[str, Any] = {
            "deploymentId": stage.deployment,
            "stageName": e.stage,
            "description": stage.description,
            "cacheClusterEnabled": stage.cached,
            "cacheClusterStatus": "AVAILABLE" if stage.cached else "NOT_AVAILABLE",
            "methodSettings": {
                key: {
                    "metricsEnabled": True,
                    "loggingLevel": "INFO",
                    "dataTraceEnabled": False,
                    "throttlingBurstLimit": one.burst,
                    "throttlingRateLimit": one.rate,
                    "cachingEnabled": False,
                }
                for key, one in stage.throttles.items()
            },
            "variables": stage.variables,
            "accessLogSettings": {"format": ACCESS_LOG_FORMAT, "destinationArn": logs},
            "tracingEnabled": True,
            "createdDate": stage.created,
            "lastUpdatedDate": stage.updated,
        }
        if stage.cached:
            shown["cacheClusterSize"] = "0.5"
        if stage.canary is not None:
            shown["canarySettings"] = {
                "percentTraffic": stage.canary.percent,
                "deploymentId": stage.canary.deployment,
                "stageVariableOverrides": stage.canary.variables,
                "useStageCache": stage.canary.use_cache,
            }
        return shown
