"""The runbook's four hardening checks (lines 923-945), judged. Pure.

The runbook's own filter (`PolicyName == 'ec2-manager-*'`) knows no wildcards and finds nothing ever; here names are
compared by how they begin, and nothing found is not OK.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from itertools import takewhile

from services.model.checklists import Mark, Marks
from services.model.hardening import (
    AttachedPolicy,
    BucketEncryption,
    Counts,
    Finding,
    FindingLine,
    Hardening,
    Ingress,
    Policies,
    SecurityGroup,
    Verdict,
)
from services.model.parts import Parts
from services.problems import Problem
from services.rules.policy_reach import reach
from services.safe_text import SafeText, safe

POLICIES, COUNTS, GROUP, ENCRYPTION = "IAM policies", "IAM counts", "default group", "encryption"

OVERLY = "overly permissive"

_WORST = (Verdict.FAIL, Verdict.UNREAD, Verdict.WARN, Verdict.OK)
_PROTOCOLS = {"-1": "all traffic", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_ENCRYPTED = ("AES256", "aws:kms", "aws:kms:dsse")


def findings(found: Hardening, before: Mark | None) -> tuple[Finding, ...]:
    """The four, in the runbook's order. `before`: the last check whose counts were kept; None: there was none."""
    return (
        _policies(found.policies),
        _counts(found.counts, before),
        _groups(found.groups),
        _encryption(found.buckets),
    )


def overall(found: Sequence[Finding]) -> Verdict:
    """The worst of them."""
    return min((one.verdict for one in found), key=_WORST.index, default=Verdict.UNREAD)


def evidence(found: Sequence[Finding]) -> SafeText:
    """Every verdict in a line, then what each found: kept with the tick."""
    verdicts = ", ".join(f"{one.name} {one.verdict.value}" for one in found)
    return safe("; ".join([verdicts, *(str(one.sentence) for one in found)]), 500)


def last_counted(marks: Marks) -> Mark | None:
    """The newest tick, of whichever list or task, with which counts were kept."""
    return next((one for one in reversed(marks.marks) if one.counts is not None), None)


def policy_prefix(configured: str, parts: Parts | None) -> str:
    """How the names of the application's policies begin: as configured, else as all its own parts' names do.

    Empty: it cannot be told.
    """
    if configured or parts is None:
        return configured.rstrip("*")  # as the runbook writes it
    names = [str(one) for one in (*parts.functions, *parts.tables, *parts.buckets)]
    if len(names) < 2:
        return ""
    alike = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(names), max(names), strict=False))]
    common = "".join(alike)
    return common[: max(common.rfind("-"), common.rfind("_")) + 1]


# ---- policies


def _policies(found: Policies | Problem) -> Finding:
    if isinstance(found, Problem):
        return _unread(POLICIES, found)
    if not found.named:
        text = f"none of {found.attached} attached policies begins with {found.prefix}: nothing was judged"
        return Finding(POLICIES, Verdict.WARN, safe(text, 300))
    judged = [(one, *_judged(one)) for one in found.named]
    lines = tuple(
        FindingLine(safe(f"{one.name}  {words}".rstrip(), 300), verdict is not Verdict.OK)
        for one, verdict, words in judged
    )
    wide = [str(one.name) for one, verdict, _ in judged if verdict in (Verdict.FAIL, Verdict.WARN)]
    unread = [words for _, verdict, words in judged if verdict is Verdict.UNREAD]
    said = f"{len(judged)} {found.prefix}*"
    if wide:
        said += f", {len(wide)} {OVERLY}: {', '.join(wide)}"
    if unread:
        said += f", {len(unread)} not read: {unread[0]}"
    verdict = min((verdict for _, verdict, _ in judged), key=_WORST.index)
    return Finding(POLICIES, verdict, safe(said if wide or unread else f"{said}, none allows everything", 300), lines)


def _judged(policy: AttachedPolicy) -> tuple[Verdict, str]:
    if isinstance(policy.document, Problem):
        return Verdict.UNREAD, str(policy.document.message)
    found = reach(policy.document)
    wide = found.verdict in (Verdict.FAIL, Verdict.WARN)
    return found.verdict, f"{OVERLY}: {found.words}" if wide else found.words


# ---- counts


