"""The parts of a stack: every physical name the runbook leaves as a `<placeholder>`, found by itself."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class StackResource(msgspec.Struct, frozen=True):
    """One resource of the stack."""

    logical_id: SafeText
    physical_id: SafeText
    type: SafeText
    """CloudFormation type, `AWS::Lambda::Function`."""
    status: SafeText


class Parts(msgspec.Struct, frozen=True):
    """What a stack is made of. A part the stack lacks is an empty tuple; nothing is guessed."""

    stack_name: SafeText
    stack_id: SafeText
    resources: tuple[StackResource, ...]
    rest_apis: tuple[SafeText, ...] = ()
    """REST API ids."""
    http_apis: tuple[SafeText, ...] = ()
    functions: tuple[SafeText, ...] = ()
    """Function names."""
    aliases: tuple[tuple[SafeText, SafeText], ...] = ()
    """(function name, alias name), as the stack has them."""
    tables: tuple[SafeText, ...] = ()
    distributions: tuple[SafeText, ...] = ()
    buckets: tuple[SafeText, ...] = ()
    user_pools: tuple[SafeText, ...] = ()
    user_pool_clients: tuple[SafeText, ...] = ()
    log_groups: tuple[SafeText, ...] = ()
    alarms: tuple[SafeText, ...] = ()
    dashboards: tuple[SafeText, ...] = ()

    @property
    def apis(self) -> tuple[SafeText, ...]:
        """Ids of every API, whichever kind."""
        return self.rest_apis + self.http_apis
