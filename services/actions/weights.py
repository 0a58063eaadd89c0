"""Routing weights of an alias as one canonical string, so that plan, precondition and reading compare by equality."""

from __future__ import annotations

from collections.abc import Mapping


def weights_text(weights: Mapping[int, float] | tuple[tuple[int, float], ...]) -> str:
    """`43=0.1`; several sorted by version and separated by commas; empty for none."""
    pairs = weights.items() if isinstance(weights, Mapping) else weights
    return ",".join(f"{version}={share:g}" for version, share in sorted(pairs))


def weights_parameter(text: str) -> dict[str, float]:
    """The same as UpdateAlias's AdditionalVersionWeights. An empty map clears them; leaving it out keeps them."""
    pairs = (pair.split("=", 1) for pair in text.split(",") if pair)
    return {version: float(share) for version, share in pairs}
