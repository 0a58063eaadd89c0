"""From an exception to a Problem: whose fault it is and what to do next.

Codes are those of botocore's service models and of the facts (aws.md 6.5, reliability tables A to C). Classified by
the exception's class name where it is botocore's, so that nothing here needs botocore to be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.problems import Problem, ProblemKind
from services.safe_text import safe

# IAM spells some operations differently from the API.
_IAM = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "lambda:Invoke": "lambda:InvokeFunction",
}

_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "TokenRefreshRequired",
}
_SKEWED = {"RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature"}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "ForbiddenException",
    "NotAuthorized",
    "NotAuthorizedException",
    "UnauthorizedException",
    "UnauthorizedOperation",
}
_THROTTLED = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
}
_UNSUPPORTED = {
    "InvalidAction",
    "NotImplemented",
    "UnknownOperation",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}

_BY_CLASS: dict[str, tuple[ProblemKind, str]] = {
    "NoCredentialsError": (ProblemKind.NO_CREDENTIALS, "there are no AWS credentials to use"),
    "PartialCredentialsError": (ProblemKind.NO_CREDENTIALS, "the AWS credentials are incomplete"),
    "CredentialRetrievalError": (ProblemKind.NO_CREDENTIALS, "the AWS credentials could not be fetched"),
    "ProfileNotFound": (ProblemKind.NO_CREDENTIALS, "there is no such AWS profile"),
    "ConfigParseError": (ProblemKind.NO_CREDENTIALS, "the AWS configuration file cannot be read"),
    "ConfigNotFound": (ProblemKind.NO_CREDENTIALS, "the AWS configuration file is not there"),
    "NoAuthTokenError": (ProblemKind.NO_CREDENTIALS, "there is no AWS token"),
    "SSOTokenLoadError": (ProblemKind.EXPIRED, "the SSO session has ended"),
    "UnauthorizedSSOTokenError": (ProblemKind.EXPIRED, "the SSO session has ended"),
    "TokenRetrievalError": (ProblemKind.EXPIRED, "the SSO token could not be renewed"),
    "LoginRefreshRequired": (ProblemKind.EXPIRED, "the login session has ended"),
    "LoginTokenLoadError": (ProblemKind.EXPIRED, "the login session has ended"),
    "EndpointConnectionError": (ProblemKind.UNREACHABLE, "could not be reached or closed the connection"),
    "ConnectTimeoutError": (ProblemKind.UNREACHABLE, "did not take the connection in time"),
    "ProxyConnectionError": (ProblemKind.UNREACHABLE, "could not be reached through the proxy"),
    "SSLError": (ProblemKind.UNREACHABLE, "did not prove who it is (TLS)"),
    "ConnectionClosedError": (ProblemKind.UNREACHABLE, "closed the connection before it had answered"),
    "ReadTimeoutError": (ProblemKind.TIMEOUT, "did not answer in time"),
    "TimeoutError": (ProblemKind.TIMEOUT, "did not answer in time"),
    "ParamValidationError": (ProblemKind.REFUSED, "the question is not well formed"),
    "UnknownServiceError": (ProblemKind.UNSUPPORTED, "is not known to this client"),
    "OperationNotFoundError": (ProblemKind.UNSUPPORTED, "is not known to this client"),
    "ReplyTooLarge": (ProblemKind.GARBLED, "sent more than a reply can hold"),
}


def iam_action(service: str, operation: str) -> str:
    """`service:Operation` as IAM spells it; API Gateway's control plane is one verb per HTTP method."""
    if service == "apigateway":
        verb = operation[:3]
        return "apigateway:GET" if verb == "Get" else f"apigateway:{operation}"
    spelled = f"{service}:{operation}"
    return _IAM.get(spelled, spelled)


def classify(
    error: BaseException, service: str, operation: str, region: str, at: datetime | None = None, endpoint: str = ""
) -> Problem:
    """What `error`, raised by one question, means. Total: an exception nobody thought of is GARBLED, by name.

    `endpoint`: where the question went when that was not AWS; what says that nobody is there names it.
    """
    response = getattr(error, "response", None)
    if isinstance(response, Mapping) and "Error" in response:
        return _answered(response, service, operation, region, at)
    kind, what = ProblemKind.GARBLED, f"answered what could not be understood ({type(error).__name__})"
    for ancestor in type(error).__mro__:
        if ancestor.__name__ in _BY_CLASS:
            kind, what = _BY_CLASS[ancestor.__name__]
            break
    if kind in (ProblemKind.NO_CREDENTIALS, ProblemKind.EXPIRED):
        message = f"{what}: {error}" if kind is ProblemKind.NO_CREDENTIALS else what
    elif kind is ProblemKind.REFUSED:
        message = f"{service} {operation}: {what}: {error}"
    elif endpoint:
        return _at_endpoint(error, kind, what, service, operation, at, endpoint)
    else:
        message = f"{service} in {region} {what} ({operation})"
    return _problem(kind, message, service, operation, "", at)


