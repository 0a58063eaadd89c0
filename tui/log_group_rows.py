"""The log screen's list of log groups as rows: what is followed, what there is, what has gone. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import msgspec

from services.model.log_pick import LogPick
from services.model.log_sources import LogSource, LogSources
from services.model.logs import GroupClaim, LogGroup, TailStatus
from services.plural import several
from services.safe_text import SafeText, safe
from services.watch.log_choice import STACK, USUAL, wild
from widgets.log_choices import LogChoice
from widgets.log_times import Times, told
from widgets.spans import cut_text

FOLLOWED, NOT = "●", "○"
GONE = "▲ no such log group"


class GroupList(msgspec.Struct, frozen=True):
    """What the rows are made of."""

    pick: LogPick
    status: TailStatus | None = None
    """What the tail says of those it follows; None: nothing yet."""
    there: LogSources | None = None
    """What the account has; None: not asked yet."""


class Chosen(msgspec.Struct, frozen=True):
    """What an entry of the list stands for."""

    word: str = ""
    """A word of a choice: all of the stack, a wildcard, a name that means nothing any more."""
    group: str = ""
    """One group, by name."""


def rows(of: GroupList, typed: str) -> list[LogChoice]:
    """The entries that pass what is typed, those that stand for many groups first."""
    words = typed.lower().split()
    found = [*_many(of, typed), *_followed(of), *_gone(of), *_begun(of), *_others(of)]
    short = _shorts(of)
    return [one for one in found if _passes(one, short.get(one.name, ""), words)]


def like(typed: str) -> str:
    """What is typed with a wildcard, as the word of a choice: it means what the list shows."""
    text = typed.strip()
    if not wild(text) or len(text.split()) != 1:
        return ""
    return f"{text.rstrip('*')}*" if text.startswith("/") else f"*{text.strip('*')}*"


def _many(of: GroupList, typed: str) -> Iterator[LogChoice]:
    words, there = of.pick.words, of.there or LogSources()
    whole = several(len(there.sources), "group") if there.sources else ""
    yield LogChoice(Chosen(STACK[0]), safe("all of this stack"), safe(whole), FOLLOWED if STACK[0] in words else " ")
    fresh = like(typed)
    for word in dict.fromkeys((*(one for one in words if wild(one)), *((fresh,) if fresh else ()))):
        count = sum(fnmatchcase(group.name, word) for group in there.groups)
        if count or word in words:
            facts = f"{count} group{'' if count == 1 else 's'} now, later ones too"
            yield LogChoice(Chosen(word), safe(f"all like {word}"), safe(facts), FOLLOWED if word in words else " ")


def _begun(of: GroupList) -> Iterator[LogChoice]:
    """The way back, where there is one."""
    if of.pick != LogPick():
        yield LogChoice(Chosen(USUAL), safe("as the screen begins"), safe("application, APIs, functions"), " ")


def _followed(of: GroupList) -> Iterator[LogChoice]:
    known = _known(of)
    for claim in of.status.claims if of.status is not None else ():
        shown = claim.name not in of.pick.hidden
        state = _claim(claim, of.status) if shown else "not asked"
        yield LogChoice(
            Chosen(group=claim.name),
            safe(claim.name),
            _facts(claim.short, state, *_about(known.get(claim.name), claim.retention_days)),
            FOLLOWED if shown else NOT,
        )


def _gone(of: GroupList) -> Iterator[LogChoice]:
    """Names that were chosen and mean no group that there is."""
    there = of.there
    if there is None or not there.listed:
        return
    known = {*_known(of), *(source.short for source in there.sources), *_claimed(of)}
    for word in of.pick.words:
        if word not in known and word not in (*STACK, USUAL) and not wild(word):
            yield LogChoice(Chosen(word), safe(word), safe(f"{GONE} · enter forgets it"), FOLLOWED)


def _others(of: GroupList) -> Iterator[LogChoice]:
    there = of.there
    if there is None:
        return
    claimed = _claimed(of)
    sources = [source for source in there.sources if source.name not in claimed]
    for source in sources:
        yield LogChoice(Chosen(group=source.name), source.name, _source(source, there), " ")
    named = {*claimed, *(str(source.name) for source in sources)}
    for group in there.groups:
        if group.name not in named:
            yield LogChoice(Chosen(group=group.name), group.name, _facts(*_about(group, None)), " ")


def _source(source: LogSource, there: LogSources) -> SafeText:
    if there.missing(source):
        return _facts(source.short, source.origin.value, GONE)
    return _facts(source.short, *_about(source.group, None), source.origin.value)


def _shorts(of: GroupList) -> dict[str, str]:
    """Short names by name."""
    sources = of.there.sources if of.there is not None else ()
    claims = of.status.claims if of.status is not None else ()
    return {**{str(one.name): one.short for one in sources}, **{one.name: one.short for one in claims}}


def _claimed(of: GroupList) -> set[str]:
    return {claim.name for claim in of.status.claims} if of.status is not None else set()


def _known(of: GroupList) -> dict[str, LogGroup]:
    return {str(group.name): group for group in of.there.groups} if of.there is not None else {}


def _about(group: LogGroup | None, days: int | None) -> Iterator[str]:
    """How long it keeps its lines, how much it holds, its class where that is not the usual one."""
    if group is None:
        yield f"kept {days} d" if days else ""
        return
    yield f"kept {group.retention_days} d" if group.retention_days else "never expires"
    yield size(group.stored_bytes)
    yield f"{group.kind.lower().replace('_', ' ')}: for Insights only" if not group.readable else ""


def size(stored: int) -> str:
    """Bytes as CloudWatch counts what it stores: `812 B`, `1.2 MB`, `30.4 GB`."""
    units = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    return next((f"{stored / unit:.1f} {name}" for unit, name in units if stored >= unit), f"{stored} B")


def _facts(*parts: str) -> SafeText:
    return safe(" · ".join(one for one in parts if one))


def _claim(claim: GroupClaim, status: TailStatus | None) -> str:
    """What the tail promises of one group: complete to when, how many gaps, or why not."""
    if status is not None and claim.name in status.denied:
        return "▲ denied"
    if status is not None and claim.name in status.missing:
        return GONE
    if claim.complete_to is None:
        return cut_text(claim.why, 60) if claim.why else "waiting"
    gaps = f", ▲ {len(claim.gaps)} gap{'' if len(claim.gaps) == 1 else 's'}" if claim.gaps else ""
    return f"to {told(claim.complete_to, Times.UTC, 0)}{gaps}"


def _passes(entry: LogChoice, short: str, words: list[str]) -> bool:
    """Whether a group is called so: by its name or by the short one that stands on its lines."""
    name = f"{entry.name} {short}".lower()
    return all(fnmatchcase(name, f"*{one}*") if wild(one) else one in name for one in words)
