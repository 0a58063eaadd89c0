"""Every protocol an AWS client may speak is understood and answered in kind; nothing ever leaves as HTML."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated import cbor
from services.simulated.account import SimulatedAccount
from tests.simulated_support import boto, simulated


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


def ask(
    account: SimulatedAccount, service: str, path: str, body: bytes, headers: dict[str, str], method: str = "POST"
) -> tuple[int, dict[str, str], bytes]:
    """One request by hand, signed as far as the account looks: by its credential scope."""
    scope = f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-west-2/{service}/aws4_request"
    connection = http.client.HTTPConnection(account.endpoint.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body, {"Authorization": f"{scope}, SignedHeaders=host, Signature=0"} | headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


QUERY = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def test_cloudwatch_answers_cbor_json_and_query_alike(account: SimulatedAccount) -> None:
    arguments = {"Namespace": "AWS/Lambda", "MetricName": "Invocations"}
    rpc = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor", "Accept": "application/cbor"}
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    status, headers, body = ask(account, "monitoring", path, cbor.encode(arguments), rpc)
    assert (status, headers["content-type"], headers["smithy-protocol"]) == (200, "application/cbor", "rpc-v2-cbor")
    by_cbor = cbor.decode(body)["Metrics"]
    target = {
        "X-Amz-Target": "GraniteServiceVersion20100801.ListMetrics",
        "Content-Type": "application/x-amz-json-1.0",
    }
    status, headers, body = ask(account, "monitoring", "/", json.dumps(arguments).encode(), target)
    assert (status, headers["content-type"]) == (200, "application/x-amz-json-1.0")
    by_json = json.loads(body)["Metrics"]
    form = b"Action=ListMetrics&Version=2010-08-01&Namespace=AWS%2FLambda&MetricName=Invocations"
    status, headers, body = ask(account, "monitoring", "/", form, QUERY)
    assert status == 200
    assert headers["content-type"].startswith("text/xml")
    assert by_cbor == by_json
    assert body.count(b"<MetricName>Invocations</MetricName>") == len(by_cbor) > 0


def test_botocores_own_cbor_client_is_understood(account: SimulatedAccount) -> None:
    from botocore.parsers import RpcV2CBORParser
    from botocore.serialize import RpcV2CBORSerializer
    from botocore.session import Session

    model = Session().get_service_model("cloudwatch")
    operation = model.operation_model("ListMetrics")
    request: Any = RpcV2CBORSerializer().serialize_to_request(
        {"Namespace": "AWS/Lambda", "MetricName": "Errors"}, operation
    )
    status, headers, body = ask(account, "monitoring", request["url_path"], request["body"], request["headers"])
    answer = {"status_code": status, "headers": headers, "body": body}
    assert operation.output_shape is not None
    listed = RpcV2CBORParser().parse(answer, operation.output_shape)
    assert {metric["MetricName"] for metric in listed["Metrics"]} == {"Errors"}
    by_boto3 = boto(account, "cloudwatch").list_metrics(Namespace="AWS/Lambda", MetricName="Errors")
    assert by_boto3["Metrics"] == listed["Metrics"]


@pytest.mark.parametrize(
    ("service", "region", "operation", "arguments", "code"),
    [
        ("cloudformation", "us-west-2", "describe_stacks", {"StackName": "none"}, "ValidationError"),
        ("lambda", "us-west-2", "get_alias", {"FunctionName": "none", "Name": "LIVE"}, "ResourceNotFoundException"),
        ("apigateway", "us-west-2", "get_rest_api", {"restApiId": "none"}, "NotFoundException"),
        ("cloudfront", "us-east-1", "get_distribution", {"Id": "NONE"}, "NoSuchDistribution"),
        ("logs", "us-west-2", "filter_log_events", {"logGroupName": "none"}, "ResourceNotFoundException"),
        ("dynamodb", "us-west-2", "describe_table", {"TableName": "none"}, "ResourceNotFoundException"),
        ("s3", "us-west-2", "get_object", {"Bucket": "none-there-is", "Key": "k"}, "NoSuchBucket"),
        ("cognito-idp", "us-west-2", "describe_user_pool", {"UserPoolId": "us-west-2_n"}, "ResourceNotFoundException"),
        ("cloudtrail", "us-west-2", "get_trail_status", {"Name": "none"}, "TrailNotFoundException"),
    ],
)
def test_what_is_not_there_is_named_by_the_services_own_error(
    account: SimulatedAccount, service: str, region: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(boto(account, service, region), operation)(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("cloudformation", "create_stack", {"StackName": "other", "TemplateBody": "{}"}),
        ("cloudwatch", "list_managed_insight_rules", {"ResourceARN": "arn:aws:x"}),
        ("logs", "describe_deliveries", {}),
        ("lambda", "list_layers", {}),
        ("apigateway", "get_api_keys", {}),
        ("cloudfront", "list_functions", {}),
        ("cognito-idp", "admin_list_user_auth_events", {"UserPoolId": "p_1", "Username": "u"}),
        ("health", "describe_events", {}),
        ("devicefarm", "list_projects", {}),
    ],
)
def test_what_nothing_serves_is_refused_as_iam_refuses(
    account: SimulatedAccount, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    client = boto(account, service)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**arguments)
    assert caught.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert "is not authorized to perform" in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "path", "body", "headers"),
    [
        ("logs", "/", b"{}", {"X-Amz-Target": "Logs_20140328.Nonsense", "Content-Type": "application/x-amz-json-1.1"}),
        ("cloudformation", "/", b"Action=Nonsense&Version=2010-05-15", QUERY),
        ("lambda", "/2015-03-31/nonsense", b"", {}),
        ("cloudfront", "/2020-05-31/nonsense", b"", {}),
        (
            "monitoring",
            "/service/GraniteServiceVersion20100801/operation/Nonsense",
            b"",
            {"smithy-protocol": "rpc-v2-cbor"},
        ),
        ("nonsense", "/", b"", {}),
        ("../../etc", "/", b"", {}),
    ],
)
def test_an_operation_that_does_not_exist_is_an_error_of_the_protocol(
    account: SimulatedAccount, service: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    status, answered, content = ask(account, service, path, body, headers)
    assert 400 <= status < 500
    assert "html" not in answered.get("content-type", "")
    assert b"<html" not in content.lower()


@pytest.mark.parametrize(
    ("service", "path", "body", "headers"),
    [
        ("logs", "/", b"{", {"X-Amz-Target": "Logs_20140328.FilterLogEvents"}),
        ("logs", "/", b"[" * 5000, {"X-Amz-Target": "Logs_20140328.FilterLogEvents"}),
        ("logs", "/", b'{"limit": "many"}', {"X-Amz-Target": "Logs_20140328.FilterLogEvents"}),
        ("monitoring", "/service/G/operation/GetMetricData", b"\xff", {"smithy-protocol": "rpc-v2-cbor"}),
        ("lambda", "/2015-03-31/functions/f/aliases/LIVE", b"{", {}),
        ("cloudfront", "/2020-05-31/distribution/E/invalidation", b"<Paths", {"Content-Type": "application/xml"}),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_not_crashed_on(
    account: SimulatedAccount, service: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    method = "PUT" if "aliases" in path else "POST"
    status, answered, content = ask(account, service, path, body, headers, method)
    assert status == 400, content
    assert "html" not in answered["content-type"]


def test_an_unsigned_request_is_an_anonymous_one(account: SimulatedAccount) -> None:
    connection = http.client.HTTPConnection(account.endpoint.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/some-bucket/some-key")
        answer = connection.getresponse()
        assert (answer.status, b"<Code>AccessDenied</Code>" in answer.read()) == (403, True)
        connection.request("GET", "/")
        assert json.loads(connection.getresponse().read())["simulated"] is True
    finally:
        connection.close()


async def test_aiobotocore_reads_every_service_the_cockpit_asks(account: SimulatedAccount) -> None:
    from aiobotocore.config import AioConfig
    from aiobotocore.session import AioSession

    environment = account.state.estate.environment("production")
    questions: list[tuple[str, str, dict[str, Any], str]] = [
        ("sts", "get_caller_identity", {}, "Account"),
        ("cloudformation", "describe_stacks", {"StackName": environment.stack_name}, "Stacks"),
        ("lambda", "get_alias", {"FunctionName": environment.function, "Name": "LIVE"}, "RevisionId"),
        ("apigateway", "get_resources", {"restApiId": environment.api_id, "embed": ["methods"]}, "items"),
        ("cloudfront", "get_distribution", {"Id": environment.distribution}, "Distribution"),
        ("dynamodb", "describe_table", {"TableName": environment.table}, "Table"),
        ("s3", "get_bucket_versioning", {"Bucket": environment.bucket}, "Status"),
        ("cognito-idp", "describe_user_pool", {"UserPoolId": environment.user_pool}, "UserPool"),
        ("cloudwatch", "list_metrics", {"Namespace": "AWS/Lambda"}, "Metrics"),
        ("logs", "describe_log_groups", {}, "logGroups"),
        ("cloudtrail", "lookup_events", {}, "Events"),
    ]
    session = AioSession()
    for service, operation, arguments, member in questions:
        async with session.create_client(
            service,
            region_name="us-west-2",
            endpoint_url=account.endpoint,
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="example-secret",
            config=AioConfig(retries={"total_max_attempts": 1}, inject_host_prefix=False),
        ) as client:
            answer = await getattr(client, operation)(**arguments)
            assert answer[member], (service, operation)


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not installed")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sts", "get-caller-identity", "--query", "Account"], "123456789012"),
        (["cloudformation", "describe-stacks", "--stack-name", "EC2Manager-staging", "--query",
          "Stacks[0].StackStatus"], "UPDATE_COMPLETE"),
        (["lambda", "get-alias", "--function-name", "ec2-manager-function-prod", "--name", "LIVE", "--query",
          "FunctionVersion"], "41"),
        (["cloudformation", "describe-stacks", "--stack-name", "none"], "does not exist"),
    ],
)  # fmt: skip
def test_the_aws_cli_gets_answers(account: SimulatedAccount, arguments: list[str], expected: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = clean | {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example-secret"}
    done = subprocess.run(
        ["aws", "--endpoint-url", account.endpoint, "--region", "us-west-2", "--output", "text", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment | {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
    )
    assert expected in done.stdout + done.stderr


def test_every_call_is_recorded_with_what_was_asked(account: SimulatedAccount) -> None:
    boto(account, "lambda").list_aliases(FunctionName="ec2-manager-function-dev")
    call = account.calls[-1]
    assert (call.service, call.operation, call.region, call.status) == ("lambda", "ListAliases", "us-west-2", 200)
    assert call.parameters == {"FunctionName": "ec2-manager-function-dev"}
    with pytest.raises(ClientError):
        boto(account, "cloudfront", "us-east-1").get_distribution(Id="NONE")
    call = account.calls[-1]
    assert (call.operation, call.status, call.error) == ("GetDistribution", 404, "NoSuchDistribution")


def test_a_connection_is_kept_for_the_next_request_whatever_the_last_one_was(account: SimulatedAccount) -> None:
    connection = http.client.HTTPConnection(account.endpoint.removeprefix("http://"), timeout=10)
    connection.connect()
    socket = connection.sock

    def asked(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()

    try:
        assert asked("GET", "/")[0] == 200
        assert asked("HEAD", "/") == (200, b""), "a head has no body, whatever its length says"
        assert asked("POST", "/some-bucket/some-key", b"GET / HTTP/1.1\r\n\r\n" * 100_000)[0] == 403
        assert asked("GET", "/some-bucket")[0] == 403
        assert asked("GET", "/")[0] == 200
        assert connection.sock is socket, "nothing was opened anew"
    finally:
        connection.close()


def test_a_caller_that_wants_the_connection_closed_reads_to_its_end(account: SimulatedAccount) -> None:
    import socket

    host, _, port = account.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain, plain.makefile("rb") as answer:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Connection: close" in head
    assert json.loads(body)["simulated"] is True