def _counts(found: Counts | Problem, before: Mark | None) -> Finding:
    """Another number is for somebody to look at: nothing here says whether it is right."""
    if isinstance(found, Problem):
        return _unread(COUNTS, found)
    then = before.counts if before is not None else None
    pairs = (
        ("Users", found.users, then.users if then is not None else found.users),
        ("Roles", found.roles, then.roles if then is not None else found.roles),
        ("Policies", found.policies, then.policies if then is not None else found.policies),
    )
    said = ", ".join(f"{name} {now}{f' ({now - old:+d})' if now != old else ''}" for name, now, old in pairs)
    changed = any(now != old for _, now, old in pairs)
    told = f"{'since' if changed else 'as on'} {before.at:%Y-%m-%d %H:%M}Z" if before is not None else "the first check"
    return Finding(COUNTS, Verdict.WARN if changed else Verdict.OK, safe(f"{said}, {told}", 300))


# ---- the default group


def _groups(found: tuple[SecurityGroup, ...] | Problem) -> Finding:
    if isinstance(found, Problem):
        return _unread(GROUP, found)
    if not found:
        return Finding(GROUP, Verdict.UNREAD, SafeText("EC2 told of no group called default"))
    rules = [rule for group in found for rule in group.ingress]
    which = tuple(FindingLine(safe(f"{one.id} of {one.vpc or 'no VPC'}")) for one in found)
    lines = tuple(_rule(rule) for rule in sorted(rules, key=lambda one: not is_open(one)))
    wide = sum(line.marked for line in lines)
    count = f"{len(rules)} ingress rule{'' if len(rules) == 1 else 's'}"
    said = f"{count}, {f'{wide} open to everybody' if wide else 'none open to everybody'}"
    return Finding(GROUP, Verdict.FAIL if wide else Verdict.OK, safe(said, 300), (*which, *lines))


def is_open(rule: Ingress) -> bool:
    """Whether everybody may come in by it: 0.0.0.0/0, ::/0, however it is written."""
    try:
        return ipaddress.ip_network(str(rule.source), strict=False).prefixlen == 0
    except ValueError:
        return False


def _rule(rule: Ingress) -> FindingLine:
    wide = is_open(rule)
    source = "the group itself" if rule.itself else str(rule.source)
    words = f"{_traffic(rule)} from {source}{'  open to everybody' if wide else ''}"
    return FindingLine(safe(words, 200), wide)


def _traffic(rule: Ingress) -> str:
    protocol = _PROTOCOLS.get(str(rule.protocol), str(rule.protocol))
    if rule.first is None or protocol == "all traffic":
        return protocol
    if protocol.startswith("icmp"):
        return f"{protocol} type {rule.first}"
    if rule.last is None or rule.first == rule.last:
        return f"{protocol} {rule.first}"
    return f"{protocol} {rule.first}-{rule.last}"


# ---- encryption


def _encryption(found: tuple[BucketEncryption, ...] | Problem) -> Finding:
    if isinstance(found, Problem):
        return _unread(ENCRYPTION, found)
    if not found:
        return Finding(ENCRYPTION, Verdict.OK, SafeText("the stack has no bucket"))
    judged = [(one, *_encrypted(one)) for one in found]
    verdict = min((verdict for _, verdict, _ in judged), key=_WORST.index)
    worst = [f"{one.bucket}: {words}" for one, found_, words in judged if found_ is verdict]
    lines = () if len(judged) == 1 else tuple(_bucket_lines(judged))
    return Finding(ENCRYPTION, verdict, safe("; ".join(worst), 300), lines)


def _bucket_lines(judged: Sequence[tuple[BucketEncryption, Verdict, str]]) -> Iterator[FindingLine]:
    for one, verdict, words in judged:
        yield FindingLine(safe(f"{one.bucket}  {words}", 200), verdict is not Verdict.OK)


def _encrypted(bucket: BucketEncryption) -> tuple[Verdict, str]:
    if isinstance(bucket.algorithms, Problem):
        return Verdict.UNREAD, str(bucket.algorithms.message)
    if not bucket.algorithms:
        return Verdict.FAIL, "no default encryption (ServerSideEncryptionConfigurationNotFoundError)"
    words = ", ".join(bucket.algorithms)
    known = all(one in _ENCRYPTED for one in bucket.algorithms)
    return (Verdict.OK, words) if known else (Verdict.WARN, f"{words}, which is no encryption that is known here")


def _unread(name: str, problem: Problem) -> Finding:
    return Finding(name, Verdict.UNREAD, safe(problem.message, 300))
