"""What moto holds when the account opens: tables, buckets, users, topics, each with its history.

One function for each service, run before the service's first request. They speak to moto's backends in process;
tests/contract/test_simulated_moto.py notices when moto changes what they rely on.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

from services.simulated.desk.seeding import desk_pool, desk_tables
from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.moto_time import at
from services.simulated.platform.bucket_access import logs_policy
from services.simulated.platform.content import FILES, body, uploads
from services.simulated.platform.encryption import AES256
from services.simulated.platform.identities import seed_identities
from services.simulated.platform.operators import lease_table
from services.simulated.platform.rollouts import Rollout
from services.simulated.platform.stack_events import created
from services.simulated.state import SimulatedState

_ACTIONS = ("StartInstances", "StopInstances", "RebootInstances", "ListInstances")
_ITEMS = {"production": 120, "staging": 24, "dev": 6}


def seeds(state: SimulatedState, rollouts: dict[str, tuple[Rollout, ...]]) -> dict[str, Callable[[], None]]:
    """moto's name of the service → what puts the account's things into it."""
    return {
        "dynamodb": lambda: _tables(state),
        "s3": lambda: _buckets(state, rollouts),
        "cognito-idp": lambda: _pools(state),
        "iam": lambda: _roles(state),
        "ec2": lambda: _network(state),
        "sns": lambda: _each(state, lambda environment: _topic(state, environment)),
    }


def _roles(state: SimulatedState) -> None:
    """The functions' roles: a policy of the account's own attached, one inline."""
    from moto.iam.models import iam_backends

    backend = iam_backends[state.estate.account]["aws"]
    desk_role = (f"arn:aws:iam::{state.estate.account}:role/orderdesk-functions", "orderdesk-functions")
    ours = [(one.role_arn, f"ec2-manager-instances-{one.short}") for one in state.estate.environments]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    with at(created(state.started)):
        for arn, policy in (*ours, desk_role):
            role = arn.rpartition("/")[2]
            backend.create_role(role, _policy(trust), "/", None, "", [], "3600")
            allowed = {"Effect": "Allow", "Action": [f"ec2:{one}" for one in _ACTIONS], "Resource": "*"}
            made = backend.create_policy("", "/", _policy(allowed), policy, [])
            backend.attach_role_policy(made.arn, role)
            items = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": "*"}
            backend.put_role_policy(role, "audit-table", _policy(items))
        seed_identities(backend, state.estate.region)


def _network(state: SimulatedState) -> None:
    """The default VPC's own group lets its members speak to each other, which moto leaves out."""
    from moto.ec2.models import ec2_backends

    for region in {one.region for one in state.estate.environments} | {state.desk.desk.region}:
        backend = ec2_backends[state.estate.account][region]
        group = backend.get_security_group_from_name("default", backend.get_default_vpc().id)
        pair = {"GroupId": group.id}
        backend.authorize_security_group_ingress(group.id, "-1", None, None, [], source_groups=[pair])


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _tables(state: SimulatedState) -> None:
    _each(state, lambda environment: _table(state, environment))
    with at(created(state.started)):
        desk_tables(state)
        lease_table(state)


def _each(state: SimulatedState, seed: Callable[[EnvironmentEstate], None]) -> None:
    with at(created(state.started)):
        for environment in state.estate.environments:
            seed(environment)


