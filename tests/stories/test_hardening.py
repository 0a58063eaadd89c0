"""The hardening checks as a person has them: from the monthly audit at 80x24, from the security checklist read-only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from services.clock import ManualClock
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import START, boto, manual, simulated
from tests.stories.screen_support import read_only, state_home, top, until
from tests.stories.test_maintenance_tasks import changed, to_maintenance
from tests.stories.test_orders_by_name import opened
from tests.stories.test_runbook_screen import rows, say, screen, select
from tui.app import CockpitApp
from tui.screens.runbook import LISTS, RunbookScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

AUDIT, MEASURES = "monthly/security-audit", "security-incident-checklist/review-and-update-security-measures"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ManualClock(START)) as one:
        yield one


def line(app: CockpitApp, words: str) -> str:
    """The drawn row that has these words; empty: none has."""
    return next((one for one in top(app).split("\n") if words in one), "")


def below(app: CockpitApp, key: str) -> str:
    """What the row's own lines say."""
    return "\n".join("".join(span.text for span in one) for one in rows(app)[key].detail)


async def counted(pilot: Pilot[int], app: CockpitApp, words: str) -> None:
    await until(pilot, lambda: words in line(app, "IAM counts  "), 30)


@pytest.mark.runbook("R208", "R257", "R258", "R259", "R260")
async def test_the_monthly_audit_shows_the_four_checks_and_the_tick_keeps_them(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        await to_maintenance(app, pilot)
        await select(app, pilot, AUDIT)
        await until(pilot, lambda: "enter: the four hardening checks" in top(app))
        before = len(account.calls)
        await pilot.press("enter")
        await counted(pilot, app, "Users 4, Roles 21, Policies 9, the first check")
        assert "✖ IAM policies   FAIL     6 ec2-manager-*, 1 overly permissive:" in line(app, "IAM policies ")
        assert "● default group  OK       1 ingress rule, none open to everybody" in line(app, "default group ")
        assert "● encryption     OK       ec2-manager-web-prod-123456789012: AES256" in line(app, "encryption ")
        assert "▲ ec2-manager-deploy  overly permissive: allows every action" in top(app)
        assert "asked 03:00:00Z" in top(app)
        assert rows(app)[AUDIT].word == "DUE"  # looking is no tick
        await pilot.press("pagedown")
        await until(pilot, lambda: "the group itself" in top(app))
        assert "ec2-manager-instances-staging; ec2-manager-read" in top(app)
        await pilot.press("pageup")
        assert not changed(account)

        asked = len(account.calls)
        await pilot.press("t")
        await say(app, pilot, "pipeline gets its own policy")
        await until(pilot, lambda: rows(app)[AUDIT].word == "due 23 Dec")
        assert len(account.calls) == asked > before  # what stood on the screen is what is kept
        assert "FAIL" in rows(app)[AUDIT].told
        assert "pipeline gets its own policy" in rows(app)[AUDIT].told
        kept = below(app, AUDIT)
        assert "found then: IAM policies FAIL, IAM counts OK, default group OK, encryption OK; " in kept
        assert "Users 4, Roles 21, Policies 9" in kept

        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        boto(account, "iam").create_role(RoleName="another", AssumeRolePolicyDocument=document)
        manual(account).advance(60)
        await pilot.press("enter")
        await counted(pilot, app, "Users 4, Roles 22 (+1), Policies 9")
        assert "▲ IAM counts     WARN" in line(app, "IAM counts  ")
    async with opened(account) as (pilot, app):  # after a restart
        await to_maintenance(app, pilot)
        await select(app, pilot, AUDIT)
        await pilot.press("enter")
        await counted(pilot, app, "Users 4, Roles 22 (+1), Policies 9, since")


@pytest.mark.runbook("R316", "R259", "R260")
async def test_the_security_checklist_opens_them_read_only_and_names_what_may_not_be_read(
    account: SimulatedAccount,
) -> None:
    account.unencrypted.add("ec2-manager-web-prod-123456789012")
    account.faults.add(Fault("ec2", "DescribeSecurityGroups", FaultKind.DENY, times=None))
    async with opened(account, (120, 40), read_only) as (pilot, app):
        await until(pilot, lambda: app.runbook is not None)
        await pilot.press("6")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and "Operations Runbook" in top(app))
        for _ in range(LISTS):
            await pilot.press("tab")
        await until(pilot, lambda: bool(rows(app)))
        assert "READ-ONLY" in top(app)
        await select(app, pilot, "security-incident-checklist/")
        await pilot.press("b")
        await until(pilot, lambda: MEASURES in rows(app))
        await select(app, pilot, MEASURES)
        await until(pilot, lambda: "enter: the four hardening checks" in top(app))
        await pilot.press("enter")
        await until(pilot, lambda: "? default group  NOT READ not allowed: ec2:DescribeSecurityGroups" in top(app), 30)
        bare = "✖ encryption     FAIL     ec2-manager-web-prod-123456789012: no default encryption"
        assert bare in line(app, "encryption ")
        assert "✖ IAM policies   FAIL     6 ec2-manager-*, 1 overly permissive: ec2-manager-deploy" in top(app)
        assert "ec2-manager-api-logs; ec2-manager-instances-dev;" in top(app)
        await pilot.press("t")
        await say(app, pilot, "bucket rule ordered")
        await until(pilot, lambda: rows(app)[MEASURES].word == "DONE")
        assert rows(app)[MEASURES].told.startswith("FAIL 2026-11-23 03:00 ")
        assert rows(app)[MEASURES].told.endswith(": bucket rule ordered")
        await until(pilot, lambda: "found then: IAM policies FAIL, IAM counts OK, default group NOT READ" in top(app))
        assert not changed(account)


@pytest.mark.runbook("R208")
async def test_a_tick_without_a_look_asks_first_and_one_that_is_old_asks_again(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        await to_maintenance(app, pilot)
        await select(app, pilot, AUDIT)
        await pilot.press("t")
        await say(app, pilot, "first")
        await until(pilot, lambda: "first" in rows(app)[AUDIT].told, 30)
        assert "encryption OK" in below(app, AUDIT)
        account.unencrypted.add("ec2-manager-web-prod-123456789012")
        manual(account).advance(11 * 60)
        await pilot.press("t")
        await say(app, pilot, "second")
        await until(pilot, lambda: "second" in rows(app)[AUDIT].told, 30)
        assert "encryption FAIL" in below(app, AUDIT)
        look = screen(app).remembered(rows(app)[AUDIT])
        assert look is not None
        assert look.at == account.clock.now()


async def test_an_account_that_is_not_reached_is_four_times_not_read(account: SimulatedAccount) -> None:
    for service in ("iam", "ec2", "s3"):
        account.faults.add(Fault(service, "*", FaultKind.DENY, times=None))
    async with opened(account) as (pilot, app):
        await to_maintenance(app, pilot)
        await select(app, pilot, AUDIT)
        await pilot.press("enter")
        await until(pilot, lambda: "NOT READ" in line(app, "IAM counts  "), 30)
        assert sum("NOT READ" in one for one in top(app).split("\n")) == 4
        await pilot.press("t")
        await say(app, pilot, "asked for the rights")
        await until(pilot, lambda: "NOT READ" in rows(app)[AUDIT].told)
