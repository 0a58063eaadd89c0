"""What a stack is deployed with: its template, parameters, tags, capabilities and role, exactly as AWS has them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from services.aws import change_sets
from services.aws.reply import Reply, garbled, instant, need_text, rows
from services.aws.session import Account
from services.model.change_sets import PlannedChange
from services.model.kept import Deployed, Setting
from services.problems import AccountError

HIDDEN = "*"
"""A value of nothing but these is a NoEcho parameter's."""


async def deployed(account: Account, stack: str) -> Deployed:
    """The stack as it is now. Raises AccountError.

    Its texts are not made safe: they are sent again as they are, and made safe where they are shown.
    """
    reply = await account.ask("cloudformation", "DescribeStacks", {"StackName": stack})
    found = next(iter(rows(reply, "Stacks")), None)
    at = instant(found or {}, "LastUpdatedTime") or instant(found or {}, "CreationTime")
    if found is None or at is None:
        raise garbled("Stacks")
    return Deployed(
        stack_id=need_text(found, "StackId"),
        stack=need_text(found, "StackName"),
        status=need_text(found, "StackStatus"),
        at=at,
        original=await _template(account, stack, "Original"),
        processed=await _template(account, stack, "Processed"),
        parameters=tuple(_setting(one) for one in rows(found, "Parameters")),
        tags=tuple((_raw(one, "Key"), _raw(one, "Value")) for one in rows(found, "Tags")),
        capabilities=_raws(found, "Capabilities"),
        role=_raw(found, "RoleARN"),
        notifications=_raws(found, "NotificationARNs"),
        changes=await _changes(account, stack, _raw(found, "ChangeSetId")),
    )


async def processed(account: Account, stack: str) -> str:
    """The stack's template with its transforms carried out, as AWS has it (runbook 916-919). Raises AccountError."""
    return await _template(account, stack, "Processed")


async def _template(account: Account, stack: str, stage: str) -> str:
    """botocore parses a JSON body and leaves any other: what was parsed is JSON again, in the same order."""
    reply = await account.ask("cloudformation", "GetTemplate", {"StackName": stack, "TemplateStage": stage})
    body = reply.get("TemplateBody")
    if isinstance(body, Mapping):
        return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    if not isinstance(body, str) or not body:
        raise garbled("TemplateBody")
    return body


async def _changes(account: Account, stack: str, change_set: str) -> tuple[PlannedChange, ...]:
    """What the change set said; not to know it costs a note in a plan."""
    if not change_set:
        return ()
    try:
        opened = await change_sets.opened(account, stack, change_set)
    except AccountError:
        return ()
    return opened.changes if opened is not None else ()


def _setting(row: Reply) -> Setting:
    value = _raw(row, "ParameterValue")
    return Setting(_raw(row, "ParameterKey"), value, hidden=bool(value) and not value.strip(HIDDEN))


def _raw(row: Reply, field: str) -> str:
    value = row.get(field)
    return value if isinstance(value, str) else ""


def _raws(row: Reply, field: str) -> tuple[str, ...]:
    found = row.get(field)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
