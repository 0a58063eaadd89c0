"""From Markdown to a Runbook. Pure and total: any text gives one, with what could be found in it.

Parts are the headings of two signs, and a bold line right after a rule (`---`), which is how the document sets its
reference card apart. What stands in fences is no heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.model.runbook import Checklist, Every, Item, Runbook, Section, Task
from services.safe_text import SafeText, safe, safe_lines

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_BOLD = re.compile(r"\*\*(.+?):?\*\*$")
_BOX = re.compile(r"\s*[-*] \[[ xX]\] (.+)$")
_FACT = re.compile(r"(?:\*\*|_)([^:*_]+):(?:\*\*)?\s*(.+?)_?$")
_NUMBERED = re.compile(r"#\s*\d+\.\s+(.+)$")
_BULLET = re.compile(r"\s*[-*] (.+)$")
_PERIODS = {"daily": Every.DAY, "weekly": Every.WEEK, "monthly": Every.MONTH}
_LINKS = re.compile(r"[^a-z0-9]+")


def read(text: str) -> Runbook:
    """The runbook that `text` is."""
    lines = safe_lines(text.rstrip())
    marked = list(_marked(lines))
    title = next((found.group(2) for found in map(_HEADING.match, lines) if found), "Runbook")
    return Runbook(
        title=safe(title, 200),
        lines=lines,
        sections=tuple(_sections(marked)),
        checklists=tuple(_checklists(marked)),
        tasks=tuple(_tasks(marked)),
        facts=dict(_facts(lines[: _first_part(marked)])),
        footer=dict(_facts(lines[-6:])),
    )


def identity(words: str) -> str:
    """`Identify rollback target (…)` → `identify-rollback-target`: what stands in brackets may change."""
    return _LINKS.sub("-", words.partition("(")[0].lower()).strip("-")


def _marked(lines: tuple[SafeText, ...]) -> Iterator[tuple[int, SafeText, bool]]:
    """Each line with its number, from 1, and whether it stands in a fence."""
    fenced = False
    for number, line in enumerate(lines, 1):
        fence = line.lstrip().startswith("```")
        yield number, line, fenced or fence
        fenced = fenced != fence


def _sections(marked: list[tuple[int, SafeText, bool]]) -> Iterator[Section]:
    ruled = False
    for number, line, fenced in marked:
        heading, bold = _HEADING.match(line), _BOLD.match(line)
        if not fenced and heading and 1 < len(heading.group(1)) < 4:
            yield Section(safe(heading.group(2), 120), len(heading.group(1)), number)
        elif not fenced and bold and ruled:
            yield Section(safe(bold.group(1), 120), 2, number)
        ruled = line.strip() == "---" or (ruled and not line.strip())


def _first_part(marked: list[tuple[int, SafeText, bool]]) -> int:
    return next((one.line - 1 for one in _sections(marked)), 20)


def _checklists(marked: list[tuple[int, SafeText, bool]]) -> Iterator[Checklist]:
    title, line, items = "", 0, list[Item]()
    for number, text, fenced in [*marked, (0, SafeText("# "), False)]:
        box = None if fenced else _BOX.match(text)
        if box:
            items.append(Item(identity(box.group(1)), safe(box.group(1), 200), number))
        elif not fenced and text.startswith("#"):
            if items:
                yield Checklist(identity(title), safe(title, 120), line, tuple(items))
            title, line, items = text.lstrip("# "), number, []


def _tasks(marked: list[tuple[int, SafeText, bool]]) -> Iterator[Task]:
    """What stands under `Daily Tasks`, `Weekly Tasks` and `Monthly Tasks`: numbered in a fence, or as a list."""
    every: Every | None = None
    for number, line, fenced in marked:
        bold = _BOLD.match(line)
        if not fenced and (bold or line.startswith("#")):
            words = (bold.group(1) if bold else "").lower().split()
            every = _PERIODS.get(words[0]) if words[1:] == ["tasks"] else None
            continue
        found = (_NUMBERED if fenced else _BULLET).match(line)
        if every is not None and found:
            yield Task(f"{every.value}/{identity(found.group(1))}", safe(found.group(1), 200), number, every)


def _facts(lines: tuple[SafeText, ...]) -> Iterator[tuple[str, SafeText]]:
    for line in lines:
        found = _FACT.match(line)
        if found:
            yield found.group(1), safe(found.group(2), 200)
