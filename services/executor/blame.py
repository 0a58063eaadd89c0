"""Who else was here: asked of our own journal and of CloudTrail, when something is not as we left or expected it."""

from __future__ import annotations

import re
from datetime import datetime

from services.actions.guards import resource_of
from services.aws.reply import instant, rows, text
from services.executor.record import Work
from services.journal.home import JournalBroken
from services.journal.reading import operations
from services.model.plan import Step
from services.problems import AccountError

DEADLINE_S = 5.0
"""Machine seconds; a name is worth no longer wait."""

_CHANGES = {
    "FunctionName": re.compile(r"(Update|Create|Delete)Alias20150331"),
    "StackName": re.compile(r"((Update|CancelUpdate|Rollback|Delete)Stack|ContinueUpdateRollback|ExecuteChangeSet)\Z"),
    "restApiId": re.compile(r"(Update|Create|Delete)(Stage|Deployment)\Z"),
}
"""The parameter that names the resource → CloudTrail's names of what changes it; Lambda's carry the API's version
(aws.md 5.1)."""


async def somebody(work: Work, step: Step, since: datetime) -> str:
    """` by alice on bastion (operation …)`, ` by oncall/bob at 03:12:40Z`, or empty when nobody is known.

    CloudTrail tells minutes late, so that it is often silent about what has just happened.
    """
    return _ours(work, step, since) or await _theirs(work, step, since)


def _ours(work: Work, step: Step, since: datetime) -> str:
    try:
        recent = operations(work.home, work.plan.environment)
    except JournalBroken:
        return ""  # a name is a courtesy; the record that needs it does not depend on it
    resource = resource_of(step.call.parameters)
    for one in recent:
        touched = any(resource_of(other.call.parameters) == resource for other in one.plan.steps)
        if one.id != work.operation and touched and one.switched is not None and one.switched >= since:
            who = one.entries[0].actor
            by = f"{who.os_user} on {who.host}" if who is not None else "another session"
            return f" by {by} (operation {one.id})"
    return ""


async def _theirs(work: Work, step: Step, since: datetime) -> str:
    named = next((name for name in _CHANGES if name in step.call.parameters), "")
    if not named:
        return ""
    name = str(step.call.parameters[named])
    if named == "StackName":
        name = name.split("/")[1] if name.startswith("arn:") else name  # CloudTrail knows a stack by its name
    parameters = {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
        "StartTime": since,
        "MaxResults": 20,
    }
    try:
        reply = await work.reader.ask("cloudtrail", "LookupEvents", parameters, deadline=DEADLINE_S)
    except AccountError:
        return ""  # not allowed, or no answer: then it is not known
    for event in rows(reply, "Events"):
        at = instant(event, "EventTime")
        if at is not None and at >= since and _CHANGES[named].match(text(event, "EventName")):
            return f" by {text(event, 'Username') or 'somebody unnamed'} at {at:%H:%M:%SZ} (CloudTrail)"
    return ""
