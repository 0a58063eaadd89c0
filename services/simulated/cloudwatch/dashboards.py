"""Dashboards: the team's own of each environment (runbook lines 104-111), and any that are put."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from services.simulated.cloudwatch import checks
from services.simulated.cloudwatch.dashboardbody import body
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

_PAGE = 1000


class _Dashboard(msgspec.Struct, frozen=True):
    body: str
    modified: float


class Dashboards:
    """The account's dashboards; they belong to no region."""

    def __init__(self, state: SimulatedState) -> None:
        self._state = state
        created = state.started.timestamp() - 10 * 86_400
        self._dashboards = {
            environment.dashboard: _Dashboard(json.dumps(body(environment)), created)
            for environment in state.estate.environments
        }

    def operations(self) -> dict[str, Handler]:
        return {
            "GetDashboard": self.get,
            "ListDashboards": self.list,
            "PutDashboard": self.put,
            "DeleteDashboards": self.delete,
        }

    def _arn(self, name: str) -> str:
        return f"arn:aws:cloudwatch::{self._state.estate.account}:dashboard/{name}"

    def get(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["DashboardName"]
        with self._state.lock:
            found = self._dashboards.get(name)
        if found is None:
            raise _missing(name)
        return {"DashboardArn": self._arn(name), "DashboardBody": found.body, "DashboardName": name}

    def list(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        prefix = parameters.get("DashboardNamePrefix", "")
        with self._state.lock:
            found = sorted((name, dashboard) for name, dashboard in self._dashboards.items() if name.startswith(prefix))
        page, token = checks.page_of(found, parameters.get("NextToken"), _PAGE)
        entries = [
            {
                "DashboardName": name,
                "DashboardArn": self._arn(name),
                "LastModified": checks.moment(dashboard.modified),
                "Size": len(dashboard.body.encode()),
            }
            for name, dashboard in page
        ]
        return {"DashboardEntries": entries} | ({"NextToken": token} if token else {})

    def put(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        name, text = parameters["DashboardName"], parameters["DashboardBody"]
        try:
            given = json.loads(text)
        except ValueError as error:
            raise _invalid("The field DashboardBody must be a valid JSON object", "Syntax error") from error
        if not isinstance(given, dict) or not isinstance(given.get("widgets"), list):
            raise _invalid("The field DashboardBody must be a valid JSON object", "Should have property 'widgets'")
        with self._state.lock:
            self._dashboards[name] = _Dashboard(text, context.now.timestamp())
        return {"DashboardValidationMessages": []}

    def delete(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """All or none."""
        names = parameters["DashboardNames"]
        with self._state.lock:
            for name in names:
                if name not in self._dashboards:
                    raise _missing(name)
            for name in names:
                self._dashboards.pop(name, None)
        return {}


def _missing(name: str) -> AwsError:
    return AwsError("ResourceNotFound", f"Dashboard {name} does not exist", 404)


def _invalid(message: str, detail: str) -> AwsError:
    messages = [{"DataPath": "/", "Message": detail}]
    return AwsError("InvalidParameterInput", message, 400, {"dashboardValidationMessages": messages})
