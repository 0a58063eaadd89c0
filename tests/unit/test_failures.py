"""From an exception to a Problem."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from services.aws.failures import classify, iam_action, shown
from services.problems import Problem, ProblemKind


def answered(code: str, status: int = 400, message: str = "no", content_type: str = "application/json") -> ClientError:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {"content-type": content_type}}
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(reply, "X")


def problem_of(error: BaseException, service: str = "dynamodb", operation: str = "DescribeTable") -> Problem:
    return classify(error, service, operation, "us-west-2")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, ProblemKind.DENIED),
        ("AccessDeniedException", 400, ProblemKind.DENIED),
        ("UnauthorizedOperation", 403, ProblemKind.DENIED),
        ("403", 403, ProblemKind.DENIED),
        ("ExpiredToken", 400, ProblemKind.EXPIRED),
        ("ExpiredTokenException", 403, ProblemKind.EXPIRED),
        ("RequestExpired", 400, ProblemKind.EXPIRED),
        ("InvalidClientTokenId", 403, ProblemKind.EXPIRED),
        ("UnrecognizedClientException", 400, ProblemKind.EXPIRED),
        ("Throttling", 400, ProblemKind.THROTTLED),
        ("ThrottlingException", 400, ProblemKind.THROTTLED),
        ("TooManyRequestsException", 429, ProblemKind.THROTTLED),
        ("SlowDown", 503, ProblemKind.THROTTLED),
        ("ResourceNotFoundException", 404, ProblemKind.NOT_FOUND),
        ("NoSuchDistribution", 404, ProblemKind.NOT_FOUND),
        ("NotFoundException", 404, ProblemKind.NOT_FOUND),
        ("404", 404, ProblemKind.NOT_FOUND),
        ("PreconditionFailedException", 412, ProblemKind.REFUSED),
        ("ResourceConflictException", 409, ProblemKind.REFUSED),
        ("InvalidParameterValue", 400, ProblemKind.REFUSED),
        ("UnknownOperationException", 400, ProblemKind.UNSUPPORTED),
        ("InvalidAction", 400, ProblemKind.UNSUPPORTED),
        ("InternalError", 500, ProblemKind.FAILING),
        ("ServiceUnavailable", 503, ProblemKind.FAILING),
        ("302", 302, ProblemKind.GARBLED),
    ],
)
def test_each_code_has_its_kind(code: str, status: int, kind: ProblemKind) -> None:
    problem = problem_of(answered(code, status))
    assert problem.kind is kind
    assert problem.code == code


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.NoCredentialsError(), ProblemKind.NO_CREDENTIALS),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), ProblemKind.NO_CREDENTIALS),
        (exceptions.ProfileNotFound(profile="x"), ProblemKind.NO_CREDENTIALS),
        (exceptions.UnauthorizedSSOTokenError(), ProblemKind.EXPIRED),
        (exceptions.SSOTokenLoadError(error_msg="x"), ProblemKind.EXPIRED),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), ProblemKind.UNREACHABLE),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), ProblemKind.UNREACHABLE),
        (exceptions.SSLError(endpoint_url="https://x", error=OSError("x")), ProblemKind.UNREACHABLE),
        (exceptions.ConnectionClosedError(endpoint_url="https://x"), ProblemKind.UNREACHABLE),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), ProblemKind.TIMEOUT),
        (TimeoutError(), ProblemKind.TIMEOUT),
        (exceptions.ParamValidationError(report="x"), ProblemKind.REFUSED),
        (KeyError("StackName"), ProblemKind.GARBLED),
        (RecursionError(), ProblemKind.GARBLED),
        (RuntimeError("timezone offset for inf"), ProblemKind.GARBLED),
    ],
)
def test_each_exception_has_its_kind(error: Exception, kind: ProblemKind) -> None:
    assert problem_of(error).kind is kind


def test_a_stack_that_does_not_exist_is_not_found_though_its_code_is_validation() -> None:
    error = answered("ValidationError", 400, "Stack with id EC2Manager-prod does not exist")
    assert problem_of(error, "cloudformation", "DescribeStacks").kind is ProblemKind.NOT_FOUND
    assert problem_of(answered("ValidationError", 400, "1 validation error")).kind is ProblemKind.REFUSED


def test_a_web_page_is_not_an_answer_of_aws() -> None:
    assert problem_of(answered("403", 403, content_type="text/html; charset=utf-8")).kind is ProblemKind.GARBLED


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("dynamodb", "DescribeTable", "dynamodb:DescribeTable"),
        ("apigateway", "GetRestApi", "apigateway:GET"),
        ("s3", "HeadBucket", "s3:ListBucket"),
        ("lambda", "UpdateAlias", "lambda:UpdateAlias"),
    ],
)
def test_a_denied_question_names_the_permission_as_iam_spells_it(service: str, operation: str, action: str) -> None:
    problem = problem_of(answered("AccessDenied", 403), service, operation)
    assert iam_action(service, operation) == action
    assert problem.operation == action
    assert action in problem.message
    assert action in problem.remedy


def test_what_aws_says_is_made_safe() -> None:
    assert "\x1b" not in problem_of(answered("ValidationError", 400, "\x1b]0;title\x07 no")).message


@given(st.text(max_size=40), st.integers(0, 999), st.text(max_size=200))
def test_no_answer_is_without_a_kind(code: str, status: int, message: str) -> None:
    problem = problem_of(answered(code, status, message))
    assert isinstance(problem.kind, ProblemKind)
    assert problem.message


def every_problem() -> list[Problem]:
    texts = ("Stack with id X does not exist.", "no", "Slow down ...", "two\nlines.\n")
    codes = ("AccessDenied", "ExpiredToken", "Throttling", "NoSuchBucket", "ValidationError", "InternalError", "Odd")
    found = [problem_of(answered(code, status, text)) for code in codes for status in (400, 503) for text in texts]
    raised: list[BaseException] = [
        exceptions.NoCredentialsError(),
        exceptions.EndpointConnectionError(endpoint_url="x", error="y."),
        exceptions.ReadTimeoutError(endpoint_url="x"),
        exceptions.ParamValidationError(report="Missing required parameter."),
        TimeoutError(),
        KeyError("a."),
    ]
    for error in raised:
        found += [problem_of(error), classify(error, "s3", "HeadBucket", "r", endpoint="http://127.0.0.1:5000")]
    return found


def test_a_message_has_no_full_stop_and_a_remedy_is_a_whole_sentence() -> None:
    for problem in every_problem():
        assert problem.message == problem.message.strip(" .\n"), problem
        assert problem.message
        if problem.remedy:
            assert problem.remedy[0].isupper(), problem
            assert problem.remedy.endswith("."), problem


def test_a_sandbox_that_is_not_there_is_named_by_its_url() -> None:
    refused = exceptions.EndpointConnectionError(endpoint_url="x", error=type("ClientConnectorError", (), {})())
    slow = exceptions.ReadTimeoutError(endpoint_url="x")
    url = "http://127.0.0.1:5000"
    gone = classify(refused, "sts", "GetCallerIdentity", "us-west-2", endpoint=url)
    assert gone.message == "nothing answers at http://127.0.0.1:5000"
    assert "cockpit simulate" in gone.remedy
    assert url in classify(slow, "sts", "GetCallerIdentity", "us-west-2", endpoint=url).message
    aws = classify(refused, "sts", "GetCallerIdentity", "us-west-2")
    assert "sts in us-west-2" in aws.message


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("https://me:secret@host/path", "https://host/path"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_a_name_and_a_password_in_a_url_are_not_shown(url: str, seen: str) -> None:
    assert shown(url) == seen
