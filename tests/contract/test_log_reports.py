"""What the runbook's searches come to, found on the simulated account by their own patterns."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from services.aws.session import Account
from services.log_patterns.checking import check
from services.log_reports import invocations, security
from services.model.log_search import LogAnswer, LogAsk
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.watch.log_search import search
from tests.contract.test_log_search import _Quick
from tests.simulated_support import START, simulated

NOW = int(START.timestamp() * 1000)
HOUR = 3_600_000


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as simulation:
        yield simulation


async def asked(account: SimulatedAccount, name: str, pattern: str) -> LogAnswer:
    assert check(pattern) is None
    door = Account(at_endpoint(find(load(), "prod"), account.endpoint), _Quick(account), attempts=1)
    try:
        return await search(door, LogAsk(((name, "x"),), NOW - HOUR, NOW, pattern, most=10**6))
    finally:
        await door.close()


def plant(account: SimulatedAccount, name: str, messages: list[str], minutes: float = 30) -> None:
    at = NOW - round(minutes * 60_000)
    account.state.logs.plant(name, [("s", at + n, at + n + 500, text) for n, text in enumerate(messages)])


@pytest.mark.runbook("R241")
async def test_report_lines_are_told_as_memory_duration_and_cold_starts(account: SimulatedAccount) -> None:
    text = "REPORT RequestId: r-{n}\tDuration: {n}.50 ms\tBilled Duration: {billed} ms\tMemory Size: 512 MB\t"
    lines = [
        text.format(n=n, billed=n + 1)
        + f"Max Memory Used: {100 + n} MB\t"
        + ("Init Duration: 250.25 ms\t\n" if n == 7 else "\n")
        for n in range(100)
    ]
    plant(account, "/report/lambda", [*lines, "START RequestId: r-1", "[INFO] REPORT of the day"])
    plant(account, "/report/lambda", [text.format(n=9, billed=9) + "Max Memory Used: 500 MB"], minutes=61)
    answer = await asked(account, "/report/lambda", invocations.PATTERN)
    found = invocations.invocations(answer.lines)
    assert (found.count, found.memory_mb, found.most_used_mb, found.median_used_mb) == (100, 512, 199, 149.5)
    assert (found.billed_ms, found.longest_ms) == (sum(range(1, 101)), 99.5)
    assert (found.cold_starts, found.longest_init_ms) == (1, 250.25)
    metrics = {"durationMs": 8.5, "billedDurationMs": 9, "memorySizeMB": 256, "maxMemoryUsedMB": 77}
    plant(account, "/report/json", [_json({"type": "platform.report", "record": {"metrics": metrics}})])
    answer = await asked(account, "/report/json", invocations.JSON_PATTERN)
    assert invocations.invocations(answer.lines).most_used_mb == 77


@pytest.mark.runbook("R245")
async def test_calls_that_cloudtrail_recorded_with_an_error_are_listed(account: SimulatedAccount) -> None:
    who = {"arn": "arn:aws:sts::123456789012:assumed-role/x/alice"}
    event = {"eventName": "DeleteTable", "userIdentity": who, "sourceIPAddress": "192.0.2.9"}
    plant(account, "/report/trail", [_json(event | {"errorCode": "AccessDenied"}), _json(event), "no event at all"])
    plant(account, "/report/trail", [_json(event | {"errorCode": "TooOld"})], minutes=61)
    answer = await asked(account, "/report/trail", security.TRAIL_PATTERN)
    (found,) = security.trail_errors(answer.lines)
    assert (found.event, found.error, found.address) == ("DeleteTable", "AccessDenied", "192.0.2.9")
    assert found.who.endswith("/alice")
    assert found.at == NOW - HOUR // 2


@pytest.mark.runbook("R246")
async def test_failed_sign_ins_are_counted_by_user_and_address_and_a_missing_group_is_no_zero(
    account: SimulatedAccount,
) -> None:
    def attempt(user: str, address: str, response: str) -> str:
        message = {"eventType": "SignIn", "userName": user, "ipAddress": address, "eventResponse": response}
        return _json({"eventSource": "USER_ACTIVITY", "message": message})

    made = [attempt("bob", "192.0.2.1", "Fail")] * 3 + [attempt("eve", "192.0.2.2", "FAILED")]
    plant(account, "/report/pool", [*made, attempt("bob", "192.0.2.1", "Pass")])
    answer = await asked(account, "/report/pool", security.SIGN_IN_PATTERN)
    found = security.sign_ins(answer.lines)
    assert (found.failed, found.unparsed) == (4, 0)
    assert found.users == (("bob", 3), ("eve", 1))
    assert found.addresses == (("192.0.2.1", 3), ("192.0.2.2", 1))
    missing = await asked(account, "/aws/cognito/none", security.SIGN_IN_PATTERN)
    assert missing.gaps, "failures cannot be observed there: that is not the same as none"


@pytest.mark.runbook("R247")
async def test_requests_without_a_right_are_listed_by_address_apart_from_other_4xx(account: SimulatedAccount) -> None:
    access = [(401, "192.0.2.1"), (403, "192.0.2.1"), (403, "192.0.2.2"), (404, "192.0.2.3"), (200, "192.0.2.4")]
    plant(account, "/report/access", [_json({"status": status, "ip": ip}) for status, ip in access])
    answer = await asked(account, "/report/access", security.ACCESS_PATTERN)
    found = security.refusals(answer.lines)
    assert found.refused == (("192.0.2.1", 2), ("192.0.2.2", 1))
    assert found.others == (("192.0.2.3", 1),)
    plant(account, "/report/access", ["192.0.2.5 - - GET /x 403", '{"status":'])
    answer = await asked(account, "/report/access", "")
    assert security.refusals(answer.lines).unparsed == 2


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
