"""What a stack is deployed with: its template as it was sent, parameters, tags, capabilities, role. Pure.

The template of a release names its version of the function as the AWS SAM does: a logical id for each release, kept
when it leaves the stack.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate
from services.simulated.platform.stack_resources import StackResource, api_url, deployment_id, resources, web_url

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
VERSION = "ManagerFunctionVersion"
"""What the logical id of a release's version begins with."""

SECRET = "SignInSecret"  # noqa: S105 - a parameter's name
"""The parameter whose value nobody is told (NoEcho)."""


class Spec(msgspec.Struct, frozen=True):
    """One set of what a stack can be updated with."""

    body: str
    """The template as it was sent."""
    parameters: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    capabilities: tuple[str, ...] = CAPABILITIES
    role: str = ""
    notifications: tuple[str, ...] = ()

    @property
    def template(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)  # checked where it came in
        return found

    @property
    def release(self) -> int | None:
        """Which release the template brings; None when it brings no version of the function."""
        return next((number for name in self.resources if (number := release_of(name)) is not None), None)

    @property
    def resources(self) -> dict[str, Any]:
        found = self.template.get("Resources")
        return dict(found) if isinstance(found, dict) else {}

    @property
    def resolved(self) -> dict[str, Any]:
        """The resources with the parameters' values in place of references to them."""
        values = dict(self.parameters)
        return {name: _resolved(body, values) for name, body in self.resources.items()}

    @property
    def hidden(self) -> frozenset[str]:
        """Parameters of NoEcho."""
        declared = self.template.get("Parameters") or {}
        return frozenset(name for name, one in declared.items() if _true(one.get("NoEcho")))

    @property
    def processed(self) -> str:
        """The template as CloudFormation has it, without the sender's lay-out."""
        return json.dumps(self.template, separators=(",", ":"))


def release_of(logical_id: str) -> int | None:
    """The release whose version has that logical id; None for any other resource."""
    number = logical_id.removeprefix(VERSION)
    return int(number) if logical_id.startswith(VERSION) and number.isdecimal() else None


def released(environment: EnvironmentEstate, seed: int, version: int) -> Spec:
    """What the pipeline deploys a release with."""
    return Spec(
        body=json.dumps(_template(environment, seed, version), indent=2),
        parameters=(("Environment", environment.name), ("Release", f"v{version}"), (SECRET, "correct-horse")),
        tags=(("application", "ec2-manager"), ("environment", environment.name)),
    )


def _template(environment: EnvironmentEstate, seed: int, version: int) -> dict[str, object]:
    """A stack's template, as far as it can be told from its resources."""
    deployment = deployment_id(seed, environment.name, version)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"EC2 Manager, {environment.name}",
        "Parameters": {
            "Environment": {"Type": "String", "Default": environment.name},
            "Release": {"Type": "String"},
            SECRET: {"Type": "String", "NoEcho": True},
        },
        "Resources": {
            one.logical_id: _kept(one) | {"Type": one.type, "Properties": _properties(one, environment, version)}
            for one in resources(environment, seed, version, deployment)
        },
        "Outputs": {"ApiUrl": {"Value": api_url(environment)}, "WebUrl": {"Value": web_url(environment)}},
    }


def _kept(resource: StackResource) -> dict[str, object]:
    return {"DeletionPolicy": "Retain"} if resource.type in RETAINED else {}


RETAINED = ("AWS::Lambda::Version", "AWS::ApiGateway::Deployment")
"""What stays when it leaves the stack, so that one can go back to it."""


def _properties(resource: StackResource, environment: EnvironmentEstate, version: int) -> dict[str, object]:
    properties: dict[str, dict[str, object]] = {
        "AWS::Lambda::Alias": {
            "FunctionName": environment.function,
            "FunctionVersion": {"Fn::GetAtt": [f"{VERSION}{version}", "Version"]},
            "Name": environment.alias,
        },
        "AWS::Lambda::Version": {"FunctionName": environment.function},
        "AWS::Lambda::Function": {
            "FunctionName": environment.function,
            "Runtime": "python3.12",
            "Handler": "manager.app.handler",
            "MemorySize": 512,
            "Timeout": 30,
            "Code": {"S3Bucket": f"ec2-manager-artifacts-{ACCOUNT_ID}", "S3Key": f"manager-v{version}.zip"},
            "Environment": {
                "Variables": {"TABLE_NAME": environment.table, "LOG_LEVEL": "INFO", "SIGN_IN": {"Ref": SECRET}}
            },
        },
        "AWS::ApiGateway::Deployment": {"RestApiId": {"Ref": "Api"}, "Description": {"Ref": "Release"}},
        "AWS::ApiGateway::Stage": {
            "RestApiId": {"Ref": "Api"},
            "DeploymentId": {"Ref": "ApiDeployment"},
            "StageName": environment.stage,
            "Variables": {"release": {"Ref": "Release"}},
        },
    }
    return properties.get(resource.type, {})


def _resolved(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"Ref"} and value["Ref"] in values:
            return values[value["Ref"]]
        return {name: _resolved(one, values) for name, one in value.items()}
    return [_resolved(one, values) for one in value] if isinstance(value, list) else value


def _true(value: object) -> bool:
    return value is True or str(value).lower() == "true"
