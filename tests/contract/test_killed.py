"""Each kind of action, killed with SIGKILL at each point of its journal, resumed, and taken back where it can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.actions.configuration import plan_configuration
from services.actions.content import before
from services.actions.isolate import Way, plan_isolation
from services.actions.layered import plan_undo
from services.actions.table_copies import plan_backup
from services.aws import functions
from services.aws.session import Account
from services.clock import ScaledClock
from services.executor.crash import POINTS
from services.journal.reading import read_records
from services.model.entry import Operation, Outcome
from services.model.plan import Plan
from services.model.reading import Reading
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import SETTINGS, invalidation, planned, rollback, situation_of
from tests.contract.killed_support import Gallows
from tests.contract.stage_support import StageAt, stage_rollback
from tests.contract.test_executor_layers import both
from tests.contract.test_index_change import CREATE, TYPES, changed, indexes
from tests.contract.test_orders_by_name import days_of, dumped, exported, function_of, kept
from tests.contract.test_sign_out import signed_out
from tests.contract.test_table_copies import ground, statuses
from tests.simulated_support import START, boto, simulated

SPEED = 600.0


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """The bad deploy, which moved the alias and the stage, at high speed; each case puts back what it needs."""
    with simulated("bad-deploy", START, clock=ScaledClock(START, SPEED)) as opened:
        boto(opened, "s3", read_timeout=90).list_buckets()  # the first answer takes its time on a loaded machine
        asyncio.run(opened.clock.sleep(540))
        yield opened


@pytest.fixture
def gallows(account: SimulatedAccount, tmp_path: Path) -> Gallows:
    account.faults.clear()
    return Gallows(account, tmp_path)


class Case(msgspec.Struct, frozen=True):
    """One kind of action: how it is planned, what its world is, and which calls may come once."""

    plan: Callable[[Gallows], Awaitable[Plan]]
    world: Callable[[Gallows], Any]
    wanted: Any
    """What the world is when it stands."""
    calls: dict[str, int]
    """Operation → how often it may come, in all lives."""
    undone: Any = None
    """What the world is when it was taken back; None: it cannot be."""


def live(gallows: Gallows) -> tuple[str, dict[str, float]]:
    function = gallows.account.state.estate.environment("production").function
    alias = boto(gallows.account, "lambda").get_alias(FunctionName=function, Name="LIVE")
    return alias["FunctionVersion"], (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


def point_live(gallows: Gallows, version: str, weights: dict[str, float]) -> None:
    function = gallows.account.state.estate.environment("production").function
    routing = {"AdditionalVersionWeights": weights}
    client = boto(gallows.account, "lambda")
    client.update_alias(FunctionName=function, Name="LIVE", FunctionVersion=version, RoutingConfig=routing)


async def alias(gallows: Gallows) -> Plan:
    point_live(gallows, "42", {})
    return await rollback(gallows.environment, gallows.clock, 41)


async def canary(gallows: Gallows) -> Plan:
    point_live(gallows, "41", {"42": 0.2})
    return await rollback(gallows.environment, gallows.clock, 41)


async def stage(gallows: Gallows) -> Plan:
    """A new deployment, somebody's, is what the stage serves; before it there was another."""
    at = StageAt(gallows.account)
    if at.deployment != (await _deployments(gallows))[0]:
        at.patch(deploymentId=(await _deployments(gallows))[0])
    return await stage_rollback(gallows.environment, gallows.clock)


async def _deployments(gallows: Gallows) -> list[str]:
    """Newest first."""
    (api,) = (await situation_of(gallows.environment, gallows.clock)).apis.value or ()
    return [str(one.id) for one in api.deployments]


def newest_served(gallows: Gallows) -> bool:
    """Whether the stage serves the newest deployment, which is the bad one."""
    stage = StageAt(gallows.account)
    found = boto(gallows.account, "apigateway").get_deployments(restApiId=stage.names["restApiId"])["items"]
    newest = max(found, key=lambda one: one["createdDate"])
    return stage.deployment == str(newest["id"])


async def layers(gallows: Gallows) -> Plan:
    await alias(gallows)
    await stage(gallows)
    return await both(gallows)


GOOD = {"index.html": b"good index.html", "app.js": b"good app.js"}
BAD = {"index.html": b"bad index.html", "vendor.js": b"bad vendor.js"}


