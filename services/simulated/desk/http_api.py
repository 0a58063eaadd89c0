"""API Gateway's second API (`apigatewayv2`) over the Order Desk's one HTTP API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.simulated.desk.estate import ALIAS, Desk, DeskFunction
from services.simulated.estate import ACCOUNT_ID, stable_id
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler

_BAD_PAGE = "BadRequestException"


class HttpApi:
    """Handlers. Reading only: what changes it belongs to its stack."""

    def __init__(self, desk: Desk, started: datetime) -> None:
        self._desk = desk
        self._created = started - timedelta(days=40)
        self._deployed = started - timedelta(days=6, hours=2)
        self._deployment = stable_id(desk.seed, "desk/deployment", 6)

    def handlers(self) -> dict[str, Handler]:
        return {
            "GetApis": self.get_apis,
            "GetApi": self.get_api,
            "GetStages": self.get_stages,
            "GetStage": self.get_stage,
            "GetDeployments": self.get_deployments,
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
        self._ours(context, parameters)
        if parameters["StageName"] != self._desk.stage:
            raise AwsError("NotFoundException", "Unable to find Stage by name " + parameters["StageName"], 404)
        return self._stage()

    def get_deployments(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(context, parameters)
        made = {
            "AutoDeployed": True,
            "CreatedDate": self._deployed,
            "DeploymentId": self._deployment,
            "DeploymentStatus": "DEPLOYED",
            "Description": "Automatic deployment triggered by changes to the Api configuration",
        }
        return self._paged([made], parameters)

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
        return self._paged(found, parameters)

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
            "AutoDeploy": True,
            "CreatedDate": self._created,
            "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
            "DeploymentId": self._deployment,
            "LastUpdatedDate": self._deployed,
            "StageName": self._desk.stage,
        }

    def _ours(self, context: Context, parameters: dict[str, Any]) -> None:
        if parameters["ApiId"] != self._desk.api or context.region != self._desk.region:
            raise AwsError(
                "NotFoundException", f"Invalid API identifier specified {ACCOUNT_ID}:{parameters['ApiId']}", 404
            )

    @staticmethod
    def _paged(found: list[dict[str, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
        chosen, token = page(found, parameters.get("NextToken"), int(parameters.get("MaxResults") or 100), _BAD_PAGE)
        return {"Items": chosen} | ({"NextToken": token} if token else {})
