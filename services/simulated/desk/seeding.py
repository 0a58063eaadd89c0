"""What moto holds of the Order Desk: two tables with their indexes, the pool of customers with its two clients."""

from __future__ import annotations

from services.simulated.desk.estate import TABLES
from services.simulated.state import SimulatedState


def desk_tables(state: SimulatedState) -> None:
    from moto.dynamodb.models import dynamodb_backends

    desk = state.desk.desk
    backend = dynamodb_backends[state.estate.account][desk.region]
    for name, indexes in TABLES:
        keys = ["id", *(f"{index.removeprefix('by-')}" for index in indexes)]
        backend.create_table(
            desk.table(name),
            schema=[{"AttributeName": "id", "KeyType": "HASH"}],
            throughput=None,
            attr=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            global_indexes=[
                {
                    "IndexName": index,
                    "KeySchema": [{"AttributeName": index.removeprefix("by-"), "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index in indexes
            ],
            indexes=None,
            streams=None,
            billing_mode="PAY_PER_REQUEST",
            sse_specification=None,
            tags=[{"Key": "application", "Value": "order-desk"}],
            deletion_protection_enabled=True,
            warm_throughput=None,
        )


def desk_pool(state: SimulatedState) -> None:
    from moto.cognitoidp.models import cognitoidp_backends

    desk = state.desk.desk
    backend = cognitoidp_backends[state.estate.account][desk.region]
    pool = backend.create_user_pool(desk.pool_name, {"MfaConfiguration": "OFF"})
    # moto draws ids; the account's are known beforehand.
    del backend.user_pools[pool.id]
    pool.arn = pool.arn.replace(pool.id, desk.pool)
    pool.id = desk.pool
    backend.user_pools[pool.id] = pool
    for title, id in zip(("web", "app"), desk.clients, strict=True):
        client = backend.create_user_pool_client(pool.id, False, {"ClientName": title})
        del pool.clients[client.id]
        client.id = id
        pool.clients[client.id] = client
