"""One change of a table's global secondary indexes, from a file (runbook lines 851-856; decisions E14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    grade,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
)
from services.model.plan import ActionKind, Call, Grade, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.model.table_indexes import AttributeDefinition, Creation, IndexChange, IndexUpdate, TableIndexes
from services.rules.words import count
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.INDEX

MOST_INDEXES = 20
"""Of a table, unless AWS was asked for more."""

GONE = "gone"


def read_change(text: str) -> IndexChange:
    """A file's content: the list that the AWS CLI takes, or an object with the attributes' types beside it.

    Raises ValueError, whose text names the field.
    """
    try:
        found: object = msgspec.json.decode(text)
        whole = {"GlobalSecondaryIndexUpdates": found} if isinstance(found, list) else found
        change = msgspec.convert(whole, IndexChange)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if len(change.GlobalSecondaryIndexUpdates) != 1:
        count = len(change.GlobalSecondaryIndexUpdates)
        raise ValueError(f"GlobalSecondaryIndexUpdates has {count} entries: DynamoDB makes or deletes one at a time")
    (update,) = change.GlobalSecondaryIndexUpdates
    if sum(one is not None for one in (update.Create, update.Update, update.Delete)) != 1:
        raise ValueError("GlobalSecondaryIndexUpdates[0] has to be one of Create, Update and Delete")
    if update.Create is not None:
        kinds = [key.KeyType for key in update.Create.KeySchema]
        if kinds not in (["HASH"], ["HASH", "RANGE"]):
            raise ValueError("GlobalSecondaryIndexUpdates[0].Create.KeySchema has to be a HASH key, then RANGE or none")
    return change


def missing(change: IndexChange, now: TableIndexes) -> tuple[str, ...]:
    """Key attributes of a new index whose types nobody has told."""
    (update,) = change.GlobalSecondaryIndexUpdates
    known = {*now.attributes, *(one.AttributeName for one in change.AttributeDefinitions)}
    keys = update.Create.KeySchema if update.Create is not None else ()
    return tuple(key.AttributeName for key in keys if key.AttributeName not in known)


def completed(change: IndexChange, types: Mapping[str, str]) -> IndexChange:
    """The change with these attributes' types. Raises ValueError for what is no type."""
    told = [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]
    try:
        more = msgspec.convert(told, tuple[AttributeDefinition, ...])
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}. S is text, N a number, B bytes") from error
    return msgspec.structs.replace(change, AttributeDefinitions=(*change.AttributeDefinitions, *more))


def plan_index_change(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    there: TableIndexes,
    change: IndexChange,
) -> Plan | Refusal:
    """Make, resize or delete one index. `there`: as it was just read."""
    refusal = (
        account_refusal(_KIND, situation, environment)
        or stack_refusal(_KIND, situation, environment, now)
        or _not_now(there)
        or _not_so(there, change)
        or operation_refusal(_KIND, situation.operations.value or (), resource_of({"TableName": str(there.table)}))
    )
    return refusal or _plan(situation, environment, now, there, change)


def _not_now(there: TableIndexes) -> Refusal | None:
    if there.status != "ACTIVE":
        return refuse(_KIND, f"{there.table} is {there.status}", "Wait until it is ACTIVE.")
    busy = next((one for one in there.indexes if one.status != "ACTIVE"), None)
    if busy is not None:
        return refuse(_KIND, f"index {busy.name} is {busy.status}", "One index is changed at a time: wait for it.")
    return None


