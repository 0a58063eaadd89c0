"""CloudFormation's four ways to change a stack: each in the states that permit it, with AWS's words where not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.simulated.estate import stable_uuid
from services.simulated.platform.apis import ApiStore
from services.simulated.platform.deploying import Deploying
from services.simulated.platform.functions import FunctionStore
from services.simulated.platform.stack_book import USER_INITIATED, StackBook
from services.simulated.platform.stack_courses import Course, moves, touched
from services.simulated.platform.stack_events import STACK, Event
from services.simulated.platform.stack_inquiries import Named
from services.simulated.platform.stack_requests import Fetch, invalid, wanted
from services.simulated.platform.stack_resources import StackResource
from services.simulated.platform.trail_book import TrailBook
from services.simulated.protocol import AwsError, Context, Handler

TOKEN = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}\Z")

REST = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
)
"""States out of which a stack can be updated (aws.md 4.1); UPDATE_FAILED only without a rollback."""


class StackOperations:
    """Handlers of what changes a stack. Callers hold the account's lock."""

    def __init__(
        self,
        named: Named,
        books: Mapping[str, StackBook],
        functions: Mapping[str, FunctionStore],
        apis: Mapping[str, ApiStore],
        trail: TrailBook,
        deploying: Deploying,
        fetch: Fetch,
    ) -> None:
        """`fetch` reads an object of the account's buckets."""
        self._named = named
        self._books = books
        self._functions = functions
        self._apis = apis
        self._trail = trail
        self._deploying = deploying
        self._fetch = fetch

    def handlers(self) -> dict[str, Handler]:
        return {
            "UpdateStack": self.update_stack,
            "CancelUpdateStack": self.cancel_update_stack,
            "RollbackStack": self.rollback_stack,
            "ContinueUpdateRollback": self.continue_update_rollback,
        }

    def update_stack(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        book = self._book(context, parameters)
        environment = book.environment
        if self._repeated(book, context, parameters):
            return {"StackId": environment.stack_id}
        status, keep_failed = book.status(context.now)[0], bool(parameters.get("DisableRollback"))
        if status not in REST and not (status == "UPDATE_FAILED" and keep_failed):
            raise invalid(f"Stack:{environment.stack_id} is in {status} state and can not be updated.")
        spec = wanted(parameters, book.spec(context.now), self._fetch)
        if not moves(book, context.now, spec) and spec.tags == book.spec(context.now).tags:
            raise invalid("No updates are to be performed.")
        course = self._course(book, context, parameters)
        self._end(book, context)
        course.forward(spec, keep_failed=keep_failed)
        self._begin(book, course)
        return {"StackId": environment.stack_id}

    def cancel_update_stack(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        book = self._book(context, parameters)
        if self._repeated(book, context, parameters):
            return {}
        status = book.status(context.now)[0]
        if status != "UPDATE_IN_PROGRESS":
            raise invalid(f"CancelUpdateStack cannot be called from current stack status: {status}")
        stable, update = book.before(context.now), book.update(context.now)
        course = self._course(book, context, parameters)
        self._end(book, context)
        resources, made = touched(update, book.environment.stack_id)
        moving = {event.logical_id: event for event in update}
        under_way = [one for one in resources if moving[one.logical_id].status.endswith("_IN_PROGRESS")]
        course.cancelled(context.now, under_way)
        course.back(context.now, USER_INITIATED, resources, made, stable)
        self._begin(book, course)
        return {}

    def rollback_stack(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        book = self._book(context, parameters)
        identity = {"StackId": book.environment.stack_id}
        if self._repeated(book, context, parameters):
            return identity
        status = book.status(context.now)[0]
        if status != "UPDATE_FAILED":
            raise invalid(f"Stack:{book.environment.stack_id} is in {status} state and can not be rolled back.")
        self._back(book, context, parameters, ())
        return identity

    def continue_update_rollback(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        book = self._book(context, parameters)
        if self._repeated(book, context, parameters):
            return {}
        status = book.status(context.now)[0]
        if status != "UPDATE_ROLLBACK_FAILED":
            raise invalid(f"Stack:{book.environment.stack_id} is in {status} state and can not continue a rollback.")
        skipped = tuple(parameters.get("ResourcesToSkip") or ())
        if skipped and parameters.get("ForceRollback"):
            raise invalid("ResourcesToSkip and ForceRollback cannot be specified together.")
        stuck = _stuck(book.update(context.now), book.environment.stack_id)
        wrong = [name for name in skipped if all(name != one.logical_id for one in stuck)]
        if wrong:
            raise invalid(
                f"The following resources {wrong} could not be skipped: they do not exist, or are not in "
                "UPDATE_FAILED state because their rollback failed"
            )
        if parameters.get("ForceRollback"):
            skipped = tuple(one.logical_id for one in stuck)
        self._back(book, context, parameters, skipped, stuck)
        return {}

    def _back(
        self,
        book: StackBook,
        context: Context,
        parameters: Mapping[str, Any],
        skipped: Sequence[str],
        only: Sequence[StackResource] = (),
    ) -> None:
        """Back to the last stable state: `only` these resources, or all that the update touched."""
        stable, update = book.before(context.now), book.update(context.now)
        course = self._course(book, context, parameters)
        self._end(book, context)
        resources, made = touched(update, book.environment.stack_id)
        gone = {event.logical_id for event in update if event.status == "DELETE_COMPLETE"}
        made -= gone
        left = [*only, *(one for one in resources if one.logical_id in made)] if only else resources
        course.back(context.now, USER_INITIATED, left, made, stable, skipped)
        self._begin(book, course)

    # What all of them need

    def _book(self, context: Context, parameters: dict[str, Any]) -> StackBook:
        return self._books[self._named(context, parameters).name]

    def _repeated(self, book: StackBook, context: Context, parameters: Mapping[str, Any]) -> bool:
        """Whether the same call was made before under its token; a token of another call is refused."""
        token = parameters.get("ClientRequestToken")
        if token is None:
            return False
        if TOKEN.match(token) is None:
            raise invalid(
                f"1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*"
            )
        known = book.tokens.get(token)
        if known is None:
            return False
        if known != {"": context.operation, **parameters}:
            raise AwsError("TokenAlreadyExistsException", f"A client request token {token} already exists.")
        return True

    def _course(self, book: StackBook, context: Context, parameters: Mapping[str, Any]) -> Course:
        token, name = parameters.get("ClientRequestToken") or "", book.environment.name
        operation = stable_uuid(book.seed, f"operation/{name}/{token}/{context.now.isoformat()}")
        if token:
            book.tokens[token] = {"": context.operation, **parameters}
        return Course(book, self._functions[name], self._apis[name], token, context.now, operation)

    def _end(self, book: StackBook, context: Context) -> None:
        """What was under way, or planned by the pipeline, ends here."""
        for name in book.cut(context.now):
            self._deploying.drop(name)
            self._trail.forget((one.id for one in book.planned_trail.get(name, ())), context.now)

    def _begin(self, book: StackBook, course: Course) -> None:
        book.add(course.events)
        self._deploying.add(course.effects)


def _stuck(update: Sequence[Event], stack_id: str) -> list[StackResource]:
    """The resources that failed because a rollback of them failed: only those may be skipped."""
    newest: dict[str, Event] = {}
    for event in update:
        if event.type == STACK and event.physical_id == stack_id:
            if event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
                newest = {}
            continue
        newest[event.logical_id] = event
    return [
        StackResource(one.logical_id, one.type, one.physical_id, 5)
        for one in newest.values()
        if one.status == "UPDATE_FAILED" and "cancelled" not in one.reason
    ]
