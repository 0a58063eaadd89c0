"""Names and ids of the Order Desk: deterministic from the seed and from how many functions it has."""

from __future__ import annotations

import string

import msgspec

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate, stable_id, stable_uuid

REGION = "eu-central-1"
STACK = "OrderDesk-production"
ALIAS = "live"
FUNCTIONS = 6
"""As many as the stack has when nothing else is asked for."""

_ROUTES = ("GET /orders", "POST /orders", "GET /orders/{id}", "GET /customers")
_TITLES = ("list-orders", "place-order", "show-order", "list-customers")
_WORK = ("billing", "export", "mail", "notify", "prices", "reindex", "report", "stock", "sync", "tidy")
TABLES = (("orders", ("by-customer", "by-state")), ("customers", ()))
"""Name and global secondary indexes."""


class DeskFunction(msgspec.Struct, frozen=True):
    """One function."""

    name: str
    route: str = ""
    """What the API sends to it; empty: a worker that nothing but queues calls."""
    version: int = 7
    """The newest published; the alias of a routed function points at it."""


class Desk(msgspec.Struct, frozen=True):
    """Everything the stack is made of."""

    seed: int
    stack_id: str
    api: str
    functions: tuple[DeskFunction, ...]
    pool: str
    clients: tuple[str, str]
    """The web's and the app's."""
    region: str = REGION
    stack: str = STACK
    api_name: str = "orderdesk-api"
    stage: str = "$default"
    pool_name: str = "orderdesk-customers"

    @property
    def routed(self) -> tuple[DeskFunction, ...]:
        return tuple(one for one in self.functions if one.route)

    def table(self, name: str) -> str:
        """`orderdesk-orders`."""
        return f"orderdesk-{name}"

    @property
    def access_log_group(self) -> str:
        return "/aws/vendedlogs/orderdesk-api"


def desk(seed: int, functions: int = FUNCTIONS) -> Desk:
    """The Order Desk with so many functions, four of which the API calls."""
    return Desk(
        seed=seed,
        stack_id=f"arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/{STACK}/{stable_uuid(seed, 'desk/stack')}",
        api=stable_id(seed, "desk/api", 10),
        functions=tuple(_function(number) for number in range(functions)),
        pool=f"{REGION}_{stable_id(seed, 'desk/pool', 9, string.ascii_letters + string.digits)}",
        clients=(stable_id(seed, "desk/client/web", 26), stable_id(seed, "desk/client/app", 26)),
    )


def function_estate(own: Desk, function: DeskFunction) -> EnvironmentEstate:
    """A function as the account's store of functions knows one: with what it is told of its surroundings."""
    return EnvironmentEstate(
        name=f"desk/{function.name}", short="prod", stack_name=own.stack, stack_id=own.stack_id, region=own.region,
        api_id=own.api, api_name=own.api_name, stage=own.stage, function=function.name, alias=ALIAS,
        role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/orderdesk-functions", table=own.table("orders"), index="by-customer",
        distribution="", distribution_domain="", bucket="", user_pool=own.pool, user_pool_name=own.pool_name,
        user_pool_client=own.clients[0], app_log_group="", lambda_log_group=f"/aws/lambda/{function.name}",
        api_log_group="", access_log_group=own.access_log_group, topic_arn="", dashboard="",
    )  # fmt: skip


def _function(number: int) -> DeskFunction:
    if number < len(_ROUTES):
        return DeskFunction(f"orderdesk-{_TITLES[number]}", _ROUTES[number])
    lap, place = divmod(number - len(_ROUTES), len(_WORK))
    return DeskFunction(f"orderdesk-{_WORK[place]}" + (f"-{lap + 1}" if lap else ""))
