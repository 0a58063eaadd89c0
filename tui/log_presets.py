"""The runbook's searches (lines 189-211, 420, 496, 831, 862-884), each with the pattern that finds what it means. Pure.

As written several of them find nothing or too much (facts/aws.md 7, rows 17-19, 52, 55-57): the pattern is chosen by
what the group's lines look like, and a group that does not exist is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from services.model.log_sources import LogSources, Origin
from services.model.situation import Situation
from services.settings.values import Environment
from services.watch.tail_feed import log_groups

Group = tuple[str, str]
"""Name and short name."""

ERRORS_JSON = '{ ($.level = "ERROR") || ($.level = "CRITICAL") || ($.level = "FATAL") || ($.status >= 500) }'
ERRORS_TEXT = '?ERROR ?Error ?Exception ?CRITICAL ?"Task timed out" ?"Status: timeout" ?"Execution failed"'


class Groups(msgspec.Struct, frozen=True):
    """The log groups of an environment by what writes them."""

    followed: tuple[Group, ...]
    """As the tail follows them."""
    app: tuple[Group, ...] = ()
    functions: tuple[Group, ...] = ()
    access: tuple[Group, ...] = ()
    execution: tuple[Group, ...] = ()
    trail: tuple[Group, ...] = ()
    pools: tuple[Group, ...] = ()


class Preset(msgspec.Struct, frozen=True):
    """A search that is ready."""

    id: str
    title: str
    of: tuple[str, ...]
    """Fields of Groups, in this order; the first that there are are searched, all of them with `every`."""
    json: str
    """The pattern for groups whose lines are JSON."""
    text: str
    """The pattern for all others."""
    missing: str
    """What is said when there is no such group."""
    every: bool = False


FUNCTION_ERRORS = Preset(
    "function-errors", "function errors: exceptions and time-outs of the last hour", ("functions",),
    '{ ($.errorType = "*") || ($.record.status = "timeout") || ($.message = "*Traceback*")'
    ' || ($.message = "*Task timed out*") }',
    '?"Task timed out" ?Traceback ?Exception ?"Invoke Error" ?"Runtime exited" ?ImportModuleError',
    "no function's log group is known yet",
)  # fmt: skip
"""Not every line that says ERROR: an application logs such while it does its work."""

PRESETS: tuple[Preset, ...] = (
    Preset("errors", "errors of the last hour, all groups", ("followed",), ERRORS_JSON, ERRORS_TEXT, "no log group"),
    Preset("word", "the word ERROR, application log (line 196)", ("app",), "ERROR", "ERROR", "no application log"),
    Preset(
        "positions", "level by its place, application log (line 202)", ("app",), '{ $.level = "ERROR" }',
        "[timestamp, request_id, level=ERROR, ...]", "no application log",
    ),
    Preset(
        "api", "API answers 4xx and 5xx", ("access", "execution"), "{ $.status >= 400 }",
        '?"completed with status: 4" ?"completed with status: 5"', "the stage writes neither access nor execution log",
    ),
    Preset(
        "unauthorised", "unauthorised API access: 401 and 403", ("access", "execution"),
        "{ ($.status = 401) || ($.status = 403) }", '?"Unauthorized request" ?"status: 401" ?"status: 403"',
        "the stage writes neither access nor execution log",
    ),
    Preset(
        "sign-ins", "authentication failures", ("pools", "trail"),
        '{ ($.eventSource = "cognito-idp.amazonaws.com") && ($.errorCode = "*") }', "?FAILED ?Fail ?NotAuthorized",
        "authentication failures are not observable: the user pool delivers no log and no trail is in CloudWatch Logs",
        every=True,
    ),
    Preset(
        "trail", "CloudTrail errors", ("trail",), '{ $.errorCode = "*" }', "errorCode",
        "no such log group: no trail is delivered to CloudWatch Logs",
    ),
    Preset(
        "reports", "Lambda REPORT lines: duration and memory", ("functions",), '{ $.type = "platform.report" }',
        '"REPORT RequestId"', "no function's log group is known yet",
    ),
    FUNCTION_ERRORS,
)  # fmt: skip


def groups_of(situation: Situation, environment: Environment, there: LogSources | None = None) -> Groups:
    """What there is, by what is known of the parts; `there` adds trails and sign-ins, which no part names."""
    functions = situation.functions.value or ()
    apis = situation.apis.value or ()
    claims = situation.tail.value.claims if situation.tail.value is not None else ()
    usual = () if claims else log_groups(environment.names.log_groups, functions, apis)
    followed = tuple((one.name, one.short) for one in claims or usual)
    return Groups(
        followed,
        tuple((one.name, one.short) for one in environment.names.log_groups),
        tuple((str(one.log_group), _short(followed, one.log_group, "lambda")) for one in functions if one.log_group),
        tuple((str(one.access_log_group), "api") for one in apis if one.access_log_group),
        tuple((str(one.execution_log_group), "api") for one in apis if one.execution_log_group),
        _trails(there, followed),
        _sources(there, Origin.POOL, "sign-in"),
    )


def chosen(
    preset: Preset, groups: Groups, is_json: Callable[[Group], bool]
) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """The groups that a preset searches and the pattern for each; none: see `missing`."""
    found: list[Group] = []
    for name in preset.of:
        here: tuple[Group, ...] = getattr(groups, name)
        found += [group for group in here if group not in found]
        if found and not preset.every:
            break
    return tuple(found), tuple(preset.json if is_json(group) else preset.text for group in found)


def _trails(there: LogSources | None, followed: Sequence[Group]) -> tuple[Group, ...]:
    """The groups of the trails, which all tell the same events: those that were chosen, where there are several."""
    found = _sources(there, Origin.TRAIL, "trail")
    names = {name for name, _ in followed}
    return tuple(group for group in found if group[0] in names) or found


def _sources(there: LogSources | None, origin: Origin, short: str) -> tuple[Group, ...]:
    """The groups of one origin that there are."""
    found = there.sources if there is not None else ()
    return tuple((str(one.name), short) for one in found if one.origin is origin and one.group is not None)


def _short(followed: Sequence[Group], name: str, otherwise: str) -> str:
    return next((short for full, short in followed if full == name), otherwise)
