"""How a measure is printed: beside its goal, and whether it was reached."""

from __future__ import annotations

import statistics


def spread(values: list[float], unit: str = "s", digits: int = 3) -> str:
    return f"{statistics.median(values):.{digits}f} {unit} [{min(values):.{digits}f}-{max(values):.{digits}f}]"


def ratio(name: str, ours: float, theirs: float, goal: float) -> None:
    reached = "reached" if ours <= goal * theirs else "MISSED"
    print(f"    {name}: {ours / theirs:.2f}x   (goal <= {goal}x, {reached})")


def goal(name: str, value: float, limit: float, unit: str) -> None:
    print(f"    {name}: {value:.3g} {unit}   (goal <= {limit:g} {unit}, {'reached' if value <= limit else 'MISSED'})")
