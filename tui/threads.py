"""What a thread of our own tells goes on in the screen's loop, and in the screen's context."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextvars import copy_context
from typing import ParamSpec

P = ParamSpec("P")


def in_loop(call: Callable[P, None]) -> Callable[P, None]:
    """`call`, for any thread: it runs in the loop and the context of whoever asks for this now.

    A thread has a context of its own, in which a widget that does not stand yet finds no app. Does nothing when the
    loop has been closed: the screen is gone.
    """
    loop, context = asyncio.get_running_loop(), copy_context()

    def told(*args: P.args, **fields: P.kwargs) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: call(*args, **fields), context=context)

    return told