def _at_endpoint(
    error: BaseException, kind: ProblemKind, what: str, service: str, operation: str, at: datetime | None, endpoint: str
) -> Problem:
    """A sandbox's endpoint that is not there is one thing that is wrong, and no matter of service and region."""
    below = getattr(error, "kwargs", {}).get("error")
    if type(error).__name__ == "EndpointConnectionError" and "Connector" in type(below).__name__:
        message = f"nothing answers at {endpoint}"
    else:
        message = f"{service} at {endpoint} {what} ({operation})"
    found = _problem(kind, message, service, operation, "", at)
    return msgspec.structs.replace(found, remedy=START_IT) if kind is ProblemKind.UNREACHABLE else found


def shown(url: str) -> str:
    """An endpoint's URL as it may be shown: without a name and password in it."""
    scheme, found, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{found}{authority.rpartition('@')[2]}{slash}{path}"


def not_aws(service: str, operation: str, region: str, at: datetime | None = None) -> Problem:
    """The answer was a web page: a captive portal or a proxy speaks for AWS (reliability 0.8)."""
    message = f"{service} in {region}: a web page answered instead of AWS ({operation})"
    return _problem(ProblemKind.GARBLED, message, service, operation, "", at)


def _answered(response: Mapping[str, Any], service: str, operation: str, region: str, at: datetime | None) -> Problem:
    fault = response.get("Error") or {}
    code = str(fault.get("Code") or "")
    metadata = response.get("ResponseMetadata") or {}
    status = int(metadata.get("HTTPStatusCode") or 0)
    page = str((metadata.get("HTTPHeaders") or {}).get("content-type", "")).startswith("text/html")
    text = str(fault.get("Message") or code or f"HTTP {status}")
    if page and status < 500:
        return not_aws(service, operation, region, at)
    kind = _kind(code, status, text)
    message = f"{service} {operation} in {region}: {text}"
    if kind is ProblemKind.DENIED:
        message = f"not allowed: {iam_action(service, operation)} in {region}"
    elif kind is ProblemKind.EXPIRED:
        message = f"the session's credentials are no longer valid ({code})"
    elif kind is ProblemKind.FAILING:
        message = f"{service} in {region} fails by itself: {operation} answered {status or code}"
    elif kind is ProblemKind.THROTTLED:
        message = f"{service} in {region} asks for patience: {operation} was throttled"
    return _problem(kind, message, service, operation, code, at)


def _kind(code: str, status: int, text: str) -> ProblemKind:
    if code in _EXPIRED:
        return ProblemKind.EXPIRED
    if code in _THROTTLED or status == 429:
        return ProblemKind.THROTTLED
    if code in _DENIED or code == "403":
        return ProblemKind.DENIED
    if code in _UNSUPPORTED or status == 501:
        return ProblemKind.UNSUPPORTED
    if "NotFound" in code or code.startswith("NoSuch") or code == "404":
        return ProblemKind.NOT_FOUND
    if code == "ValidationError" and "does not exist" in text:
        # CloudFormation has no code of its own for a stack that is not there.
        return ProblemKind.NOT_FOUND
    if status >= 500:
        return ProblemKind.FAILING
    if 300 <= status < 400:
        return ProblemKind.GARBLED
    return ProblemKind.REFUSED


def _problem(kind: ProblemKind, message: str, service: str, operation: str, code: str, at: datetime | None) -> Problem:
    action = iam_action(service, operation)
    remedy = REMEDIES.get(kind, "").format(action=action)
    if code in _SKEWED:
        remedy = "Check this machine's clock and the secret key."
    # Sentences are joined with ". ": AWS's own have a full stop already.
    return Problem(
        kind, safe(message.rstrip(" .\r\n"), 600), operation=action, code=safe(code, 120), remedy=remedy, at=at
    )


START_IT = "Start it (cockpit simulate), or correct endpoint_url or --endpoint-url."
"""For a sandbox whose endpoint is silent."""

REMEDIES = {
    ProblemKind.DENIED: "Ask for {action} to be granted to this role.",
    ProblemKind.EXPIRED: "Renew the session (for SSO: aws sso login); it is picked up by itself.",
    ProblemKind.NO_CREDENTIALS: "Set AWS_PROFILE, or profile in the environment's settings, or log in.",
    ProblemKind.UNREACHABLE: "Check the network and the region; it is tried again by itself.",
    ProblemKind.GARBLED: "Check for a proxy or a login page between here and AWS.",
    ProblemKind.UNSUPPORTED: "Use an endpoint that has this operation.",
}
