"""From an HTTP request to the API operation it means, and from the operation's result back to HTTP.

Who is meant stands in the signature's credential scope; which operation, in a header, a form field, the path or
the path and query together, by protocol. The work on REST and query protocols is done by moto's protocol layer
on botocore's models; JSON and CBOR, which carry the large pages, are our own.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from typing import Any

import msgspec
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.exceptions import NotFound

from services.simulated import cbor, event_stream
from services.simulated.errors import Answer
from services.simulated.protocol import AwsError, EventStream
from services.simulated.wire import Codec, Format

_SCOPE = re.compile(r"Credential=[^/\s,]+/\d{8}/([^/\s,]+)/([^/\s,]+)/aws4_request")
_RPC_PATH = re.compile(r"\A/service/([A-Za-z0-9_]+)/operation/([A-Za-z0-9_]+)\Z")
_API_VERSION = re.compile(r"\d{4}_\d{2}_\d{2}\Z")
_FORM = "application/x-www-form-urlencoded"

# Where the name in the signature is not botocore's name of the service.
_SIGNING_NAMES = {"monitoring": "cloudwatch", "email": "ses", "states": "stepfunctions"}

# Services that are known by an unsigned request's own marks.
_BY_VERSION = {
    "2010-05-15": "cloudformation",
    "2010-08-01": "cloudwatch",
    "2011-06-15": "sts",
    "2010-03-31": "sns",
    "2010-05-08": "iam",
}

_ROUTING = threading.Lock()
"""werkzeug compiles routes when they are first asked for, and Python 3.11's compiler not on two threads at once."""


class Target(msgspec.Struct, frozen=True):
    """Which service of which region a request is for."""

    service: str
    """botocore's name."""
    region: str
    signed: bool


class Call(msgspec.Struct, frozen=True):
    """One request, understood."""

    service: str
    region: str
    operation: str
    """Without the API version that CloudFront's models append."""
    protocol: str
    model: Any
    """moto's OperationModel; carries the shapes."""
    path_parameters: dict[str, Any]


def target_of(request: Request) -> Target | None:
    """Whom the request is for; None when nothing in it says so."""
    found = _SCOPE.search(request.headers.get("Authorization", "")) or _SCOPE.search(
        "Credential=" + request.args.get("X-Amz-Credential", "")
    )
    if found:
        region, service = found.groups()
        if service == "apigateway" and request.path.startswith("/v2/"):
            service = "apigatewayv2"  # HTTP APIs are signed for by the name of REST APIs
        return Target(_SIGNING_NAMES.get(service, service), region, signed=True)
    if "AWSAccessKeyId" in request.args and "Signature" in request.args:
        return Target("s3", "us-east-1", signed=True)  # an address signed in the old way, good for S3 alone
    if _RPC_PATH.match(request.path):
        return Target("cloudwatch", "us-east-1", signed=False)
    prefix = request.headers.get("X-Amz-Target", "").partition(".")[0]
    if prefix.startswith("AWSCognitoIdentityProvider"):
        return Target("cognito-idp", "us-west-2", signed=False)
    if request.mimetype == _FORM:
        service = _BY_VERSION.get(request.form.get("Version", ""), "")
        if service:
            return Target(service, "us-east-1", signed=False)
    return None


def service_model(service: str) -> Any | None:
    """botocore's model of the service as moto reads it; None when there is no such service."""
    try:
        return _loaded_model(service)
    except Exception as error:  # botocore's UnknownServiceError, and whatever an odd name makes its loader say
        if type(error).__name__ in ("UnknownServiceError", "DataNotFoundError", "ValidationError"):
            return None
        raise


@functools.cache
def _loaded_model(service: str) -> Any:
    # The router holds the model that moto loaded; loading one JSON twice costs 30 ms for the large ones.
    return get_service_router(service)._service_model


def prepare(service: str, protocol: str) -> None:
    """Load what the first request of `service` would wait for: its model and its routes."""
    if service_model(service) is not None and protocol != "smithy-rpc-v2-cbor":
        with _ROUTING:
            get_service_router(service)._get_router(protocol)


def protocol_of(request: Request, model: Any) -> str:
    """The protocol the caller speaks, among those the service has."""
    spoken = model.metadata.get("protocols") or [model.metadata["protocol"]]
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor" and "smithy-rpc-v2-cbor" in spoken:
        return "smithy-rpc-v2-cbor"
    if len(spoken) == 1:
        return str(spoken[0])
    if request.mimetype.startswith("application/x-amz-json"):
        return "json"
    if request.mimetype == "application/cbor":
        return "smithy-rpc-v2-cbor"
    return "query" if "query" in spoken else str(spoken[0])


