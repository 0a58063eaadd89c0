"""What becomes of a stack operation that a caller has begun: forward, resource by resource, and back if it has to be.

All of it is known when the operation begins and comes in the account's own time, like a rollout of the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.simulated.estate import stable_id, stable_uuid
from services.simulated.platform.apis import ApiStore
from services.simulated.platform.deploying import Scheduled
from services.simulated.platform.functions import FunctionStore
from services.simulated.platform.stack_book import USER_INITIATED, Facts, StackBook
from services.simulated.platform.stack_events import BACK_AFTER, STACK, Event, event_id
from services.simulated.platform.stack_resources import StackResource, code_sha
from services.simulated.platform.stack_specs import RETAINED, Spec, release_of

ADD, MODIFY, REMOVE = "Add", "Modify", "Remove"

_TAKES = {"AWS::Lambda::Function": 12.0, "AWS::Lambda::Version": 7.0, "AWS::Lambda::Alias": 6.0, STACK: 30.0}
_OTHERS_TAKE = 5.0
"""Seconds that a resource's update takes."""

REPLACED = "Requested update requires the creation of a new physical resource; hence creating one."


class Move(msgspec.Struct, frozen=True):
    """What an update does to one resource."""

    action: str
    resource: StackResource
    """As the new template has it; as the old one has it where it is removed."""

    @property
    def verb(self) -> str:
        return "CREATE" if self.action == ADD or self.resource.type == "AWS::ApiGateway::Deployment" else "UPDATE"


def moves(book: StackBook, now: datetime, spec: Spec) -> list[Move]:
    """Which resources an update to `spec` touches, in the template's order, what is removed last."""
    old, new = book.spec(now).resolved, spec.resolved
    held = {one.logical_id: one for one in book.resources(now)}
    found = [
        Move(MODIFY if name in old else ADD, _resource(book, name, body, held))
        for name, body in new.items()
        if old.get(name) != body
    ]
    return found + [Move(REMOVE, _resource(book, name, body, held)) for name, body in old.items() if name not in new]


def _resource(book: StackBook, name: str, body: Any, held: Mapping[str, StackResource]) -> StackResource:
    if name in held:
        return held[name]
    physical = f"{book.environment.stack_name}-{name}-{stable_id(book.seed, f'made/{name}', 12).upper()}"
    kind = str(body.get("Type", "")) if isinstance(body, Mapping) else ""
    return StackResource(name, kind, physical, _OTHERS_TAKE)


