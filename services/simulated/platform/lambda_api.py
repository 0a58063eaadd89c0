"""Lambda's API over the account's functions (aws.md 5.2): true revision ids, and refusals in AWS's words."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import msgspec

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.functions import LATEST, FunctionStore, Settings, Version, sha_of
from services.simulated.platform.lambda_aliases import AliasHandlers
from services.simulated.platform.lambda_callers import CallerHandlers
from services.simulated.platform.lambda_calls import Calls
from services.simulated.platform.lambda_names import find_function, refusal
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

_STALE = (
    "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetFunctionConfiguration "
    "API to retrieve the latest RevisionId for your resource."
)


class LambdaApi:
    """Handlers of the functions themselves; those of aliases have a home of their own."""

    def __init__(self, state: SimulatedState, stores: dict[str, FunctionStore]) -> None:
        self._state = state
        self._stores = stores
        self._aliases = AliasHandlers(state, stores)
        self._callers = CallerHandlers(state, stores)
        self._calls = Calls(state)

    def handlers(self) -> dict[str, Handler]:
        return {
            "ListFunctions": self.list_functions,
            "GetFunction": self.get_function,
            "GetFunctionConfiguration": self.get_function_configuration,
            "ListVersionsByFunction": self.list_versions,
            "PublishVersion": self.publish_version,
            "UpdateFunctionCode": self.update_function_code,
            "UpdateFunctionConfiguration": self.update_function_configuration,
            "DeleteFunction": self.delete_function,
            "GetFunctionConcurrency": self.get_function_concurrency,
            "PutFunctionConcurrency": self.put_function_concurrency,
            "DeleteFunctionConcurrency": self.delete_function_concurrency,
            "GetAccountSettings": self.get_account_settings,
            "GetPolicy": self.get_policy,
            "ListTags": self.list_tags,
            "Invoke": self.invoke,
            **self._aliases.handlers(),
            **self._callers.handlers(),
        }

    def list_functions(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            rows = [
                self._configuration(store, store.latest)
                for store in self._stores.values()
                if store.environment.region == context.region
            ]
        chosen, marker = page(rows, parameters.get("Marker"), int(parameters.get("MaxItems") or 50), _BAD_MARKER)
        return {"Functions": chosen} | ({"NextMarker": marker} if marker else {})

    def get_function(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store, version = self._version(context, parameters)
        location = f"https://awslambda-{context.region}-tasks.s3.{context.region}.amazonaws.com/{store.name}"
        return {
            "Configuration": self._configuration(store, version, qualified="Qualifier" in parameters),
            "Code": {"RepositoryType": "S3", "Location": f"{location}/{version.name}"},
            "Tags": {"application": "ec2-manager", "environment": store.environment.name},
        }

    def get_function_configuration(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store, version = self._version(context, parameters)
        return self._configuration(store, version, qualified="Qualifier" in parameters)

    def list_versions(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)[0]
            versions = [store.latest, *(store.versions[number] for number in sorted(store.versions))]
        rows = [self._configuration(store, version, qualified=True) for version in versions]
        chosen, marker = page(rows, parameters.get("Marker"), int(parameters.get("MaxItems") or 50), _BAD_MARKER)
        return {"Versions": chosen} | ({"NextMarker": marker} if marker else {})

    def publish_version(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)[0]
            self._expect(store, parameters)
            wanted = parameters.get("CodeSha256")
            if wanted and wanted != store.latest.sha:
                raise refusal("InvalidParameterValueException", f"CodeSHA256 ({wanted}) is different from current", 400)
            version = store.publish(parameters.get("Description"), context.now)
            return self._configuration(store, version, qualified=True)

    def update_function_code(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)[0]
            self._expect(store, parameters)
            sha, size = self._code(parameters)
            if parameters.get("DryRun"):
                return self._configuration(store, msgspec.structs.replace(store.latest, sha=sha))
            if sha != store.latest.sha:
                store.load_code(sha, context.now, size)
            version = store.publish(None, context.now) if parameters.get("Publish") else store.latest
            return self._configuration(store, version, qualified=bool(parameters.get("Publish")))

    def update_function_configuration(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            store = self._store(context, parameters)[0]
            self._expect(store, parameters)
            now = store.settings
            settings = Settings(
                description=parameters.get("Description", now.description),
                memory_mb=_within(parameters.get("MemorySize", now.memory_mb), 128, 10_240, "memorySize"),
                timeout_s=_within(parameters.get("Timeout", now.timeout_s), 1, 900, "timeout"),
                variables=dict(parameters["Environment"].get("Variables", {}))
                if "Environment" in parameters
                else now.variables,
                subnets=tuple(parameters.get("VpcConfig", {}).get("SubnetIds", now.subnets)),
                security_groups=tuple(parameters.get("VpcConfig", {}).get("SecurityGroupIds", now.security_groups)),
            )
            return self._configuration(store, store.configure(settings, context.now))

    def delete_function(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any] | None:
        with self._state.lock:
            store, qualifier = self._store(context, parameters)
            if not qualifier:
                raise AwsError(
                    "AccessDeniedException",
                    f"User: {self._state.estate.caller_arn} is not authorized to perform: lambda:DeleteFunction "
                    f"on resource: {store.arn} with an explicit deny: it belongs to the stack",
                    403,
                )
            if qualifier == LATEST or not qualifier.isdecimal():
                message = "$LATEST version cannot be deleted without deleting the function."
                raise refusal("InvalidParameterValueException", message, 400)
            store.version(qualifier)
            store.delete_version(int(qualifier))
        return None

    def get_function_concurrency(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)[0]
        reserved = store.reserved_concurrency
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    def put_function_concurrency(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store = self._store(context, parameters)[0]
        store.reserved_concurrency = _within(parameters["ReservedConcurrentExecutions"], 0, 900, "concurrency")
        return {"ReservedConcurrentExecutions": store.reserved_concurrency}

    def delete_function_concurrency(self, context: Context, parameters: dict[str, Any]) -> None:
        self._store(context, parameters)[0].reserved_concurrency = None

    def get_account_settings(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        stores = [store for store in self._stores.values() if store.environment.region == context.region]
        size = sum(version.size for store in stores for version in (store.latest, *store.versions.values()))
        reserved = sum(store.reserved_concurrency or 0 for store in stores)
        return {
            "AccountLimit": {
                "TotalCodeSize": 80_530_636_800,
                "CodeSizeUnzipped": 262_144_000,
                "CodeSizeZipped": 52_428_800,
                "ConcurrentExecutions": 1000,
                "UnreservedConcurrentExecutions": 1000 - reserved,
            },
            "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(stores)},
        }

    def get_policy(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store, qualifier = self._store(context, parameters)
        if qualifier not in store.aliases:
            raise refusal("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        environment = store.environment
        source = f"arn:aws:execute-api:{environment.region}:{context.account}:{environment.api_id}/*/*/*"
        statement = {
            "Sid": "ApiPermission",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": f"{store.arn}:{qualifier}",
            "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        }
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
        return {"Policy": json.dumps(policy), "RevisionId": store.aliases[qualifier].revision}

    def list_tags(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        store, _ = find_function(self._stores, context, parameters["Resource"], None)
        return {"Tags": {"application": "ec2-manager", "environment": store.environment.name}}

    def invoke(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """One call of the version that is asked for."""
        with self._state.lock:
            store, qualifier = self._store(context, parameters)
            version = store.version(qualifier)
        if parameters.get("InvocationType") == "DryRun":
            return {"StatusCode": 204}
        if parameters.get("InvocationType") == "Event":
            return {"StatusCode": 202}
        return self._calls.answer(store, version, context, parameters)

    # Reading the functions

    def _store(self, context: Context, parameters: dict[str, Any]) -> tuple[FunctionStore, str]:
        return find_function(self._stores, context, parameters["FunctionName"], parameters.get("Qualifier"))

    def _version(self, context: Context, parameters: dict[str, Any]) -> tuple[FunctionStore, Version]:
        with self._state.lock:
            store, qualifier = self._store(context, parameters)
            return store, store.version(qualifier)

    @staticmethod
    def _expect(store: FunctionStore, parameters: dict[str, Any]) -> None:
        wanted = parameters.get("RevisionId")
        if wanted and wanted != store.latest.revision:
            raise refusal("PreconditionFailedException", _STALE, 412)

    @staticmethod
    def _code(parameters: dict[str, Any]) -> tuple[str, int]:
        archive = parameters.get("ZipFile")
        if archive:
            return sha_of(archive), len(archive)
        if parameters.get("S3Bucket") and parameters.get("S3Key"):
            named = "/".join(str(parameters.get(part, "")) for part in ("S3Bucket", "S3Key", "S3ObjectVersion"))
            return sha_of(named.encode()), 48_000
        raise refusal("InvalidParameterValueException", "Please provide a source for function code.", 400)

    @staticmethod
    def _configuration(store: FunctionStore, version: Version, *, qualified: bool = False) -> dict[str, Any]:
        settings = version.settings
        arn = f"{store.arn}:{version.name}" if qualified else store.arn
        return {
            "FunctionName": store.name,
            "FunctionArn": arn,
            "Runtime": "python3.12",
            "Role": store.environment.role_arn,
            "Handler": "manager.app.handler",
            "CodeSize": version.size,
            "Description": settings.description if version.number is None else version.description,
            "Timeout": settings.timeout_s,
            "MemorySize": settings.memory_mb,
            "LastModified": last_modified(version.modified),
            "CodeSha256": version.sha,
            "Version": version.name,
            "Environment": {"Variables": settings.variables},
            "TracingConfig": {"Mode": "Active"},
            "RevisionId": version.revision,
            "State": "Active",
            **_last_update(store, version),
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
            "EphemeralStorage": {"Size": 512},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": _logging(store.environment),
            **_vpc(settings),
        }


_BAD_MARKER = "InvalidParameterValueException"


def last_modified(at: datetime) -> str:
    """Lambda's own form: `2026-11-20T03:07:11.000+0000`."""
    return re.sub(r"\+00:00\Z", "+0000", at.isoformat(timespec="milliseconds"))


def _within(value: int, least: int, most: int, name: str) -> int:
    if not least <= value <= most:
        message = (
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
            f"Member must have value between {least} and {most}"
        )
        raise refusal("ValidationException", message, 400)
    return value


def _last_update(store: FunctionStore, version: Version) -> dict[str, str]:
    """How the newest change ended: of `$LATEST`; a published version is what did take."""
    if version.number is not None or not store.update_failure:
        return {"LastUpdateStatus": "Successful"}
    return {
        "LastUpdateStatus": "Failed",
        "LastUpdateStatusReason": store.update_failure,
        "LastUpdateStatusReasonCode": "InternalError",
    }


def _vpc(settings: Settings) -> dict[str, Any]:
    """Told only of a function that is in a VPC."""
    if not settings.subnets:
        return {}
    groups, subnets = list(settings.security_groups), list(settings.subnets)
    return {"VpcConfig": {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": "vpc-0a1b2c3d4e5f60718"}}


def _logging(environment: EnvironmentEstate) -> dict[str, str]:
    """Levels are told, and can be set, only where lines are JSON."""
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"} if environment.log_format == "JSON" else {}
    return {"LogFormat": environment.log_format, **levels, "LogGroup": environment.lambda_log_group}