def resolve(request: Request, target: Target, model: Any, protocol: str) -> Call:
    """The operation. AwsError `UnknownOperationException` or `InvalidAction` when the API has none such."""
    if protocol == "smithy-rpc-v2-cbor":
        found = _RPC_PATH.match(request.path)
        name = found.group(2) if found else ""
        if name not in model.operation_names:
            raise AwsError("UnknownOperationException", f"The operation {name} is not known.", 404)
        return Call(target.service, target.region, plain(name), protocol, model.operation_model(name), {})
    try:
        with _ROUTING:
            router = get_service_router(target.service)
            # moto picks by content type; a service that speaks several protocols is asked by the one in use.
            router = router._get_router(protocol) if protocol in ("json", "query") else router
            operation, path_parameters = router.match(request)
    except (NotFound, NotImplementedError) as error:
        raise _unknown_operation(request, protocol) from error
    return Call(target.service, target.region, plain(operation.name), protocol, operation, path_parameters)


def plain(operation: str) -> str:
    """`GetDistribution` for CloudFront's `GetDistribution2020_05_31`."""
    return _API_VERSION.sub("", operation)


def _unknown_operation(request: Request, protocol: str) -> AwsError:
    if protocol == "query":
        action = request.values.get("Action", "")
        return AwsError(
            "InvalidAction", f"Could not find operation {action} for version {request.values.get('Version', '')}"
        )
    if protocol == "json":
        name = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        return AwsError("UnknownOperationException", f"The operation {name} is not known.")
    return AwsError("UnknownOperationException", f"No operation is at {request.method} {request.path}.", 404)


@functools.cache
def _codec(service: str, wire: Format) -> Codec:
    return Codec(wire)


def parameters_of(call: Call, request: Request, body: bytes) -> dict[str, Any]:
    """The request's parameters in botocore's form. AwsError `SerializationException` when they cannot be read."""
    shape = call.model.input_shape
    if call.protocol == "smithy-rpc-v2-cbor":
        return _codec(call.service, "cbor").decode(shape, _load_cbor(body)) if shape is not None else {}
    if call.protocol == "json":
        return _codec(call.service, "json").decode(shape, _load_json(body)) if shape is not None else {}
    if call.protocol == "rest-json" and body and _has_json_body(call):
        _load_json(body)  # moto's parser takes anything
    parser = PROTOCOL_PARSERS[call.protocol](call.model)
    try:
        parsed = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": body,
                "url_path": request.path,
                "url_params": call.path_parameters,
            }
        )
    except AwsError:
        raise
    except Exception as error:  # moto's parser lets whatever the body makes json, xml or int() say come out
        raise AwsError("SerializationException", f"The request could not be read: {error}") from error
    return {name: value for name, value in parsed.items() if value is not None}


def _has_json_body(call: Call) -> bool:
    shape = call.model.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    return payload is None or shape.members[payload].type_name not in ("blob", "string")


def missing_parameter(call: Call, parameters: dict[str, Any]) -> AwsError | None:
    """The refusal of a request that lacks what its shape requires, by the first member that is missing."""
    shape = call.model.input_shape
    for name in shape.required_members if shape is not None else ():
        if name not in parameters:
            code = "ValidationError" if call.protocol in ("query", "smithy-rpc-v2-cbor") else "ValidationException"
            if call.service == "lambda":
                code = "InvalidParameterValueException"
            return AwsError(
                code,
                f"1 validation error detected: Value null at '{name[:1].lower()}{name[1:]}' failed to satisfy "
                "constraint: Member must not be null",
            )
    return None


def result_answer(call: Call, result: dict[str, Any] | None, request_id: str) -> Answer:
    """The operation's result on the wire."""
    value = result or {}
    shape = call.model.output_shape
    if call.protocol == "smithy-rpc-v2-cbor":
        body = cbor.encode(_codec(call.service, "cbor").encode(shape, value)) if shape is not None else b""
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": request_id}
        return Answer(200, headers, body)
    for name in [name for name, member in value.items() if isinstance(member, EventStream)]:
        return _stream_answer(value.pop(name), request_id)
    if call.protocol == "json":
        encoded = _codec(call.service, "json").encode(shape, value) if shape is not None else {}
        version = call.model.service_model.metadata.get("jsonVersion", "1.1")
        headers = {"Content-Type": f"application/x-amz-json-{version}", "x-amzn-RequestId": request_id}
        return Answer(200, headers, _dumped(encoded))
    serializer = get_serializer_class(call.service, call.protocol)
    answer = serializer(call.model, SerializationContext(request_id)).serialize(value)
    text = answer["body"]
    headers = {name: str(value) for name, value in answer["headers"].items()}
    headers["x-amzn-RequestId"] = headers["x-amz-request-id"] = request_id
    return Answer(answer["status_code"], headers, text if isinstance(text, bytes) else text.encode())


def _stream_answer(stream: EventStream, request_id: str) -> Answer:
    """Events over the JSON protocol: the first message says that they follow."""
    headers = {"Content-Type": event_stream.CONTENT_TYPE, "x-amzn-RequestId": request_id}
    return Answer(200, headers, event_stream.event("initial-response", {}), stream.items)


def _dumped(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)  # five times as fast, which a page of 10,000 events is worth
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()  # a lone surrogate, which JSON can escape


def _load_json(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise AwsError("SerializationException", "The request body is not JSON.") from error


def _load_cbor(body: bytes) -> Any:
    try:
        return cbor.decode(body) if body else {}
    except cbor.CborError as error:
        raise AwsError("SerializationException", f"The request body is not CBOR: {error}") from error