def _table(state: SimulatedState, environment: EnvironmentEstate) -> None:
    from moto.dynamodb.models import dynamodb_backends

    backend = dynamodb_backends[state.estate.account][environment.region]
    backend.create_table(
        environment.table,
        schema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        throughput=None,
        attr=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "S"},
            {"AttributeName": "user", "AttributeType": "S"},
        ],
        global_indexes=[
            {
                "IndexName": environment.index,
                "KeySchema": [
                    {"AttributeName": "user", "KeyType": "HASH"},
                    {"AttributeName": "timestamp", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        indexes=None,
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[{"Key": "application", "Value": "ec2-manager"}, {"Key": "environment", "Value": environment.name}],
        deletion_protection_enabled=environment.name == "production",
        warm_throughput=None,
    )
    for index in range(_ITEMS[environment.name]):
        backend.put_item(environment.table, _item(state, environment, index))
    if environment.name == "production":
        backend.update_continuous_backups(environment.table, {"PointInTimeRecoveryEnabled": True})
    for days in (7, 1):
        moment = state.started - timedelta(days=days)
        with at(moment):
            backend.create_backup(environment.table, f"{environment.table}-{moment:%Y-%m-%d}")


def _item(state: SimulatedState, environment: EnvironmentEstate, index: int) -> dict[str, dict[str, str]]:
    moment = state.started - timedelta(minutes=11 * index + 3)
    return {
        "id": {"S": stable_uuid(state.seed, f"{environment.name}/audit/{index}")},
        "timestamp": {"S": moment.strftime("%Y-%m-%dT%H:%M:%SZ")},
        "user": {"S": f"user-{index % 7 + 1:02d}"},
        "action": {"S": _ACTIONS[index % len(_ACTIONS)]},
        "instance": {"S": f"i-{index * 7919 % 0xFFFFFFFF:017x}"},
        "result": {"S": "denied" if index % 23 == 22 else "ok"},
    }


def _buckets(state: SimulatedState, rollouts: dict[str, tuple[Rollout, ...]]) -> None:
    from moto.s3.models import s3_backends

    backend = s3_backends[state.estate.account]["aws"]
    began = created(state.started)
    with at(began):
        exports = (state.estate.export_bucket, state.estate.evidence_bucket)
        for name in (state.estate.trail_bucket, *exports, *(one.bucket for one in state.estate.environments)):
            backend.create_bucket(name, state.estate.region)
            backend.put_bucket_versioning(name, "Enabled")
            bucket = backend.get_bucket(name)
            bucket.creation_date = began
            bucket.encryption = {"Rule": dict(AES256)}
        for name in exports:
            policy = logs_policy(name, state.estate.region, state.estate.account)
            backend.put_bucket_policy(name, policy.encode())
    for environment in state.estate.environments:
        for upload in uploads(environment, rollouts[environment.name], state.started):
            for index, (name, kind) in enumerate(FILES):
                # index.html last: what it names must be there before it is.
                moment = upload.at + timedelta(seconds=len(FILES) - index)
                with at(moment):
                    content = body(environment, name, upload.release)
                    put = backend.put_object(environment.bucket, name, content, disable_notification=True)
                    caching = "max-age=60" if name == "index.html" else "max-age=86400"
                    put.set_metadata({"Content-Type": kind, "Cache-Control": caching})


def _pools(state: SimulatedState) -> None:
    with _one_signing_key():
        _each(state, lambda environment: _users(state, environment))
        with at(created(state.started)):
            desk_pool(state)


@contextmanager
def _one_signing_key() -> Iterator[None]:
    """Every pool of moto signs with the same key and reads it anew, which costs a quarter of a second each."""
    from moto.cognitoidp import models

    theirs = models.jwk
    ours = SimpleNamespace(import_key=lambda key: _signing_key(json.dumps(key, sort_keys=True)))
    models.jwk = SimpleNamespace(RSAKey=ours)
    try:
        yield
    finally:
        models.jwk = theirs


@functools.cache
def _signing_key(text: str) -> object:
    """Read once in a process: its factors are worked out from it."""
    from joserfc.jwk import RSAKey

    return RSAKey.import_key(json.loads(text))


def _users(state: SimulatedState, environment: EnvironmentEstate) -> None:
    from moto.cognitoidp.models import cognitoidp_backends

    backend = cognitoidp_backends[state.estate.account][environment.region]
    pool = backend.create_user_pool(environment.user_pool_name, {"MfaConfiguration": "OPTIONAL"})
    # moto draws ids; the account's are known beforehand.
    del backend.user_pools[pool.id]
    pool.arn = pool.arn.replace(pool.id, environment.user_pool)
    pool.id = environment.user_pool
    backend.user_pools[pool.id] = pool
    client = backend.create_user_pool_client(pool.id, False, {"ClientName": "web"})
    del pool.clients[client.id]
    client.id = environment.user_pool_client
    pool.clients[client.id] = client
    for number in range(1, 8):
        name = f"user-{number:02d}"
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
        backend.admin_create_user(pool.id, name, "SUPPRESS", "", attributes)


def _topic(state: SimulatedState, environment: EnvironmentEstate) -> None:
    from moto.sns.models import sns_backends

    backend = sns_backends[state.estate.account][environment.region]
    topic = backend.create_topic(environment.topic_arn.rpartition(":")[2])
    backend.subscribe(topic.arn, "on-call@example.com", "email")
