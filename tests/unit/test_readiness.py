"""Readiness: each need of a rollback is held against what is known, and every blocker names what lifts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from services.actions.permissions import INVALIDATE, UPDATE_ALIAS, UPDATE_STAGE, wanted
from services.actions.readiness import readiness
from services.aws.footing import footing, principal
from services.clock import ManualClock
from services.journal.ground import ground
from services.journal.home import JournalHome
from services.journal.ids import new_operation_id
from services.journal.leases import Holder, take_operation
from services.journal.writing import JournalWriter
from services.model.apis import Api, ApiDeployment, ApiKind
from services.model.content import Bucket
from services.model.edge import Distribution
from services.model.entry import Actor, Phase
from services.model.identity import Identity
from services.model.readiness import Answer, Check, Footing, Ground, Readiness
from services.model.reading import Reading
from services.model.situation import Situation
from services.model.stacks import Stack
from services.problems import ProblemKind, problem
from services.safe_text import SafeText, safe
from services.settings.values import Environment
from tests.stories.asked_support import ScriptedAccount
from tests.unit.actions_support import ALIAS, NOW, PRODUCTION, RELEASE, SETTINGS, situation
from tests.unit.journal_support import a_plan
from tests.unit.stack_support import DEPLOYED, NEWER, OLDER

GROUND = Ground("/journal", 10**10)
UPDATE_STACK = "cloudformation:UpdateStack"
ALLOWED = {UPDATE_ALIAS: True, UPDATE_STAGE: True, INVALIDATE: True, UPDATE_STACK: True}
FOOTING = Footing(NOW, ALLOWED, provisioned=0, skew_s=0.4)
API = Api(
    SafeText("a1"),
    SafeText("api"),
    SafeText("prod"),
    SafeText("d2"),
    deployments=(ApiDeployment(SafeText("d2")), ApiDeployment(SafeText("d1"))),
)
LEASING = replace(PRODUCTION, lease_table="leases")
NO_TABLE = problem(ProblemKind.NOT_FOUND, "there is no lease table leases", remedy="Have it created once.")
BUCKET = Bucket(SafeText("web"), True, SafeText("Enabled"))


def ready(
    *, footing: Footing | None = FOOTING, ground: Ground = GROUND, environment: Environment = PRODUCTION, **feeds: Any
) -> Readiness:
    stack = {"events": (), "deployed": DEPLOYED, "kept": (NEWER, OLDER)}
    fed = situation(**{"apis": (API,), "buckets": (BUCKET,), **stack, **feeds})
    return readiness(fed, environment, SETTINGS, NOW, footing, ground)


def checks(found: Readiness, answer: Answer) -> list[Check]:
    return [check for layer in found.layers for check in layer.checks if check.answer is answer]


def test_a_stage_that_deploys_by_itself_is_in_the_way_and_its_permission_does_not_matter() -> None:
    found = ready(apis=(replace(API, kind=ApiKind.HTTP, auto_deploy=True),))
    (check,) = next(layer.checks for layer in found.layers if layer.name == "API stage")
    assert (check.answer, "AutoDeploy" in check.said) == (Answer.NO, True)
    assert f"update-stage --region {PRODUCTION.region} --api-id a1 --stage-name 'prod' --no-auto-deploy" in check.remedy


def test_the_permission_to_move_a_stage_is_asked_for_that_stage() -> None:
    stack = Stack(SafeText("s"), SafeText("arn:aws:cloudformation:us-west-2:1:stack/s/1"), SafeText("UPDATE_COMPLETE"))
    apis = (API, replace(API, id=SafeText("h1"), stage=SafeText("$default"), kind=ApiKind.HTTP))
    found, _ = wanted(situation(apis=apis, stack=stack))
    assert found[UPDATE_STAGE] == (
        "arn:aws:apigateway:us-west-2::/restapis/a1/stages/prod",
        "arn:aws:apigateway:us-west-2::/apis/h1/stages/$default",
    )


def test_with_everything_in_place_every_check_is_ready() -> None:
    found = ready()
    assert {layer.answer for layer in found.layers} == {Answer.YES}, checks(found, Answer.UNKNOWN)
    assert found.blockers == ()


BLOCKERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "no alias": ("alias", {"releases": (replace(RELEASE, alias=None),)}, "has no alias"),
    "alias not called": ("in use", {"releases": (replace(RELEASE, called_by_api=False),)}, "does not call"),
    "no target": ("target", {"releases": (replace(RELEASE, versions=RELEASE.versions[:1]),)}, "no earlier version"),
    "somebody deploys": (
        "stack",
        {"stack": Stack(SafeText("s"), SafeText("a"), SafeText("UPDATE_IN_PROGRESS"))},
        "somebody is deploying",
    ),
    "stack is stuck": (
        "stack",
        {"stack": Stack(SafeText("s"), SafeText("a"), SafeText("UPDATE_ROLLBACK_FAILED"))},
        "no update is possible",
    ),
    "one deployment": ("deployment", {"apis": (replace(API, deployments=API.deployments[:1]),)}, "earlier deployment"),
    "no versioning": (
        "versioning",
        {"buckets": (replace(BUCKET, versioning=SafeText("Suspended")),)},
        "not on for",
    ),
    "disabled": (
        "distribution",
        {"distributions": (Distribution(SafeText("E1"), SafeText("d"), SafeText("Deployed"), False),)},
        "is disabled",
    ),
    "not allowed": (
        "permission",
        {"footing": replace(FOOTING, allowed={UPDATE_ALIAS: False})},
        "may not lambda:",
    ),
    "read-only": ("policy", {"environment": replace(PRODUCTION, read_only=True)}, "is read-only"),
    "other account": ("account", {"environment": replace(PRODUCTION, account="999999999999")}, "is in 999999999999"),
    "journal broken": ("journal", {"ground": Ground("/j", problem="Cannot use it.")}, "Cannot use it"),
    "disk full": ("journal", {"ground": Ground("/j", 1_000_000)}, "only 1.0 MB free"),
    "no lease table": (
        "nobody else",
        {"environment": LEASING, "footing": replace(FOOTING, lease_problem=NO_TABLE)},
        "there is no lease table",
    ),
    "another machine's lease": (
        "nobody else",
        {"environment": LEASING, "footing": replace(FOOTING, lease_holders=(SafeText("bob holds LIVE"),))},
        "bob holds LIVE",
    ),
    "somebody acts": ("nobody else", {"ground": Ground("/j", 10**10, holder="bob is at work")}, "bob is at work"),
    "clock": ("clock", {"footing": replace(FOOTING, skew_s=-400.0)}, "off by -400 s"),
}


@pytest.mark.parametrize("case", list(BLOCKERS))
def test_each_blocker_is_named_with_what_lifts_it(case: str) -> None:
    name, change, said = BLOCKERS[case]
    blockers = [check for check in ready(**change).blockers if check.name == name]
    assert blockers, case
    assert said in blockers[0].said
    assert blockers[0].remedy


def test_what_could_not_be_read_is_not_known_and_blocks_nothing() -> None:
    nothing = Situation("production", NOW)
    found = readiness(nothing, PRODUCTION, SETTINGS, NOW, None, GROUND)
    assert found.blockers == ()
    assert {layer.answer for layer in found.layers} == {Answer.UNKNOWN}
    denied: Reading[Any] = Reading().failed(problem(ProblemKind.DENIED, "not allowed: s3:GetBucketVersioning"), NOW)
    content = next(layer for layer in ready(buckets=denied).layers if layer.name == "Content")
    assert content.answer is Answer.UNKNOWN
    assert "s3:GetBucketVersioning" in content.checks[0].said


def test_a_canary_and_provisioned_concurrency_are_told_and_block_nothing() -> None:
    release = replace(RELEASE, alias=replace(ALIAS, weights=((43, 0.1),)))
    found = ready(releases=(release,), footing=replace(FOOTING, provisioned=5))
    said = {check.name: check.said for check in checks(found, Answer.CAREFUL)}
    assert "10% to v43" in said["alias"]
    assert "5 provisioned" in said["provisioned"]


@pytest.mark.parametrize(
    ("arn", "source"),
    [
        ("arn:aws:sts::1:assumed-role/oncall/alice", "arn:aws:iam::1:role/oncall"),
        ("arn:aws:iam::1:user/alice", "arn:aws:iam::1:user/alice"),
        ("arn:aws:iam::1:root", ""),
        ("arn:aws:sts::1:federated-user/x", ""),
        ("", ""),
    ],
)
def test_the_policies_of_a_sessions_role_are_simulated(arn: str, source: str) -> None:
    assert principal(arn) == source


async def asked(
    replies: Mapping[str, Any], clock: ManualClock, *, role: str = "assumed-role/oncall/x"
) -> tuple[Footing, list[str]]:
    account: Any = ScriptedAccount(PRODUCTION, clock, lambda operation, _parameters, _region: replies[operation])
    identity = Identity(safe("1"), safe(f"arn:aws:sts::1:{role}"))
    actions, function = wanted(situation())
    found = await footing(account, identity, actions, function, "LIVE")
    return found, [operation for operation, _ in account.asked]


async def test_permissions_concurrency_and_clock_are_asked_for() -> None:
    clock = ManualClock(NOW)
    decisions = [{"EvalDecision": "allowed"}, {"EvalDecision": "explicitDeny"}]
    late = format_datetime(NOW - timedelta(seconds=300), usegmt=True)
    found, operations = await asked(
        {
            "SimulatePrincipalPolicy": {"EvaluationResults": decisions},
            "GetProvisionedConcurrencyConfig": {"RequestedProvisionedConcurrentExecutions": 7},
            "GetCallerIdentity": {"ResponseMetadata": {"HTTPHeaders": {"date": late}}},
        },
        clock,
    )
    assert found.allowed == dict.fromkeys(ALLOWED, False), "one denied resource is a denial"
    assert (found.provisioned, found.skew_s) == (7, 300.0)
    assert operations.count("SimulatePrincipalPolicy") == len(ALLOWED)


async def test_an_identity_that_may_not_simulate_is_not_known_to_be_refused() -> None:
    found, operations = await asked(
        {
            "SimulatePrincipalPolicy": problem(ProblemKind.DENIED, "not allowed: iam:SimulatePrincipalPolicy"),
            "GetProvisionedConcurrencyConfig": problem(ProblemKind.NOT_FOUND, "none"),
            "GetCallerIdentity": {"ResponseMetadata": {"HTTPHeaders": {"date": "nonsense"}}},
        },
        ManualClock(NOW),
    )
    assert found.allowed == {}
    assert "iam:SimulatePrincipalPolicy" in found.why_not_known
    assert (found.provisioned, found.skew_s) == (0, None)
    assert operations.count("SimulatePrincipalPolicy") == 1, "a refusal is not asked for again"


def test_somebody_at_work_is_told_until_all_is_applied(tmp_path: Path) -> None:
    home = JournalHome(tmp_path / "journal")
    assert ground(home, "production").holder == ""
    operation = new_operation_id(NOW)
    order = JournalWriter(home, operation, f"{operation}.order.jsonl")
    order.append(Phase.ORDERED, "ordered", NOW, plan=a_plan(), actor=Actor("bob", "bastion"))
    order.close()
    lock = take_operation(home, Holder(operation, SafeText("bob"), NOW))
    found = ground(home, "production")
    assert found.holder.startswith("bob on bastion is at work since 03:11:42Z")
    assert found.free_bytes
    assert ground(home, "staging").holder == ""
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=order.head)
    writer.append(Phase.APPLIED, "applied", NOW)
    writer.close()
    assert ground(home, "production").holder == ""
    lock.release()


def test_a_folder_that_is_no_folder_is_a_blocker_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = ground(JournalHome(tmp_path / "file"), "production")
    assert "Cannot use the journal" in found.problem
