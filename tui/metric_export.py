"""What screen 2 shows, written into files: CSV for a spreadsheet, SVG for a report."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from services.safe_text import safe
from widgets.chart import Points
from widgets.metric_view import MetricPage

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 1200, 480, 90, 60, 50


def file_stem(environment: str, page: MetricPage, now: datetime) -> str:
    """`cockpit-production-5XXError-20261123T031200Z`: nothing in it that a shell or a file system minds."""
    name = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in page.title)[:60]
    return f"cockpit-{environment}-{name}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def write(folder: Path, stem: str, page: MetricPage) -> tuple[Path, Path]:
    """Write both files; an older one of the same name is never overwritten. Raises OSError."""
    paths = folder / f"{stem}.csv", folder / f"{stem}.svg"
    for path, text in zip(paths, (csv_text(page), svg_text(page)), strict=True):
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    return paths


def csv_text(page: MetricPage) -> str:
    """One row a period, a column a statistic, as CloudWatch gave them; what was compared in a column of its own.

    The first lines, which begin with `#`, say what it is: no cell of remote text can be taken for a formula.
    """
    out = io.StringIO()
    for line in (page.title, page.subject, f"{page.curve.period} s a row, UTC, {page.stretch}"):
        out.write(f"# {safe(line)}\r\n")
    shown = [name for name in page.statistics if page.values.get(name)]
    heads = ["time", *shown] + ([page.compared] if page.compared else [])
    table = csv.writer(out)
    table.writerow(heads)
    by = {name: dict(page.values[name]) for name in shown}
    compared = dict(page.curve.compared)
    for at in sorted({at for points in by.values() for at in points} | set(compared)):
        row: list[object] = [f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"]
        row += [by[name].get(at, "") for name in shown]
        if page.compared:
            value = compared.get(at)
            row.append("" if value is None else value / page.scale)
        table.writerow(row)
    return out.getvalue()


def svg_text(page: MetricPage) -> str:
    """The chart as a picture: curve, compared curve, thresholds, changes, the ends of both scales."""
    curve = page.curve
    peak = max([value for _, value in (*curve.points, *curve.compared)] or [1.0])
    peak = max(peak, *(one.value for one in curve.thresholds if one.value <= 2 * peak), 1e-9)

    def x(at: float) -> float:
        return LEFT + (at - curve.start) / max(1, curve.end - curve.start) * (WIDTH - LEFT - 20)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / peak * (HEIGHT - TOP - BOTTOM)

    def line(points: Points, colour: str) -> str:
        paths = []
        for run in _runs(points, curve.period):
            steps = " ".join(f"{x(at + curve.period / 2):.1f},{y(value):.1f}" for at, value in run)
            paths.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{steps}"/>')
        return "".join(paths)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="monospace" '
        'font-size="14"><rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="20" y="24" font-weight="bold">{escape(safe(page.title))} {escape(page.statistic)}</text>',
        f'<text x="20" y="44" fill="#555555">{escape(safe(page.subject))}</text>',
    ]
    for one in curve.thresholds:
        if one.value <= peak:
            height = f"{y(one.value):.1f}"
            parts.append(f'<path d="M{LEFT} {height}H{WIDTH - 20}" stroke="#c0392b" stroke-dasharray="4 4"/>')
            parts.append(f'<text x="20" y="{height}" fill="#c0392b">{one.value:g}</text>')
    for change in curve.changes:
        moment = change.at.timestamp()
        if curve.start <= moment < curve.end:
            parts.append(
                f'<path d="M{x(moment):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#888888" stroke-dasharray="2 3"/>'
            )
            parts.append(f'<text x="{x(moment):.1f}" y="{HEIGHT - 30}" fill="#555555">{escape(change.label)}</text>')
    parts += [line(curve.compared, "#aaaaaa"), line(curve.points, "#1f618d")]
    parts.append(f'<text x="20" y="{TOP}">{peak:g} {curve.unit.value}</text>')
    for at, anchor in ((curve.start, "start"), (curve.end, "end")):
        label = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}Z"
        parts.append(f'<text x="{x(at):.1f}" y="{HEIGHT - 10}" text-anchor="{anchor}">{label}</text>')
    return "".join(parts) + "</svg>\n"


def _runs(points: Points, period: int) -> list[list[tuple[int, float]]]:
    """The points in pieces without a gap: a curve is never drawn across one."""
    runs: list[list[tuple[int, float]]] = []
    for at, value in points:
        if runs and at - runs[-1][-1][0] <= period:
            runs[-1].append((at, value))
        else:
            runs.append([(at, value)])
    return runs