class Course:
    """One leg after another of an operation that begins now: its events, and what it does to the account."""

    def __init__(
        self, book: StackBook, functions: FunctionStore, api: ApiStore, token: str, now: datetime, operation: str
    ) -> None:
        self._book, self._functions, self._api = book, functions, api
        self.token, self.now = token, now
        self._operation = operation
        self.events: list[Event] = []
        self.effects: list[Scheduled] = []
        self._deployment = ""
        self._stable_spec = book.spec(now)

    # Forward

    def forward(self, spec: Spec, *, keep_failed: bool) -> None:
        """The update to `spec`; a resource that fails takes everything back, unless `keep_failed`."""
        book, before = self._book, self._book.facts(self.now)
        self._stable_spec = book.spec(self.now)
        found = moves(book, self.now, spec)
        self._own(self.now, "UPDATE_IN_PROGRESS", USER_INITIATED)
        book.deploy(self.now, spec)
        at = self.now + timedelta(seconds=4)
        for move in (one for one in found if one.action != REMOVE):
            made = self._made(move, spec)
            begun = msgspec.structs.replace(made, physical_id="") if move.verb == "CREATE" else made
            self._told(at, begun, f"{move.verb}_IN_PROGRESS", REPLACED if begun is not made else "")
            at += timedelta(seconds=_TAKES.get(made.type, _OTHERS_TAKE))
            reason = self._obstacle(made.logical_id, rollback=False)
            if reason:
                self._told(at, made, f"{move.verb}_FAILED", reason)
                self._failed(at, made.logical_id, before, keep_failed=keep_failed)
                return
            self._told(at, made, f"{move.verb}_COMPLETE")
            self._effect(at, move, made, spec)
            at += timedelta(seconds=1)
        self._own(at, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for move in (one for one in found if one.action == REMOVE):
            at += timedelta(seconds=2)
            kept = move.resource.type in RETAINED
            self._told(at, move.resource, "DELETE_SKIPPED" if kept else "DELETE_COMPLETE")
        self._own(at + timedelta(seconds=4), "UPDATE_COMPLETE")

    def _made(self, move: Move, spec: Spec) -> StackResource:
        """The resource with the physical name that it will have."""
        resource = move.resource
        if resource.type == "AWS::Lambda::Version" and move.action == ADD:
            arn = f"{self._book.environment.function_arn}:{self._functions.next_number}"
            return msgspec.structs.replace(resource, physical_id=arn)
        if resource.type == "AWS::ApiGateway::Deployment":
            return msgspec.structs.replace(resource, physical_id=self._api.new_id())
        return resource

    def _effect(self, at: datetime, move: Move, made: StackResource, spec: Spec) -> None:
        """What the account has of it from then on; of most resources nothing is noticed."""
        book, functions, api = self._book, self._functions, self._api
        alias, text = book.environment.alias, dict(spec.parameters).get("Release", "")
        release = spec.release or book.facts(self.now).release
        if made.type == "AWS::Lambda::Function":
            properties = spec.resolved[made.logical_id].get("Properties") or {}
            self._at(at, "configure", lambda when: _configure(functions, properties, release, when))
        elif made.type == "AWS::Lambda::Version" and move.action == ADD:
            number = int(made.physical_id.rpartition(":")[2])
            of = release_of(made.logical_id) or release
            book.make(at, release=of, number=number)
            self._at(at, "publish", lambda when: functions.release(number, f"release {text}".strip(), when, of))
        elif made.type == "AWS::Lambda::Alias":
            number = book.facts(at).number
            book.make(at, alias=number, weights=())
            self._at(at, "point", lambda when: functions.point(alias, number, when))
        elif made.type == "AWS::ApiGateway::Deployment":
            self._at(at, "deploy", lambda when: api.deploy(made.physical_id, f"release {text}".strip(), when))
            self._deployment = made.physical_id
        elif made.type == "AWS::ApiGateway::Stage" and self._deployment:
            deployment = self._deployment
            book.make(at, deployment=deployment)
            self._at(at, "serve", lambda when: api.serve(deployment, when))

    def _failed(self, at: datetime, logical_id: str, before: Facts, *, keep_failed: bool) -> None:
        reason = f"The following resource(s) failed to update: [{logical_id}]. "
        if keep_failed:
            self._own(at + timedelta(seconds=1), "UPDATE_FAILED", reason)
            return
        resources, made = touched(self.events, self._book.environment.stack_id)
        self._operation = stable_uuid(self._book.seed, f"rollback/{self._operation}")
        self.back(at + timedelta(seconds=BACK_AFTER), reason, resources, made, (before, self._stable_spec))

    # Back

    def back(
        self,
        at: datetime,
        reason: str,
        resources: Sequence[StackResource],
        made: set[str],
        stable: tuple[Facts, Spec],
        skipped: Sequence[str] = (),
    ) -> None:
        """`resources` go back to the `stable` state in the order in which they were touched.

        Those of `made` were created and are deleted in the end; those of `skipped` are left as they are.
        """
        facts, spec = stable
        self._own(at, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self._book.deploy(at, spec)
        stuck: list[str] = []
        for resource in (one for one in resources if one.logical_id not in made):
            at += timedelta(seconds=2)
            if resource.logical_id in skipped:
                self._told(at, resource, "UPDATE_COMPLETE", "Resource update skipped")
                continue
            self._told(at, resource, "UPDATE_IN_PROGRESS")
            at += timedelta(seconds=6)
            obstacle = self._obstacle(resource.logical_id, rollback=True)
            self._told(at, resource, "UPDATE_FAILED" if obstacle else "UPDATE_COMPLETE", obstacle)
            if obstacle:
                stuck.append(resource.logical_id)
            else:
                self._restored(at, resource, facts)
        if stuck:
            failed = f"The following resource(s) failed to update: [{', '.join(stuck)}]. "
            self._own(at + timedelta(seconds=2), "UPDATE_ROLLBACK_FAILED", failed)
            return
        at += timedelta(seconds=2)
        self._own(at, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for resource in (one for one in resources if one.logical_id in made):
            at += timedelta(seconds=2)
            self._told(at, resource, "DELETE_COMPLETE")
            self._unmade(at, resource, facts)
        self._own(at + timedelta(seconds=3), "UPDATE_ROLLBACK_COMPLETE")

    def _restored(self, at: datetime, resource: StackResource, facts: Facts) -> None:
        book, functions, api = self._book, self._functions, self._api
        environment = book.environment
        if resource.type == "AWS::Lambda::Function":
            sha = code_sha(environment.name, facts.release)
            self._at(at, "code", lambda when: functions.load_code(sha, when))
        elif resource.type == "AWS::Lambda::Alias" and book.facts(at).alias != facts.alias:
            book.make(at, alias=facts.alias, weights=())
            self._at(at, "point", lambda when: functions.point(environment.alias, facts.alias, when))
        elif resource.type == "AWS::ApiGateway::Stage" and book.facts(at).deployment != facts.deployment:
            book.make(at, deployment=facts.deployment)
            self._at(at, "serve", lambda when: api.serve(facts.deployment, when))

    def _unmade(self, at: datetime, resource: StackResource, facts: Facts) -> None:
        """What the failed operation had created goes; the stack holds the version before again."""
        functions = self._functions
        number = resource.physical_id.rpartition(":")[2]
        if resource.type == "AWS::Lambda::Version":
            self._book.make(at, release=facts.release, number=facts.number)
            if number.isdecimal():
                self._at(at, "delete", lambda when: functions.forget(int(number)))

    def cancelled(self, at: datetime, resources: Iterable[StackResource]) -> None:
        """What was under way when the update was cancelled."""
        for resource in resources:
            self._told(at, resource, "UPDATE_FAILED", "Resource update cancelled")

    # Telling

    def _obstacle(self, logical_id: str, *, rollback: bool) -> str:
        found = (o.reason for o in self._book.obstacles if o.logical_id == logical_id and o.rollback is rollback)
        return next(found, "")

    def _own(self, at: datetime, status: str, reason: str = "") -> None:
        environment = self._book.environment
        self._told(at, StackResource(environment.stack_name, STACK, environment.stack_id, 0), status, reason)

    def _told(self, at: datetime, resource: StackResource, status: str, reason: str = "") -> None:
        identity = event_id(self._book.seed, resource, at, status)
        self.events.append(
            Event(
                identity, at, resource.logical_id, resource.physical_id, resource.type, status, reason, self.token,
                self._operation,
            )
        )  # fmt: skip

    def _at(self, at: datetime, what: str, effect: Callable[[datetime], object]) -> None:
        self.effects.append(Scheduled(at, what, lambda when: _done(effect(when)), self._operation))


def _done(result: object) -> None:
    """Effects give back what their stores keep; nobody wants it."""


def touched(events: Sequence[Event], stack_id: str) -> tuple[list[StackResource], set[str]]:
    """The resources that an update's events tell of, and which of them it created."""
    own = [event for event in events if event.physical_id != stack_id and event.status != "DELETE_SKIPPED"]
    made = {event.logical_id for event in own if event.status == "CREATE_IN_PROGRESS"}
    named: dict[str, StackResource] = {}
    for event in own:
        named[event.logical_id] = StackResource(event.logical_id, event.type, event.physical_id, _OTHERS_TAKE)
    return list(named.values()), made


def _configure(functions: FunctionStore, properties: Mapping[str, Any], release: int, at: datetime) -> None:
    settings = functions.settings
    functions.configure(
        msgspec.structs.replace(
            settings,
            memory_mb=int(properties.get("MemorySize", settings.memory_mb)),
            timeout_s=int(properties.get("Timeout", settings.timeout_s)),
        ),
        at,
    )
    functions.load_code(code_sha(functions.environment.name, release), at)