async def content(gallows: Gallows) -> Plan:
    """Good pages a while ago, then a publication that broke them."""
    for key in gallows.held():
        gallows.drop(key)
    gallows.put("index.html", "app.js", body="good")
    at = gallows.clock.now()
    await gallows.clock.sleep(5)
    gallows.put("index.html", "vendor.js", body="bad")
    gallows.drop("app.js")
    await gallows.clock.sleep(5)
    return (await gallows.restoration(at)).plan


def held(gallows: Gallows) -> dict[str, bytes]:
    return gallows.held()


async def cleared(gallows: Gallows) -> Plan:
    return await invalidation(gallows.environment, gallows.clock, "/index.html")


async def memory(gallows: Gallows) -> Plan:
    """Without what the function's lines tell of its use: that is read for the person, and takes long at this speed."""
    function, now = function_of(gallows.account), gallows.clock.now()
    asked = Account(gallows.environment, gallows.clock)
    try:
        found = await functions.describe(asked, function["FunctionName"])
    finally:
        await asked.close()
    situation = await situation_of(gallows.environment, gallows.clock)
    situation = situation.folded("functions", Reading((found,), now, now), now)
    wanted = 640 if function["MemorySize"] != 640 else 704
    name, timeout = found.name, found.timeout_s
    plan = plan_configuration(
        situation, gallows.environment, SETTINGS, now, name, memory_mb=wanted, timeout_s=timeout, observed=None
    )
    return planned(plan)


async def retention(gallows: Gallows) -> Plan:
    return planned(await kept(gallows.environment, gallows.clock, 400 if days_of(gallows.account) != 400 else 545))


async def export(gallows: Gallows) -> Plan:
    group = f"/few/{gallows.home.path.parent.name}"
    at = round(gallows.clock.now().timestamp() * 1000) - 60_000
    gallows.account.state.logs.plant(group, [("s", at + one, at + one, f"line {one}") for one in range(20)])
    bucket = gallows.account.state.estate.export_bucket
    return planned(await exported(gallows.environment, gallows.clock, bucket, group))


async def isolated(gallows: Gallows, way: Way = Way.THROTTLE) -> Plan:
    situation = await situation_of(gallows.environment, gallows.clock)
    return planned(plan_isolation(situation, gallows.environment, SETTINGS, gallows.clock.now(), way))


async def denied(gallows: Gallows) -> Plan:
    return await isolated(gallows, Way.POLICY)


def lets_in(gallows: Gallows) -> float:
    """Requests a second."""
    return float(StageAt(gallows.account).whole["methodSettings"]["*/*"]["throttlingRateLimit"])


def denies(gallows: Gallows) -> bool:
    api = StageAt(gallows.account).names["restApiId"]
    return "Deny" in boto(gallows.account, "apigateway").get_rest_api(restApiId=api).get("policy", "")


async def user(gallows: Gallows) -> Plan:
    return planned(await signed_out(gallows, "user-03"))


async def backup(gallows: Gallows) -> Plan:
    return planned(plan_backup(*(await ground(gallows)).given))


async def copy(gallows: Gallows) -> Plan:
    found = await ground(gallows, _own(gallows))
    latest = found.copies.recovery.latest
    assert latest is not None
    return planned(found.point(latest - timedelta(hours=1)))


def copied(gallows: Gallows) -> str:
    return str(statuses(gallows, _own(gallows))["TableStatus"])


async def index(gallows: Gallows) -> Plan:
    """One of its own for each case: making one takes long, and so does deleting it."""
    create = {**CREATE, "IndexName": _own(gallows)}
    text = json.dumps({"AttributeDefinitions": TYPES, "GlobalSecondaryIndexUpdates": [{"Create": create}]})
    return planned(await changed(gallows, text))


def indexed(gallows: Gallows) -> str:
    return indexes(gallows.account)[_own(gallows)]


def _own(gallows: Gallows) -> str:
    """A name that no other case has."""
    return f"of-{gallows.home.path.parent.name}"


def nothing(gallows: Gallows) -> None:
    """The account tells nothing of it but the call."""


