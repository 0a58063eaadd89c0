"""The deployments of the scenarios, and the releases that were there before."""

from __future__ import annotations

from services.simulated.world.scenarios.values import (
    LOGICAL_ALIAS,
    LOGICAL_FUNCTION,
    Deployment,
    DeploymentStep,
    Failure,
    Nested,
)

ALIAS_MOVES = 31.0
"""Seconds from the start of a deployment until the alias has moved."""


def rollout(
    environment: str, begins: float, from_version: int, to_version: int, description: str, *, weight: float = 1.0
) -> Deployment:
    """An update that goes through."""
    return Deployment(
        environment=environment,
        begins=begins,
        from_version=from_version,
        to_version=to_version,
        steps=(
            DeploymentStep(LOGICAL_FUNCTION, 4, 16),
            DeploymentStep(f"ManagerFunctionVersion{to_version}", 17, 24),
            DeploymentStep(LOGICAL_ALIAS, 25, ALIAS_MOVES),
            DeploymentStep("ApiDeployment", 32, 37),
            DeploymentStep("ApiStage", 38, 44),
        ),
        alias_step=LOGICAL_ALIAS,
        cleanup_ends=58,
        description=description,
        weight=weight,
    )


def failing(environment: str, begins: float, from_version: int, to_version: int, description: str) -> Deployment:
    """An update whose table cannot be changed: what was under way is cancelled, what was done is undone."""
    return Deployment(
        environment=environment,
        begins=begins,
        from_version=from_version,
        to_version=to_version,
        steps=(
            DeploymentStep("ManagerFunctionRole", 4, 21),
            DeploymentStep("AuditTable", 5, 39),
            DeploymentStep(LOGICAL_FUNCTION, 22, 40),
            DeploymentStep("WebBucket", 6, 40),
        ),
        alias_step=LOGICAL_ALIAS,
        cleanup_ends=118,
        description=description,
        failure=Failure(
            "AuditTable",
            'Resource handler returned message: "Cannot perform more than one GSI creation or deletion in a single '
            'update" (RequestToken: 5c1b9d0e-7a44-4be2-9b0b-3f6d1a9c2e11, HandlerErrorCode: InvalidRequest)',
        ),
    )


def stuck(environment: str, begins: float, from_version: int, to_version: int, description: str) -> Deployment:
    """An update that fails at the function's role and cannot be taken back: the table refuses a second change."""
    return Deployment(
        environment=environment,
        begins=begins,
        from_version=from_version,
        to_version=to_version,
        steps=(
            DeploymentStep("AuditTable", 4, 24),
            DeploymentStep(LOGICAL_FUNCTION, 5, 17),
            DeploymentStep("ManagerFunctionRole", 18, 41),
        ),
        alias_step=LOGICAL_ALIAS,
        cleanup_ends=98,
        description=description,
        failure=Failure(
            "ManagerFunctionRole",
            'Resource handler returned message: "Maximum policy size of 10240 bytes exceeded for role '
            'ec2-manager-function-role-prod" (RequestToken: 1f0c8b52-6a0f-4c7e-9a8e-2f1d7c60be43, HandlerErrorCode: '
            "ServiceLimitExceeded)",
        ),
        stuck=Failure(
            "AuditTable",
            'Resource handler returned message: "Time to live has been modified multiple times within a fixed '
            'interval" (RequestToken: 7e22d5b4-90c1-4b2c-8f43-51a2d9e7c0aa, HandlerErrorCode: InvalidRequest)',
        ),
    )


def failing_within(environment: str, begins: float, from_version: int, to_version: int, description: str) -> Deployment:
    """An update that fails in a stack within the stack: the parent tells that it failed, only the child why."""
    child = "NotificationsStack"
    return Deployment(
        environment=environment,
        begins=begins,
        from_version=from_version,
        to_version=to_version,
        steps=(
            DeploymentStep("ManagerFunctionRole", 4, 21),
            DeploymentStep(child, 5, 44),
            DeploymentStep(LOGICAL_FUNCTION, 22, 50),
        ),
        alias_step=LOGICAL_ALIAS,
        cleanup_ends=118,
        description=description,
        failure=Failure(
            child,
            f"Embedded stack {child} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with "
            "reason: The following resource(s) failed to update: [DeadLetterQueue]. ",
        ),
        nested=Nested(
            child,
            {"DeliveryRole": "AWS::IAM::Role", "DeadLetterQueue": "AWS::SQS::Queue", "Deliveries": "AWS::SNS::Topic"},
            (
                DeploymentStep("DeliveryRole", 8, 22),
                DeploymentStep("DeadLetterQueue", 9, 38),
                DeploymentStep("Deliveries", 23, 40),
            ),
            Failure(
                "DeadLetterQueue",
                'Resource handler returned message: "Value 86401 for parameter VisibilityTimeout is invalid. Reason: '
                'Must be between 0 and 43200." (RequestToken: 9f0e6a3c-1d2b-4f0a-8a55-2f6f3f0a9e10, HandlerErrorCode: '
                "InvalidRequest)",
            ),
        ),
    )


HISTORY = (rollout("production", -3 * 86_400.0, 40, 41, "list instances by tag"),)
"""The release before: three days ago, a good one."""
