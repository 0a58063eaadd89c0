"""Names and ids of everything in the account: deterministic from the seed, known before anything is seeded."""

from __future__ import annotations

import hashlib
import string
import uuid
from typing import Literal

import msgspec

ACCOUNT_ID = "123456789012"
"""The account of AWS's own documentation."""

REGION = "us-west-2"

EnvironmentName = Literal["production", "staging", "dev"]
ENVIRONMENTS: tuple[EnvironmentName, ...] = ("production", "staging", "dev")

_SHORT = {"production": "prod", "staging": "staging", "dev": "dev"}
_LOWER_ALNUM = string.digits + string.ascii_lowercase
_UPPER_ALNUM = string.digits + string.ascii_uppercase


class EnvironmentEstate(msgspec.Struct, frozen=True):
    """One environment's names, as the account has them."""

    name: str
    short: str
    """`prod`, `staging`, `dev`: what names inside the account end in."""
    stack_name: str
    stack_id: str
    region: str
    api_id: str
    api_name: str
    stage: str
    function: str
    alias: str
    role_arn: str
    table: str
    index: str
    """The table's one global secondary index."""
    distribution: str
    distribution_domain: str
    bucket: str
    user_pool: str
    user_pool_name: str
    user_pool_client: str
    app_log_group: str
    lambda_log_group: str
    api_log_group: str
    """API Gateway's execution log."""
    access_log_group: str
    topic_arn: str
    dashboard: str
    api_host: str = ""
    """The application's own name of its API; empty: it has none but API Gateway's."""
    sign_in_log_group: str = ""
    """Where the pool delivers its log; empty: nowhere, for Cognito makes no group by itself."""
    log_format: Literal["Text", "JSON"] = "Text"
    """Of the function's own log: its LoggingConfig."""

    @property
    def function_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{ACCOUNT_ID}:function:{self.function}"

    @property
    def alias_arn(self) -> str:
        return f"{self.function_arn}:{self.alias}"

    @property
    def table_arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{ACCOUNT_ID}:table/{self.table}"

    @property
    def distribution_arn(self) -> str:
        return f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{self.distribution}"


class Estate(msgspec.Struct, frozen=True):
    """The whole account's names."""

    account: str
    region: str
    environments: tuple[EnvironmentEstate, ...]
    trail: str
    trail_log_group: str
    trail_bucket: str
    export_bucket: str
    """Where logs may be exported to: its policy lets CloudWatch Logs write."""
    evidence_bucket: str
    """The same for evidence of an incident, by the runbook's own name."""
    caller_arn: str
    """Who every request is: the simulated account knows one operator."""
    deployer_arn: str
    """Who the scenarios' deployments are."""

    def environment(self, name: str) -> EnvironmentEstate:
        """The environment called `name`; KeyError when there is none."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        raise KeyError(name)


def estate(seed: int) -> Estate:
    """The account that `seed` gives. The same seed, the same names."""
    return Estate(
        account=ACCOUNT_ID,
        region=REGION,
        environments=tuple(_environment(seed, name) for name in ENVIRONMENTS),
        trail="ec2-manager-trail",
        trail_log_group="/aws/cloudtrail/ec2-manager-trail",
        trail_bucket=f"ec2-manager-trail-{ACCOUNT_ID}",
        export_bucket=f"ec2-manager-log-exports-{ACCOUNT_ID}",
        evidence_bucket="security-incident-logs-bucket",
        caller_arn=f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/ec2-manager-operator/on-call",
        deployer_arn=f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/ec2-manager-deploy/pipeline",
    )


def stable_id(seed: int, what: str, length: int, alphabet: str = _LOWER_ALNUM) -> str:
    """An id of AWS's kind for `what`: looks random, is always the same for the seed."""
    number = int.from_bytes(hashlib.blake2b(f"{seed}/{what}".encode(), digest_size=32).digest())
    characters: list[str] = []
    for _ in range(length):
        number, index = divmod(number, len(alphabet))
        characters.append(alphabet[index])
    return "".join(characters)


def stable_uuid(seed: int, what: str) -> str:
    """The same for an id that is a UUID (version 4 in form)."""
    digest = hashlib.blake2b(f"{seed}/{what}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def _environment(seed: int, name: EnvironmentName) -> EnvironmentEstate:
    short = _SHORT[name]
    api_id = stable_id(seed, f"{name}/api", 10)
    pool = f"{REGION}_{stable_id(seed, f'{name}/pool', 9, string.ascii_letters + string.digits)}"
    return EnvironmentEstate(
        name=name,
        short=short,
        stack_name=f"EC2Manager-{name}",
        stack_id=(
            f"arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/EC2Manager-{name}/{stable_uuid(seed, f'{name}/stack')}"
        ),
        region=REGION,
        api_id=api_id,
        api_name=f"ec2-manager-api-{name}",
        stage=short,
        function=f"ec2-manager-function-{short}",
        alias="LIVE",
        role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/ec2-manager-function-role-{short}",
        table=f"ec2-manager-audit-{name}",
        index="user-timestamp-index",
        distribution="E" + stable_id(seed, f"{name}/distribution", 13, _UPPER_ALNUM),
        distribution_domain=f"d{stable_id(seed, f'{name}/domain', 13)}.cloudfront.net",
        bucket=f"ec2-manager-web-{short}-{ACCOUNT_ID}",
        user_pool=pool,
        user_pool_name=f"ec2-manager-users-{name}",
        user_pool_client=stable_id(seed, f"{name}/client", 26),
        app_log_group=f"/aws/ec2-manager/{short}",
        lambda_log_group=f"/aws/lambda/ec2-manager-function-{short}",
        api_log_group=f"API-Gateway-Execution-Logs_{api_id}/{short}",
        access_log_group=f"/aws/apigateway/ec2-manager-api-{name}/access",
        topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:ec2-manager-alerts-{name}",
        dashboard=f"EC2Manager-Enhanced-{name}",
        api_host="api.ec2manager.com" if name == "production" else f"api.{short}.ec2manager.com",
        sign_in_log_group=f"/aws/cognito/{pool}" if name == "production" else "",
        log_format="JSON" if name == "staging" else "Text",
    )