CASES = {
    "alias": Case(alias, live, ("41", {}), {"UpdateAlias": 1}, ("42", {})),
    "canary": Case(canary, live, ("41", {}), {"UpdateAlias": 1}, ("41", {"42": 0.2})),
    "stage": Case(stage, newest_served, False, {"UpdateStage": 1}, True),
    "layers": Case(
        layers,
        lambda gallows: (live(gallows), newest_served(gallows)),
        (("41", {}), False),
        {"UpdateAlias": 1, "UpdateStage": 1},
        (("42", {}), True),
    ),
    "content": Case(
        content, held, {**GOOD, "vendor.js": BAD["vendor.js"]}, {"CopyObject": 2, "CreateInvalidation": 1}, BAD
    ),
    "invalidation": Case(cleared, nothing, None, {"CreateInvalidation": 1}),
    "memory": Case(
        memory, lambda gallows: function_of(gallows.account)["MemorySize"], None, {"UpdateFunctionConfiguration": 1}
    ),
    "retention": Case(retention, lambda gallows: days_of(gallows.account), None, {"PutRetentionPolicy": 1}),
    "export": Case(export, nothing, None, {"CreateExportTask": 1}),
    "isolate": Case(isolated, lets_in, 0.0, {"UpdateStage": 1}, 100.0),
    "deny": Case(denied, denies, True, {"UpdateRestApi": 1, "CreateDeployment": 1}, False),
    "sign-out": Case(user, nothing, None, {"AdminUserGlobalSignOut": 1}),
    "backup": Case(backup, nothing, None, {"CreateBackup": 1}),
    "copy": Case(copy, copied, "ACTIVE", {"RestoreTableToPointInTime": 1}),
    "index": Case(index, indexed, "ACTIVE", {"UpdateTable": 1}),
}
"""Versions, test calls and the stack are killed where their own tests are."""

_AT_ONCE = ("invalidation", "memory", "retention", "export")
"""May be complete by the first look, on a slow machine or at once: then nothing is waited for."""

PASSED = {
    **{name: tuple(f"0:{point}" for point in POINTS) for name in CASES},
    "canary": ("0:intent", "0:sent", "0:reply"),  # the alias's own step: what differs is what stands before
    "layers": ("0:sent", "0:reply", "1:before-intent", "1:intent", "1:sent", "1:reply"),
    "content": (
        *("0:before-intent", "0:intent", "0:half", "0:sent", "0:reply", "0:intent@1", "0:reply@1"),
        *("1:before-intent", "1:intent", "1:sent", "1:reply", "1:applied", "1:before-done"),
    ),
    **{name: tuple(f"0:{point}" for point in POINTS if point != "verifying") for name in _AT_ONCE},
    "isolate": ("0:intent", "0:sent", "0:reply", "0:verifying", "0:before-done"),
    "deny": ("0:sent", "0:reply", "1:intent", "1:sent", "1:applied"),
    "sign-out": ("0:intent", "0:reply"),  # killed after the call it is sent again, for twice is as once
    **dict.fromkeys(("backup", "copy", "index"), ("0:intent", "0:sent")),
}


@pytest.mark.parametrize(
    ("name", "point"), [(name, point) for name in CASES for point in PASSED[name]], ids=lambda word: str(word)
)
async def test_killed_there_and_resumed_the_world_is_right_no_call_comes_twice_and_undo_works(
    gallows: Gallows, name: str, point: str
) -> None:
    case = CASES[name]
    plan = await case.plan(gallows)
    before_it = {call: gallows.asked(call) for call in case.calls}
    done = await gallows.killed_then_resumed(plan, point)
    assert done.outcome not in (None, Outcome.FAILED, Outcome.VOID), done.text
    assert {call: gallows.asked(call) - before_it[call] for call in case.calls} == case.calls
    assert not read_records(gallows.home, done.id).damage
    assert case.world(gallows) == (case.wanted if case.wanted is not None else _planned(plan))
    if name == "export":
        assert len(dumped(gallows, done.id)[1]) == 20
    if case.undone is not None:
        back = await undo(gallows, done)
        assert await gallows.life(gallows.order(back), f"{len(back.steps) - 1}:applied")
        assert case.world(gallows) == case.undone


async def undo(gallows: Gallows, done: Operation) -> Plan:
    if any(step.kind == "content.restore" for step in done.plan.steps):
        return (await gallows.restoration(before(done), remove=True, undo_of=done.id)).plan
    situation = await situation_of(gallows.environment, gallows.clock)
    return planned(plan_undo(done, situation, gallows.environment, SETTINGS, gallows.clock.now()))


def _planned(plan: Plan) -> object:
    """What the plan's own call asks for."""
    parameters = plan.steps[0].call.parameters
    return parameters.get("MemorySize", parameters.get("retentionInDays"))
