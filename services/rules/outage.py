"""The emergency response to a complete outage, step by step, and what the steps come to (runbook 957-983). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.assessment import State
from services.model.outage import AwsEvent, AwsStatus, Called, Checked, Facts, Step
from services.rules.stacks import stack_meaning
from services.safe_text import SafeText, safe

SERVICES = frozenset(
    ("apigateway", "lambda", "dynamodb", "s3", "cloudfront", "cognito", "cloudformation", "cloudwatch", "iam", "sns")
)
"""What the application stands on, as AWS's list names the services."""

UNREAD = State.STALE
"""A step that could not be looked at: unknown, and never taken for health."""


def steps(facts: Facts) -> tuple[Step, ...]:
    """AWS itself, the stack, each table, the direct call: in the runbook's order."""
    tables = (
        (Step("Tables", State.WAITING, SafeText("being read …")),)
        if facts.tables is None
        else tuple(_table(one) for one in facts.tables)
    )
    return (_aws(facts.aws, facts.region), _stack(facts.stack), *tables, _call(facts.called))


def verdict(found: Sequence[Step]) -> Step:
    """What the steps come to: the worst of them, or that the infrastructure is healthy."""
    name = "Verdict"
    bad = [one for one in found if one.state in (State.CRIT, State.WARN)]
    if bad:
        worst = next((one for one in bad if one.state is State.CRIT), bad[0])
        return Step(name, worst.state, safe(f"the infrastructure is not healthy: {worst.name}: {worst.text}", 400))
    if any(one.state is State.WAITING for one in found[:-1]):
        return Step(name, State.WAITING, SafeText("being read …"))
    unread = [one.name for one in found if one.state is UNREAD]
    if unread:
        return Step(name, UNREAD, safe(f"not known: {', '.join(unread)} could not be looked at", 300))
    if found[-1].state is State.WAITING:
        return Step(name, State.WAITING, SafeText("what was looked at is well; i calls the function directly"))
    return Step(name, State.OK, SafeText("infrastructure healthy: look at the application (enter: its log at ERROR)"))


def _aws(status: AwsStatus | None, region: str) -> Step:
    if status is None:
        return Step("AWS itself", State.WAITING, SafeText("being read …"))
    asked = f"asked {status.at:%H:%M:%SZ}"
    if status.problem:
        return Step("AWS itself", UNREAD, safe(f"unknown: {status.problem}; {asked}", 300))
    here = [one for one in status.events if one.region in ("", region)]
    if not here:
        return Step("AWS itself", State.OK, safe(f"AWS lists no trouble in {region} or worldwide; {asked}", 300))
    ours = [one for one in here if one.service in SERVICES]
    told = "; ".join(_event(one) for one in (*ours, *(one for one in here if one not in ours)))
    return Step("AWS itself", State.CRIT if ours else State.WARN, safe(f"{told}; {asked}", 600))


def _event(one: AwsEvent) -> str:
    since = f" since {one.since:%Y-%m-%d %H:%MZ}" if one.since is not None else ""
    return f"{one.service} ({one.region or 'worldwide'}): {one.summary}{since}"


def _stack(found: Checked | None) -> Step:
    """OK only for *_COMPLETE that is no rollback."""
    if found is None:
        return Step("Stack", State.WAITING, SafeText("being read …"))
    status = str(found.status)
    if not status:
        return _without(f"Stack {found.name}", found)
    meaning = stack_meaning(status)
    text = safe(f"{status}{f': {meaning}' if meaning else ''}", 300)
    if status.endswith("_COMPLETE") and "ROLLBACK" not in status and not status.startswith("DELETE"):
        return Step(f"Stack {found.name}", State.OK, text)
    moving = status.endswith("_IN_PROGRESS") and "ROLLBACK" not in status and not status.startswith("DELETE")
    return Step(f"Stack {found.name}", State.WARN if moving else State.CRIT, text)


def _table(found: Checked) -> Step:
    """ACTIVE serves, and so does UPDATING; ARCHIVING, DELETING and what is not there do not."""
    name, status = f"Table {found.name}", str(found.status)
    if not status:
        return _without(name, found)
    if status == "ACTIVE":
        return Step(name, State.OK, found.status)
    return Step(name, State.WARN if status == "UPDATING" else State.CRIT, found.status)


def _without(name: str, found: Checked) -> Step:
    return Step(name, State.CRIT if found.gone else UNREAD, safe(f"{'' if found.gone else 'unknown: '}{found.problem}"))


def _call(called: Called | None) -> Step:
    if called is None:
        return Step("Direct call", State.WAITING, SafeText("not called yet: i prepares it, and asks"))
    if called.open:
        return Step("Direct call", State.WAITING, called.text)
    return Step("Direct call", State.OK if called.good else State.CRIT, called.text)