def _not_so(there: TableIndexes, change: IndexChange) -> Refusal | None:
    (update,) = change.GlobalSecondaryIndexUpdates
    name = _name(update)
    if update.Create is None and there.named(name) is None:
        names = ", ".join(one.name for one in there.indexes) or "none"
        return refuse(_KIND, f"{there.table} has no index {name}", f"Its indexes: {names}.")
    if update.Create is not None and there.named(name) is not None:
        return refuse(_KIND, f"{there.table} has an index {name} already", "Give the new one another name.")
    if update.Create is not None and len(there.indexes) >= MOST_INDEXES:
        return refuse(_KIND, f"{there.table} has {len(there.indexes)} indexes, as many as it may", "Delete one first.")
    lacking = missing(change, there)
    if lacking:
        return refuse(_KIND, f"the types of {', '.join(lacking)} are not told", "Add them as AttributeDefinitions.")
    units = next((one.ProvisionedThroughput for one in (update.Create, update.Update) if one is not None), None)
    if there.on_demand and units is not None:
        return refuse(_KIND, f"{there.table} is on demand: an index of it has no units", "Leave them out.")
    if not there.on_demand and update.Create is not None and units is None:
        return refuse(_KIND, f"{there.table} is provisioned: a new index needs units", "Add ProvisionedThroughput.")
    return None


def _name(update: IndexUpdate) -> str:
    found = next(one for one in (update.Create, update.Update, update.Delete) if one is not None)
    return found.IndexName


def _told(update: IndexUpdate) -> str:
    """`make by-region (region HASH, day RANGE; ALL)`."""
    name = _name(update)
    if update.Create is not None:
        return f"make {name} ({_keys(update.Create)}; {update.Create.Projection.ProjectionType})"
    if update.Update is not None:
        units = update.Update.ProvisionedThroughput
        return f"give {name} {units.ReadCapacityUnits} read, {units.WriteCapacityUnits} write units"
    return f"delete {name}"


def _keys(creation: Creation) -> str:
    return ", ".join(f"{key.AttributeName} {key.KeyType}" for key in creation.KeySchema)


def _call(environment: Environment, there: TableIndexes, change: IndexChange) -> Call:
    (update,) = change.GlobalSecondaryIndexUpdates
    parameters: dict[str, object] = {"TableName": str(there.table)}
    if update.Create is not None:
        wanted = {key.AttributeName for key in update.Create.KeySchema}
        definitions = [one for one in change.AttributeDefinitions if one.AttributeName in wanted]
        if definitions:
            parameters["AttributeDefinitions"] = msgspec.to_builtins(definitions)
    parameters["GlobalSecondaryIndexUpdates"] = msgspec.to_builtins([update])
    return Call("dynamodb", "UpdateTable", environment.region, parameters)


def _plan(
    situation: Situation, environment: Environment, now: datetime, there: TableIndexes, change: IndexChange
) -> Plan:
    (update,) = change.GlobalSecondaryIndexUpdates
    name = _name(update)
    index = there.named(name)
    units = f"{index.read_units}/{index.write_units}" if index is not None else ""
    step = Step(
        kind="table.index",
        title=safe(f"Table  {there.table}  {_told(update)}", 400),
        call=_call(environment, there, change),
        preconditions=(
            Precondition("table.status", "ACTIVE"),
            Precondition("index.status", str(index.status) if index is not None else ""),
        ),
        before={"index": name, "units": units},
        after={"status": GONE if update.Delete is not None else "ACTIVE", "index": name},
    )
    gone = update.Delete is not None
    lost = f"index {name}: whatever queries it fails at once; made anew it has to be filled again"
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Indexes of {there.table}: {_told(update)}",
        asks=Grade.TYPED if gone else grade(environment),
        steps=(step,),
        saved=(safe(f"the indexes there are: {', '.join(one.name for one in there.indexes) or 'none'}", 400),),
        irreversible=(SafeText(safe(lost, 400)),) if gone else (),
        notes=tuple(safe(note, 400) for note in _notes(situation, there, update)),
    )


def _notes(situation: Situation, there: TableIndexes, update: IndexUpdate) -> list[str]:
    told = []
    if update.Create is not None:
        told.append(
            f"WARNING   it is filled from {count(there.items)} items, {there.size_bytes / 1e6:.1f} MB: minutes to "
            "hours, paid for, and it cannot be stopped"
        )
        told.append("Meanwhile the table is read and written as before; the index answers when it is ACTIVE")
    parts = situation.parts.value
    if parts is not None and there.table in parts.tables:
        told.append(f"Drift     the stack {parts.stack_name} sets the indexes too: let its template say the same")
    return told
