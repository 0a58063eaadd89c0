"""Which groups are meant: names, short names, wildcards, all of this stack. Pure.

Wildcards (`/aws/lambda/*`) are matched here over what DescribeLogGroups told: AWS has none of its own. So a group that
is created later is found at the next look at the list.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from services.model.log_sources import LogSource, LogSources, Origin
from services.watch.log_sources import short_of
from services.watch.tailing_group import TailGroup

STACK = ("stack", "all")
"""Words for every group of this stack."""
USUAL = "usual"
"""The word for those that are followed without a word, for following others beside them."""


class LogChoice(msgspec.Struct, frozen=True):
    """What the words mean now."""

    groups: tuple[TailGroup, ...] = ()
    """Those that can be followed, each once."""
    unreadable: tuple[str, ...] = ()
    """Those of a class that FilterLogEvents cannot read: Logs Insights can."""
    unknown: tuple[str, ...] = ()
    """Words that mean no group that there is."""


def choice(words: Sequence[str], there: LogSources) -> LogChoice:
    """The groups that `words` name; without a word those that the screen begins with."""
    named = {group.name for group in there.groups}
    sources = {str(source.name): source for source in there.sources}
    chosen: list[str] = []
    unknown: list[str] = []
    for word in words:
        found = _meant(word, there)
        chosen += found
        if not found or (there.listed and not any(name in named for name in found)):
            unknown.append(word)
    if not words:
        chosen = [source.name for source in usual(there.sources)]
    kinds = {str(group.name): group for group in there.groups}
    once = list(dict.fromkeys(chosen))
    shut = [name for name in once if name in kinds and not kinds[name].readable]
    groups = _apart([_group(name, sources.get(name)) for name in once if name not in shut])
    return LogChoice(groups, tuple(shut), tuple(unknown))


def usual(sources: Iterable[LogSource]) -> list[LogSource]:
    """What is followed unless something else is asked for: the application's own log, the APIs', the functions'.

    Of an API with an access log that one alone: its execution log tells every request a second time.
    """
    told = list(sources)
    accessed = {source.short for source in told if source.origin is Origin.ACCESS}
    return [
        source
        for source in told
        if source.origin in (Origin.APPLICATION, Origin.ACCESS, Origin.FUNCTION)
        or (source.origin is Origin.EXECUTION and source.short.removesuffix("-exec") not in accessed)
    ]


def wild(word: str) -> bool:
    """Whether a word has wildcards: what it means changes with the account's list."""
    return any(sign in word for sign in "*?[")


def nearest(word: str, there: LogSources) -> str:
    """The name that `word` may be a slip of; empty when none is near."""
    names = [*(source.short for source in there.sources), *(str(group.name) for group in there.groups)]
    return next(iter(difflib.get_close_matches(word, names, n=1, cutoff=0.6)), "")


def _meant(word: str, there: LogSources) -> list[str]:
    if word in STACK:
        return [source.name for source in there.sources if not there.missing(source)]
    if word == USUAL:
        return [str(source.name) for source in usual(there.sources)]
    short = [str(source.name) for source in there.sources if source.short == word]
    if short or (short := [str(source.name) for source in there.sources if short_of(source.name) == word]):
        return short
    if wild(word):
        names = [*(str(source.name) for source in there.sources), *(str(group.name) for group in there.groups)]
        return sorted({name for name in names if fnmatchcase(name, word)})
    known = word in {str(group.name) for group in there.groups} or word in {str(one.name) for one in there.sources}
    return [word] if known or not there.listed else []


def _apart(groups: list[TailGroup]) -> tuple[TailGroup, ...]:
    """No two groups under one short name: the later ones go by their own."""
    taken: set[str] = set()
    found: list[TailGroup] = []
    for group in groups:
        found.append(msgspec.structs.replace(group, short=group.name) if group.short in taken else group)
        taken.add(group.short)
    return tuple(found)


def _group(name: str, source: LogSource | None) -> TailGroup:
    if source is None:
        return TailGroup(str(name), short_of(name))
    return TailGroup(str(name), source.short, source.slow_ms)
