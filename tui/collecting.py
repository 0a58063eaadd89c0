"""Garbage collection that nobody notices: seldom while a command starts, in small pieces once the screen stands.

A collection stops the screen with every thread. Starting makes hundreds of thousands of objects that stay: looking at
them again and again takes a fifth of the time to the first data, and later a tenth of a second each time. So few
collections are made at first; then what is there is looked at no more, and what comes is looked at a little at a time.
"""

from __future__ import annotations

import gc

STARTING = (50_000, 20, 50)
"""New objects after which the young are collected; how often that before the middle-aged, and these before all."""

STANDING = (5_000, 10, 50)
"""The same later: fifty thousand young ones would stop the screen for forty milliseconds, these for three."""


def begin() -> None:
    """A command starts. Most end before there is anything to collect."""
    gc.set_threshold(*STARTING)


def settle() -> None:
    """The screen stands. What has become garbage by now stays; it is little."""
    gc.freeze()
    gc.set_threshold(*STANDING)
