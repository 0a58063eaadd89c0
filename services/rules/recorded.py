"""Changes that only CloudTrail or the bucket tells of: what somebody did past the stack and past us."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from services.model.changes import Change, ChangeKind
from services.model.witness import ObjectBurst, RecordedWrite, Witness
from services.plural import several
from services.rules.words import count
from services.safe_text import safe

_TOLD_ALREADY = timedelta(seconds=90)
"""A recorded alias move this close to a known one is the same."""

_ONE_BURST = timedelta(seconds=60)
"""Calls of one person to one service this close together are one change."""

_CHANGING = {
    "lambda": re.compile(
        r"(Update|Publish|Delete|Create|Put|Remove|Add)\w*(Function|Alias|Version|Layer|Permission|Concurrency|Mapping)"
    ),
    "apigateway": re.compile(r"(Create|Update|Delete|Put|Import)(?!.*(ApiKey|UsagePlan|Documentation|Tag))"),
    "dynamodb": re.compile(r"(Update|Delete|Create|Restore)\w*(Table|TimeToLive|ContinuousBackups)"),
    "cloudfront": re.compile(r"(Update|Create|Delete|Associate|Publish)(?!.*Invalidation)"),
    "s3": re.compile(r"(Put|Delete)Bucket"),
    "cognito-idp": re.compile(r"(Update|Create|Delete|Set)\w*(UserPool|IdentityProvider|ResourceServer|Domain)"),
    "iam": re.compile(r"(Put|Attach|Detach|Delete|Update|Create|Set)\w*(Policy|Role)"),
    "route53": re.compile(r"Change"),
    "acm": re.compile(r"Delete|Import|Renew"),
    "wafv2": re.compile(r"Update|Create|Delete|Associate|Disassociate"),
    "kms": re.compile(r"Disable|ScheduleKeyDeletion|PutKeyPolicy|RevokeGrant|RetireGrant"),
    "secretsmanager": re.compile(r"Put|Update|Rotate|Delete"),
    "ssm": re.compile(r"(Put|Delete)Parameter"),
}
"""By service, which recorded writes change how the system behaves. Log streams, tags, sessions and the like do not."""

_ALIAS_MOVE = re.compile(r"Update(?:Alias)")
"""The trail's name for it carries the API's date."""

_STAGE_MOVE = re.compile(r"(?:Create)Deployment\Z|(?:Update)Stage\Z|Flush(?:Stage)Cache\Z")
"""What the stage's own reading tells of too; by whom, the trail alone knows."""


def recorded(witness: Witness, known: Sequence[Change]) -> Iterator[Change]:
    """Changes by recorded writes and object bursts that are not among `known`, in no order."""
    yield from _writes(witness.writes.value.writes if witness.writes.value else (), known)
    for burst in witness.bursts.value or ():
        yield Change(burst.ended, ChangeKind.CONTENT, safe("content"), safe(_content(burst)))


def _writes(writes: Sequence[RecordedWrite], known: Sequence[Change]) -> Iterator[Change]:
    moves = [change.at for change in known if change.kind in (ChangeKind.ALIAS, ChangeKind.ROLLBACK)]
    staged = [change.at for change in known if change.kind in (ChangeKind.STAGE, ChangeKind.ROLLBACK)]
    group: list[RecordedWrite] = []
    for write in sorted(filter(_changes_something, writes), key=lambda write: (write.service, write.who, write.at)):
        if _ALIAS_MOVE.match(write.operation) and any(abs(write.at - at) <= _TOLD_ALREADY for at in moves):
            continue
        if _STAGE_MOVE.match(write.operation) and any(abs(write.at - at) <= _TOLD_ALREADY for at in staged):
            continue
        if group and not _together(group[-1], write):
            yield _change(group)
            group = []
        group.append(write)
    if group:
        yield _change(group)


def _changes_something(write: RecordedWrite) -> bool:
    """Done, by a person or a program of theirs, and of a kind that matters. What a stack does is told by its events."""
    pattern = _CHANGING.get(write.service)
    if write.error or write.by_service.startswith("cloudformation") or pattern is None:
        return False
    return pattern.match(write.operation) is not None


def _together(one: RecordedWrite, other: RecordedWrite) -> bool:
    return (one.service, one.who) == (other.service, other.who) and other.at - one.at <= _ONE_BURST


def _change(group: Sequence[RecordedWrite]) -> Change:
    last = group[-1]
    names = list(dict.fromkeys(_plain(write.operation) for write in group))
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    resources = list(dict.fromkeys(write.resource for write in group if write.resource))
    of = f" of {resources[0]}" if len(resources) == 1 else ""
    by = f" by {last.who}" if last.who else ""
    sentence = f"{last.service} {' and '.join(names[:2]) if not more else ', '.join(names[:2])}{more}{of}{by}"
    return Change(last.at, ChangeKind.CONFIGURATION, safe(last.service, 12), safe(sentence, 160))


def _plain(operation: str) -> str:
    """`UpdateFunctionConfiguration20150331v2` → `UpdateFunctionConfiguration`."""
    return re.sub(r"\d{8}(v\d+)?$", "", operation)


def _objects(number: int, bucket: str, what: str) -> str:
    return f"{several(number, 'object')} of {bucket} {'was' if number == 1 else 'were'} {what}"


def _content(burst: ObjectBurst) -> str:
    parts = [_objects(burst.written, burst.bucket, "written")] if burst.written else []
    if burst.deleted:
        parts.append(f"{count(burst.deleted)} deleted" if parts else _objects(burst.deleted, burst.bucket, "deleted"))
    return ", ".join(parts) or f"objects of {burst.bucket} changed"
