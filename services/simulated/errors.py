"""AWS's errors, written in the protocol the caller speaks (aws.md 2.1, 6.5; Smithy's protocol pages)."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from services.simulated import cbor
from services.simulated.protocol import AwsError, StreamItems


class Answer:
    """An HTTP answer before it is sent."""

    __slots__ = ("body", "headers", "status", "stream")

    def __init__(self, status: int, headers: dict[str, str], body: bytes, stream: StreamItems | None = None) -> None:
        """`stream`: events that follow `body`, for as long as they come."""
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream


def error_answer(error: AwsError, protocol: str, service: str, model: Any | None, request_id: str) -> Answer:
    """`error` for a caller of `service` that speaks `protocol`."""
    if protocol == "smithy-rpc-v2-cbor":
        return _rpc_error(error, model, request_id, binary=True)
    if protocol == "json":
        return _rpc_error(error, model, request_id, binary=False)
    if protocol == "rest-json":
        return _rest_json_error(error, request_id)
    return _xml_error(error, service, model, request_id)


def denied(caller_arn: str, service: str, operation: str, protocol: str, reason: str = "") -> AwsError:
    """What IAM says to a caller that may not; the action is named as IAM names it."""
    action = f"{_IAM_PREFIX.get(service, service)}:{_iam_action(operation)}"
    because = reason or "because no identity-based policy allows the action"
    if protocol == "ec2":
        text = f"You are not authorized to perform this operation. User: {caller_arn} is not authorized to perform: "
        return AwsError("UnauthorizedOperation", f"{text}{action} {because}", 403)
    code = "AccessDenied" if protocol in ("query", "rest-xml") else "AccessDeniedException"
    return AwsError(code, f"User: {caller_arn} is not authorized to perform: {action} {because}", 403)


def throttled(service: str, protocol: str) -> AwsError:
    """The throttling error of each kind of API."""
    if service == "apigateway":
        return AwsError("TooManyRequestsException", "Too Many Requests", 429)
    if service == "lambda":
        return AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {"Reason": "CallerRateLimitExceeded"})
    if service == "s3":
        return AwsError("SlowDown", "Please reduce your request rate.", 503)
    if protocol == "ec2":
        return AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
    code = "Throttling" if protocol in ("query", "rest-xml", "smithy-rpc-v2-cbor") else "ThrottlingException"
    return AwsError(code, "Rate exceeded")


def expired(service: str, protocol: str) -> AwsError:
    """A session token that has run out."""
    if protocol == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    code = "ExpiredToken" if protocol in ("query", "rest-xml") else "ExpiredTokenException"
    status = 400 if service == "s3" or protocol in ("json", "smithy-rpc-v2-cbor") else 403
    return AwsError(code, "The security token included in the request is expired", status)


_IAM_PREFIX = {"cognito-idp": "cognito-idp", "s3": "s3", "apigateway": "apigateway"}
_IAM_NAMES = {"GetBucketEncryption": "GetEncryptionConfiguration"}


def _iam_action(operation: str) -> str:
    # Some operations carry their API version in their own name (UpdateAlias20150331); IAM's action does not.
    name = operation.rstrip("0123456789") or operation
    return _IAM_NAMES.get(name, name)


def _error_shape(error: AwsError, model: Any | None) -> Any | None:
    if model is None:
        return None
    for shape in model.error_shapes:
        if error.code in (shape.name, shape.metadata.get("error", {}).get("code")):
            return shape
    return None


def _rpc_error(error: AwsError, model: Any | None, request_id: str, *, binary: bool) -> Answer:
    shape = _error_shape(error, model)
    name = shape.name if shape is not None else error.code
    body = {"__type": name, "message": error.message, **error.members}
    headers = {"x-amzn-RequestId": request_id}
    if model is not None and "awsQueryCompatible" in model.metadata:
        code = shape.metadata.get("error", {}).get("code", error.code) if shape is not None else error.code
        headers["x-amzn-query-error"] = f"{code};{'Sender' if error.status < 500 else 'Receiver'}"
    if binary:
        headers |= {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return Answer(error.status, headers, cbor.encode(body))
    version = model.metadata.get("jsonVersion", "1.1") if model is not None else "1.1"
    headers["Content-Type"] = f"application/x-amz-json-{version}"
    return Answer(error.status, headers, json.dumps(body).encode())


def _rest_json_error(error: AwsError, request_id: str) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "x-amzn-RequestId": request_id,
        "x-amzn-ErrorType": error.code,
    }
    body = {"Type": "User" if error.status < 500 else "Service", "message": error.message, **error.members}
    return Answer(error.status, headers, json.dumps(body).encode())


def _xml_error(error: AwsError, service: str, model: Any | None, request_id: str) -> Answer:
    kind = "Sender" if error.status < 500 else "Receiver"
    fields = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if service == "s3":
        body = f"<Error>{fields}<RequestId>{request_id}</RequestId></Error>"
    elif service == "ec2":
        body = f"<Response><Errors><Error>{fields}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    else:
        namespace = model.metadata.get("xmlNamespace", "") if model is not None else ""
        attribute = f' xmlns="{escape(str(namespace))}"' if namespace else ""
        body = (
            f"<ErrorResponse{attribute}><Error><Type>{kind}</Type>{fields}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    headers = {"Content-Type": "text/xml", "x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    return Answer(error.status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode())
