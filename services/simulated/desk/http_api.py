"""API Gateway's second API (`apigatewayv2`) over the Order Desk's one HTTP API.

Its stage deploys by itself until that is turned off; only then can it be told what to serve. What a deployment holds
changes nothing in this world: the Order Desk's errors are its functions'.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import msgspec
from moto.core.request import Request

from services.simulated.desk.estate import ALIAS, DeskFunction
from services.simulated.desk.limits import Limits
from services.simulated.desk.world import DeskWorld
from services.simulated.errors import Answer
from services.simulated.estate import ACCOUNT_ID, stable_id
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler

_BAD_PAGE = "BadRequestException"


_AUTOMATIC = "Automatic deployment triggered by changes to the Api configuration"


_CHANGEABLE = frozenset(
    {"ApiId", "StageName", "DeploymentId", "AutoDeploy", "Description", "DefaultRouteSettings", "RouteSettings"}
)
"""Parameters of UpdateStage that this stage knows."""

HEALTH = "GET /health"
"""The one route without a token; the function that lists orders answers it."""


class HttpDeployment(msgspec.Struct, frozen=True):
    """A snapshot of routes and integrations."""

    id: str
    created: datetime
    description: str = ""
    automatic: bool = False


class HttpApi:
    """Handlers. Reading, deployments and which of them the stage serves; the rest belongs to the stack."""

    def __init__(self, world: DeskWorld, started: datetime) -> None:
        self._world, self._desk = world, world.desk
        self._limits = Limits()
        self._created = started - timedelta(days=40)
        self._deployed = started - timedelta(days=6, hours=2)
        first = HttpDeployment(
            stable_id(self._desk.seed, "desk/deployment", 6), self._deployed, _AUTOMATIC, automatic=True
        )
        self._deployments = [first]
        self._serving = first.id
        self._auto_deploy = True
        self._description = ""
        self._lock = threading.Lock()

    def handlers(self) -> dict[str, Handler]:
        return {
            "GetApis": self.get_apis,
            "GetApi": self.get_api,
            "GetStages": self.get_stages,
            "GetStage": self.get_stage,
            "UpdateStage": self.update_stage,
            "GetDeployments": self.get_deployments,
            "GetDeployment": self.get_deployment,
            "CreateDeployment": self.create_deployment,
            "GetRoutes": self.get_routes,
            "GetIntegrations": self.get_integrations,
        }

    def get_apis(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        ours = context.region == self._desk.region
        return self._paged([self._api()] if ours else [], parameters)

    def get_api(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        return self._api()

    def get_stages(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        return self._paged([self._stage()], parameters)

    def get_stage(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._our_stage(context, parameters)
        return self._stage()

    def update_stage(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """Deployment, limits, AutoDeploy, description; by the last two somebody else changes the stage."""
        self._our_stage(context, parameters)
        unknown = set(parameters) - _CHANGEABLE
        if unknown:
            raise AwsError("BadRequestException", f"The simulated stage has no {', '.join(sorted(unknown))}", 400)
        with self._lock:
            auto, wanted = bool(parameters.get("AutoDeploy", self._auto_deploy)), parameters.get("DeploymentId")
            if wanted is not None and auto:
                text = "Deployment ID cannot be set on this stage because AutoDeploy is enabled."
                raise AwsError("BadRequestException", text, 400)
            self._limits.change(parameters, [one.route for one in self._desk.routed])
            self._world.close(self._limits.shut, context.now.timestamp())
            if wanted is not None:
                self._serving = self._known(wanted).id
            if auto and not self._auto_deploy:
                self._serving = self._made(context.now, _AUTOMATIC, automatic=True).id
            self._auto_deploy = auto
            self._description = str(parameters.get("Description", self._description))
            self._deployed = context.now
            return self._stage()

    def get_deployments(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        return self._paged([self._told(one) for one in self._deployments], parameters)

    def get_deployment(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        return self._told(self._known(parameters["DeploymentId"]))

    def create_deployment(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """A snapshot; with a stage's name that stage serves it, unless it deploys by itself."""
        self._ours(context, parameters)
        named = parameters.get("StageName")
        if named is not None:
            self._our_stage(context, parameters)
        with self._lock:
            if named is not None and self._auto_deploy:
                text = "Deployment ID cannot be set on this stage because AutoDeploy is enabled."
                raise AwsError("BadRequestException", text, 400)
            made = self._made(context.now, str(parameters.get("Description", "")))
            if named is not None:
                self._serving, self._deployed = made.id, context.now
            return self._told(made)

    def _made(self, at: datetime, description: str, *, automatic: bool = False) -> HttpDeployment:
        identity = stable_id(self._desk.seed, f"desk/deployment/{len(self._deployments)}", 6)
        made = HttpDeployment(identity, at, description, automatic)
        self._deployments.append(made)
        return made

    def _known(self, identity: str) -> HttpDeployment:
        found = next((one for one in self._deployments if one.id == identity), None)
        if found is None:
            raise AwsError("NotFoundException", "Invalid Deployment identifier specified", 404)
        return found

    @staticmethod
    def _told(one: HttpDeployment) -> dict[str, Any]:
        told = {
            "AutoDeployed": one.automatic,
            "CreatedDate": one.created,
            "DeploymentId": one.id,
            "DeploymentStatus": "DEPLOYED",
        }
        return told | ({"Description": one.description} if one.description else {})

    def get_routes(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        found = [
            {
                "ApiKeyRequired": False,
                "AuthorizationType": "JWT",
                "RouteId": stable_id(self._desk.seed, f"desk/route/{one.name}", 7),
                "RouteKey": one.route,
                "Target": f"integrations/{self._integration_id(one)}",
            }
            for one in self._desk.routed
        ]
        return self._paged([*found, self._health_route()], parameters)

    def _health_route(self) -> dict[str, Any]:
        return {
            "ApiKeyRequired": False,
            "AuthorizationType": "NONE",
            "RouteId": stable_id(self._desk.seed, "desk/route/health", 7),
            "RouteKey": HEALTH,
            "Target": f"integrations/{self._integration_id(self._desk.routed[0])}",
        }

    def page(self, request: Request, now: datetime) -> Answer | None:
        """The API as its clients reach it, without a token; None for any other host."""
        host = request.host.partition(":")[0].lower()
        if host != f"{self._desk.api}.execute-api.{self._desk.region}.amazonaws.com":
            return None
        if self._limits.refuses(f"{request.method} {request.path}"):
            return _said(429, "Too Many Requests")
        if f"{request.method} {request.path}" == HEALTH:
            return Answer(200, {"Content-Type": "application/json"}, b'{"status": "ok"}')
        return _said(401, "Unauthorized")

    def get_integrations(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        return self._paged([self._integration(one) for one in self._desk.routed], parameters)

    def _integration(self, one: DeskFunction) -> dict[str, Any]:
        return {
            "ConnectionType": "INTERNET",
            "IntegrationId": self._integration_id(one),
            "IntegrationMethod": "POST",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": f"arn:aws:lambda:{self._desk.region}:{ACCOUNT_ID}:function:{one.name}:{ALIAS}",
            "PayloadFormatVersion": "2.0",
            "TimeoutInMillis": 30_000,
        }

    def _integration_id(self, one: DeskFunction) -> str:
        return stable_id(self._desk.seed, f"desk/integration/{one.name}", 7)

    def _api(self) -> dict[str, Any]:
        return {
            "ApiEndpoint": f"https://{self._desk.api}.execute-api.{self._desk.region}.amazonaws.com",
            "ApiId": self._desk.api,
            "ApiKeySelectionExpression": "$request.header.x-api-key",
            "CreatedDate": self._created,
            "DisableExecuteApiEndpoint": False,
            "Name": self._desk.api_name,
            "ProtocolType": "HTTP",
            "RouteSelectionExpression": "$request.method $request.path",
            "Tags": {"application": "order-desk"},
        }

    def _stage(self) -> dict[str, Any]:
        group = f"arn:aws:logs:{self._desk.region}:{ACCOUNT_ID}:log-group:{self._desk.access_log_group}"
        return {
            "AccessLogSettings": {"DestinationArn": group, "Format": '{"requestId":"$context.requestId"}'},
            "AutoDeploy": self._auto_deploy,
            "CreatedDate": self._created,
            "DefaultRouteSettings": dict(self._limits.default),
            "RouteSettings": {key: dict(one) for key, one in self._limits.routes.items()},
            "DeploymentId": self._serving,
            "Description": self._description,
            "LastUpdatedDate": self._deployed,
            "StageName": self._desk.stage,
        }

    def _our_stage(self, context: Context, parameters: dict[str, Any]) -> None:
        self._ours(context, parameters)
        if parameters["StageName"] != self._desk.stage:
            raise AwsError("NotFoundException", "Unable to find Stage by name " + parameters["StageName"], 404)

    def _ours(self, context: Context, parameters: dict[str, Any]) -> None:
        if parameters["ApiId"] != self._desk.api or context.region != self._desk.region:
            raise AwsError(
                "NotFoundException", f"Invalid API identifier specified {ACCOUNT_ID}:{parameters['ApiId']}", 404
            )

    @staticmethod
    def _paged(found: list[dict[str, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
        chosen, token = page(found, parameters.get("NextToken"), int(parameters.get("MaxResults") or 100), _BAD_PAGE)
        return {"Items": chosen} | ({"NextToken": token} if token else {})


def _said(status: int, text: str) -> Answer:
    """The API's own words."""
    return Answer(status, {"Content-Type": "application/json"}, json.dumps({"message": text}).encode())
