"""What `Account.ask` makes of a network that misbehaves."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.aws.endpoint import clock_at, stray_endpoints
from services.aws.session import Account
from services.clock import ManualClock, RealClock
from services.problems import AccountError, Problem, ProblemKind
from services.settings.values import Environment, EnvironmentKind
from tests.contract.fault_server import Answer, FaultServer, drip, fault, flood, http, redirect, reset

UPDATE_ALIAS = {"FunctionName": "f", "Name": "LIVE", "FunctionVersion": "1"}


async def _not_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()


PAGE = http("<html><body>Welcome to the hotel</body></html>", content_type="text/html; charset=utf-8")


def sandbox(url: str) -> Environment:
    return Environment("test", "Stack", "us-west-2", kind=EnvironmentKind.SANDBOX, endpoint_url=url)


async def problem_of(server: FaultServer, *, attempts: int = 1, deadline: float = 5.0, table: bool = True) -> Problem:
    account = Account(sandbox(server.endpoint), RealClock(), attempts=attempts)
    try:
        with pytest.raises(AccountError) as caught:
            if table:
                await account.ask("dynamodb", "DescribeTable", {"TableName": "t"}, deadline=deadline)
            else:
                await account.ask("lambda", "UpdateAlias", UPDATE_ALIAS, deadline=deadline)
    finally:
        await account.close()
    return caught.value.problem


@pytest.mark.parametrize(("attempts", "sends"), [(1, 1), (2, 2)])
async def test_a_put_whose_connection_drops_is_sent_once_per_attempt(attempts: int, sends: int) -> None:
    with FaultServer(reset) as server:
        problem = await problem_of(server, attempts=attempts, deadline=20, table=False)
        assert [line.split()[0] for line in server.requests] == ["PUT"] * sends
    assert problem.kind is ProblemKind.UNREACHABLE
    assert problem.outcome_unknown


async def test_a_body_that_drips_for_ever_is_ended_by_the_deadline() -> None:
    with FaultServer(drip) as server:
        problem = await problem_of(server, deadline=0.6)
    assert problem.kind is ProblemKind.TIMEOUT


async def test_a_reply_beyond_the_limit_is_cut_off() -> None:
    with FaultServer(flood) as server:
        problem = await problem_of(server)
    assert problem.kind is ProblemKind.GARBLED


async def test_a_redirect_is_not_followed() -> None:
    with FaultServer(PAGE) as decoy, FaultServer(redirect(decoy.endpoint)) as server:
        problem = await problem_of(server)
        assert decoy.requests == []
    assert problem.kind is ProblemKind.GARBLED


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (PAGE, ProblemKind.GARBLED),
        (http("<html>no</html>", "403 Forbidden", "text/html"), ProblemKind.GARBLED),
        (http('{"a":' * 20_000 + "1" + "}" * 20_000), ProblemKind.GARBLED),
        (fault("AccessDeniedException", "User is not authorized"), ProblemKind.DENIED),
        (fault("ExpiredTokenException"), ProblemKind.EXPIRED),
        (fault("ThrottlingException", "Rate exceeded"), ProblemKind.THROTTLED),
        (fault("ResourceNotFoundException"), ProblemKind.NOT_FOUND),
        (fault("ValidationException", "1 validation error"), ProblemKind.REFUSED),
        (fault("UnknownOperationException"), ProblemKind.UNSUPPORTED),
        (fault("InternalServerError", "", "500 Internal Server Error"), ProblemKind.FAILING),
        (http("", "503 Service Unavailable"), ProblemKind.FAILING),
    ],
)
async def test_each_answer_has_its_kind_of_problem(answer: Answer, kind: ProblemKind) -> None:
    with FaultServer(answer) as server:
        problem = await problem_of(server)
    assert problem.kind is kind, problem
    assert problem.operation == "dynamodb:DescribeTable"


async def test_a_closed_port_is_unreachable() -> None:
    with FaultServer(reset) as server:
        endpoint = server.endpoint
    account = Account(sandbox(endpoint), RealClock(), attempts=1)
    with pytest.raises(AccountError) as caught:
        await account.ask("dynamodb", "DescribeTable", {"TableName": "t"})
    await account.close()
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE
    assert caught.value.problem.message == f"nothing answers at {endpoint}"


@pytest.mark.parametrize(
    ("answer", "speed"),
    [
        (http('{"now": "2026-11-23T03:00:00+00:00", "speed": 12.0}'), 12.0),
        (http("{}", "404 Not Found"), 1.0),
        (http("<html></html>"), 1.0),
        (http('{"now": "2026-11-23T03:00:00", "speed": 12.0}'), 1.0),
        (http('{"now": "2026-11-23T03:00:00+00:00", "speed": -1}'), 1.0),
    ],
    ids=["its own", "not found", "a page", "no offset", "backwards"],
)
def test_an_endpoint_that_answers_tells_its_time_or_runs_on_real_time(answer: Answer, speed: float) -> None:
    with FaultServer(answer) as server:
        assert clock_at(sandbox(server.endpoint)).speed == speed


def test_the_time_of_an_endpoint_that_does_not_answer_is_not_guessed() -> None:
    with FaultServer(reset) as server:
        endpoint = server.endpoint
        with pytest.raises(AccountError):
            clock_at(sandbox(endpoint))
    with pytest.raises(AccountError) as caught:
        clock_at(sandbox(endpoint))
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE
    assert caught.value.problem.message == f"nothing answers at {endpoint}"
    assert caught.value.problem.remedy.endswith(".")


def test_what_does_not_speak_http_and_what_is_no_address_is_said_so() -> None:
    with FaultServer(_not_http) as server, pytest.raises(AccountError, match="does not speak HTTP"):
        clock_at(sandbox(server.endpoint))
    with pytest.raises(AccountError, match="no address"):
        clock_at(sandbox("ftp://127.0.0.1"))


async def test_an_operation_that_the_trimmed_models_lack_is_asked_with_the_full_one() -> None:
    with FaultServer(http('{"Functions": [{"FunctionName": "f"}], "QueueUrls": ["q"]}')) as server:
        account = Account(sandbox(server.endpoint), RealClock(), attempts=1)
        reply = await account.ask("lambda", "ListFunctions")
        assert reply["Functions"] == [{"FunctionName": "f"}]
        assert (await account.ask("sqs", "ListQueues"))["QueueUrls"] == ["q"]
        with pytest.raises(AccountError) as caught:
            await account.ask("lambda", "MakeCoffee")
        await account.close()
    assert caught.value.problem.kind is ProblemKind.UNSUPPORTED


async def test_the_process_environment_redirects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ok = http('{"Table": {"TableName": "t"}}')
    with FaultServer(ok) as server, FaultServer(PAGE) as decoy:
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, decoy.endpoint)
        monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-one")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        account = Account(sandbox(server.endpoint), RealClock(), attempts=1)
        reply = await account.ask("dynamodb", "DescribeTable", {"TableName": "t"})
        await account.close()
        assert reply["Table"] == {"TableName": "t"}
        assert len(server.requests) == 1
        assert decoy.requests == []


async def test_a_real_environment_ignores_a_stray_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(PAGE) as decoy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", decoy.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
        account = Account(Environment("real", "Stack", "us-west-2"), RealClock(), attempts=1)
        client = await (await account._connections.current(account.clock)).get("dynamodb", "DescribeTable", "us-west-2")
        assert client.meta.endpoint_url == "https://dynamodb.us-west-2.amazonaws.com"
        await account.close()
        assert decoy.requests == []


async def test_without_credentials_the_problem_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    account = Account(Environment("real", "Stack", "us-west-2"), RealClock(), attempts=1)
    with pytest.raises(AccountError) as caught:
        await account.ask("sts", "GetCallerIdentity")
    await account.close()
    assert caught.value.problem.kind is ProblemKind.NO_CREDENTIALS
    assert "AWS_PROFILE" in caught.value.problem.remedy


async def test_an_unknown_operation_is_unsupported_and_never_sent() -> None:
    with FaultServer(reset) as server:
        account = Account(sandbox(server.endpoint), RealClock())
        with pytest.raises(AccountError) as caught:
            await account.ask("lambda", "MakeCoffee")
        await account.close()
        assert server.requests == []
    assert caught.value.problem.kind is ProblemKind.UNSUPPORTED


@pytest.mark.parametrize("module", ["services.watch", "services.aws.session", "services.discovery"])
def test_nothing_slow_is_imported_before_the_first_question(module: str) -> None:
    code = f"import sys, {module}; sys.exit(any(x in sys.modules for x in ('botocore', 'aiohttp', 'aiobotocore')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_renewed_credentials_are_picked_up_without_a_restart() -> None:
    clock = ManualClock(datetime(2025, 9, 14, tzinfo=UTC))
    with FaultServer(fault("ExpiredTokenException")) as server:
        account = Account(sandbox(server.endpoint), clock, attempts=1)
        sessions = [await account._connections.current(account.clock)]
        for _ in range(3):
            with pytest.raises(AccountError):
                await account.ask("dynamodb", "DescribeTable", {"TableName": "t"})
            sessions.append(await account._connections.current(account.clock))
        assert sessions[1] is not sessions[0], "the first failure is answered by a look at once"
        assert sessions[2] is sessions[3] is sessions[1], "but not every one"
        clock.advance(30)
        server.answer = http('{"Table": {"TableName": "t"}}')
        assert await account.ask("dynamodb", "DescribeTable", {"TableName": "t"})
        renewed = await account._connections.current(account.clock)
        assert renewed is not sessions[1]
        clock.advance(30)
        assert await account._connections.current(account.clock) is renewed
        await account.close()


async def test_a_profile_that_asks_for_a_code_is_refused_instead_of_prompting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile base]\naws_access_key_id = x\naws_secret_access_key = y\n"
        "[profile careful]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/me\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("it prompted"))
    account = Account(Environment("real", "Stack", "us-west-2", profile="careful"), RealClock(), attempts=1)
    with pytest.raises(AccountError) as caught:
        await account.ask("sts", "GetCallerIdentity")
    await account.close()
    assert caught.value.problem.kind is ProblemKind.NO_CREDENTIALS
    assert "careful" in caught.value.problem.message


@pytest.mark.parametrize("names", [(), ("AWS_ENDPOINT_URL",), ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")])
def test_stray_endpoints_are_reported_by_name(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for known in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        monkeypatch.delenv(known)
    for name in names:
        monkeypatch.setenv(name, "http://decoy.invalid")
    assert stray_endpoints() == names


async def test_where_there_are_no_credentials_they_are_looked_for_once_and_not_by_every_feed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from aiobotocore.session import AioSession

    looks = 0

    async def nowhere(self: AioSession) -> None:
        nonlocal looks
        looks += 1

    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(AioSession, "get_credentials", nowhere)
    account = Account(Environment("real", "Stack", "us-west-2"), RealClock(), attempts=1)
    services = ("sts", "lambda", "dynamodb", "cloudwatch", "s3", "logs")
    asked = (account.ask(service, "Anything") for service in services)
    failed = await asyncio.gather(*asked, return_exceptions=True)
    await account.close()
    kinds = [error.problem.kind for error in failed if isinstance(error, AccountError)]
    assert kinds == [ProblemKind.NO_CREDENTIALS] * len(services)
    assert looks <= 2
