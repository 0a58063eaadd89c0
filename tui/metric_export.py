"""What screen 2 shows, written into files: CSV for a spreadsheet, pictures, a chart of letters."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from services.safe_text import safe
from tui import new_files
from tui.metric_png import png_bytes
from tui.metric_svg import svg_text
from tui.metric_text import chart_text
from tui.new_files import plain
from widgets.metric_view import MetricPage


def file_stem(environment: str, page: MetricPage, now: datetime) -> str:
    """`cockpit-production-5XXError-20261123T031200Z`: nothing in it that a shell or a file system minds."""
    name = plain(page.title)
    return f"cockpit-{environment}-{name}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def write(folder: Path, stem: str, page: MetricPage) -> tuple[Path, ...]:
    """Write every file; an older one of the same name is never overwritten. Raises OSError. Slow: on a thread."""
    contents = {
        "csv": csv_text(page).encode(),
        "svg": svg_text(page).encode(),
        "png": png_bytes(page),
        "txt": chart_text(page).encode(),
    }
    return new_files.write(folder, stem, {ending: (content,) for ending, content in contents.items()})


def csv_text(page: MetricPage) -> str:
    """One row a period, a column a statistic or a line, as CloudWatch gave them; what was compared in one of its own.

    The first lines, which begin with `#`, say what it is: no cell of remote text can be taken for a formula.
    """
    out = io.StringIO()
    for line in (page.title, page.subject, f"{page.curve.period} s a row, UTC, {page.stretch}"):
        out.write(f"# {safe(line)}\r\n")
    if any(page.curve.filling(at) for points in page.values.values() for at, _ in points[-1:]):
        out.write(f"# still filling: from {_time(page.curve.settled_until or 0)} on\r\n")
    shown = [name for name, points in page.values.items() if points]
    heads = ["time", *map(column, shown)] + ([page.compared] if page.compared else [])
    table = csv.writer(out)
    table.writerow(heads)
    by = {name: dict(page.values[name]) for name in shown}
    compared = dict(page.curve.compared)
    for at in sorted({at for points in by.values() for at in points} | set(compared)):
        row: list[object] = [_time(at)]
        row += [by[name].get(at, "") for name in shown]
        if page.compared:
            value = compared.get(at)
            row.append("" if value is None else value / page.scale)
        table.writerow(row)
    return out.getvalue()


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def column(name: str) -> str:
    """The head of a column: what others have named is no formula, whatever it begins with."""
    said = str(safe(name))
    return f"'{said}" if said[:1] in ("=", "+", "-", "@") else said
