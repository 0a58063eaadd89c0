"""Sequences for a terminal that is reached through a multiplexer."""

from __future__ import annotations

from collections.abc import Mapping

TMUX, SCREEN = "tmux", "screen"


def multiplexer_of(environment: Mapping[str, str]) -> str:
    """`tmux`, `screen`, or empty: what stands between us and the terminal, as its variables tell."""
    if environment.get("TMUX"):
        return TMUX
    return SCREEN if environment.get("STY") else ""


def passed_through(sequence: str, multiplexer: str) -> str:
    """`sequence` so that it reaches the terminal behind `multiplexer` (tmux asks for `allow-passthrough on`)."""
    if multiplexer == TMUX:
        inner = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{inner}\x1b\\"
    return f"\x1bP{sequence}\x1b\\" if multiplexer == SCREEN else sequence
