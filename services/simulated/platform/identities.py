"""Who and what the account's IAM knows besides the functions' roles: people, pipelines, services, their policies.

With the functions' own they are 4 users, 21 roles and 9 policies. The pipeline of the deployments may do everything,
as such pipelines do: what a check of hardening is there to find.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

USERS = ("ana", "ben", "break-glass", "backup-exporter")

DEPLOYER = "ec2-manager-deploy"
"""The pipeline's role and the policy attached to it."""

_SERVICES = (
    *("apigateway", "autoscaling", "backup", "cloudtrail", "config", "dynamodb"),
    *("elasticloadbalancing", "guardduty", "organizations", "support", "trustedadvisor"),
)
"""Services that have a role of their own in the account, linked to them."""

_ROLES = (DEPLOYER, "ec2-manager-operator", "ec2-manager-readonly", "ec2-manager-api-logs", "ec2-manager-trail-logs",
          "orderdesk-deploy")  # fmt: skip
_READ = ("cloudwatch:Get*", "cloudwatch:Describe*", "logs:FilterLogEvents", "cloudformation:Describe*")
_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")

_POLICIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    DEPLOYER: (("*",), DEPLOYER),
    "ec2-manager-read": (_READ, "ec2-manager-readonly"),
    "ec2-manager-api-logs": (_LOGS, "ec2-manager-api-logs"),
    "orderdesk-deploy": (("cloudformation:*", "lambda:*"), "orderdesk-deploy"),
    "ec2-manager-before-2024": (("ec2:*",), ""),
}
"""Policy → the actions it allows on everything, and the role it is attached to; empty: to none any more."""


def seed_identities(backend: Any, region: str) -> None:
    """Into moto's IAM, at the time that is set."""
    for name in USERS:
        backend.create_user(region, name)
    for name in _ROLES:
        backend.create_role(name, _trust("lambda" if "logs" not in name else "apigateway"), "/", None, "", [], "3600")
    for name in _SERVICES:
        role, path = f"AWSServiceRoleFor{name.capitalize()}", f"/aws-service-role/{name}.amazonaws.com/"
        backend.create_role(role, _trust(name), path, None, "", [], "3600", linked_service=f"{name}.amazonaws.com")
    for name, (actions, role) in _POLICIES.items():
        statement = {"Effect": "Allow", "Action": actions[0] if len(actions) == 1 else list(actions), "Resource": "*"}
        made = backend.create_policy("", "/", _document(statement), name, [])
        if role:
            backend.attach_role_policy(made.arn, role)


def _trust(service: str) -> str:
    principal = {"Service": f"{service}.amazonaws.com"}
    return _document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
