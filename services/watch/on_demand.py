"""Questions that a screen asks between the polls: on the watch's thread, with its Account and its budget.

A screen never talks to AWS itself. It hands a question over and gets a future: the answer, or the AccountError. The
question is not begun while credentials are known to be bad or the account to be another, as no poll is then.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar, runtime_checkable

from services.aws.session import Account
from services.problems import AccountError, ProblemKind, problem

T = TypeVar("T")
Question = Callable[[Account], Coroutine[Any, Any, T]]


@runtime_checkable
class Answering(Protocol):
    """A watch that takes questions: `Watch` does."""

    def ask(self, question: Question[T]) -> Future[T]: ...


def ask(watch: object, question: Question[T]) -> Future[T]:
    """Have `watch` answer a question. Never blocks; the future raises AccountError, UNREACHABLE without a watch."""
    return watch.ask(question) if isinstance(watch, Answering) else refused("the watch has not begun yet")


def refused(reason: str) -> Future[Any]:
    """A question that was not begun."""
    future: Future[Any] = Future()
    future.set_exception(AccountError(problem(ProblemKind.UNREACHABLE, reason, remedy="Ask again with r.")))
    return future
