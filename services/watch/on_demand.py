"""Questions that a screen asks between the polls: on the watch's thread, with its Account and its budget.

A screen never talks to AWS itself. It hands a question over and gets a future: the answer, or the AccountError. The
question is not begun while credentials are known to be bad or the account to be another, as no poll is then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar, runtime_checkable

from services.aws.session import Account
from services.problems import AccountError, ProblemKind, problem
from services.watch.feeds import Feeds
from services.watch.watch import Watch

T = TypeVar("T")
Question = Callable[[Account], Coroutine[Any, Any, T]]


@runtime_checkable
class Answering(Protocol):
    """A watch that takes questions itself."""

    def ask(self, question: Question[T]) -> Future[T]: ...


def ask(watch: object, question: Question[T]) -> Future[T]:
    """Have `watch` answer a question. Never blocks; the future raises AccountError.

    A watch that has not begun, has ended, or cannot be asked answers UNREACHABLE with the reason. Cancelling the
    future cancels the question.
    """
    if isinstance(watch, Answering):
        return watch.ask(question)
    if isinstance(watch, Watch):
        loop, feeds = watch._loop, _feeds(watch)
        if loop is not None and feeds is not None and not loop.is_closed():
            return asyncio.run_coroutine_threadsafe(_answered(feeds, question), loop)
    return _refused("the watch has not begun yet")


def _feeds(watch: Watch) -> Feeds | None:
    """The feeds of a running watch: they hold its Account."""
    tail = watch._tail
    return tail._feeds if tail is not None else None


async def _answered(feeds: Feeds, question: Question[T]) -> T:
    await feeds.cleared("on demand")
    return await question(feeds.account)


def _refused(reason: str) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(AccountError(problem(ProblemKind.UNREACHABLE, reason, remedy="Ask again with r.")))
    return future
