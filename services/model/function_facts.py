"""What a person who looks into one function wants to know at once: set-up, role, what its own lines say."""

from __future__ import annotations

import msgspec

from services.model.functions import Observed
from services.problems import Problem
from services.safe_text import SafeText


class RolePolicies(msgspec.Struct, frozen=True):
    """Names of what a role may do; what the policies say is IAM's."""

    attached: tuple[SafeText, ...]
    """iam:ListAttachedRolePolicies."""
    inline: tuple[SafeText, ...]
    """iam:ListRolePolicies."""


class Setup(msgspec.Struct, frozen=True):
    """lambda:GetFunctionConfiguration of `$LATEST`, or of what an alias points at. No environment value is kept."""

    function: SafeText
    version: SafeText
    """`$LATEST`, or the number."""
    state: SafeText
    """Pending, Active, Inactive, Failed."""
    state_reason: SafeText
    update: SafeText
    """LastUpdateStatus: Successful, Failed, InProgress."""
    update_reason: SafeText
    runtime: SafeText
    memory_mb: int
    timeout_s: int
    role: SafeText
    """The role's ARN."""
    sha: SafeText
    variables: tuple[SafeText, ...] = ()
    """Names of its environment variables, sorted."""
    subnets: tuple[SafeText, ...] = ()
    """Empty: it is in no VPC."""
    security_groups: tuple[SafeText, ...] = ()

    @property
    def failure(self) -> str:
        """Why it cannot run, or why its newest change did not take; empty when neither is so."""
        if self.state == "Failed":
            return f"Failed: {self.state_reason or 'no reason was given'}"
        if self.update == "Failed":
            return f"the newest change Failed: {self.update_reason or 'no reason was given'}"
        return ""


class FunctionFacts(msgspec.Struct, frozen=True):
    """One look. What could not be read has its Problem in the value's place."""

    setup: Setup
    serving: Setup | None
    """What the alias runs; None: there is no alias, or it could not be read."""
    policies: RolePolicies | Problem
    observed: Observed | Problem
    """Of the function's log group, the last hour."""
