"""The one thing a plan is about, found by its name among what is on the screen; a refusal says which there are."""

from __future__ import annotations

from collections.abc import Sequence

from services.actions.guards import refuse
from services.model.apis import Api
from services.model.functions import Function
from services.model.plan import ActionKind, Refusal
from services.model.situation import Situation


def function_named(kind: ActionKind, situation: Situation, name: str) -> Function | Refusal:
    """The stack's function of this name."""
    known = situation.functions.value or ()
    found = next((one for one in known if one.name == name), None)
    if found is not None:
        return found
    names = ", ".join(one.name for one in known) or "none"
    return refuse(kind, f"the stack has no function {name}", f"Its functions: {names}.")


def staged_apis(kind: ActionKind, situation: Situation, wanted: str) -> list[Api] | Refusal:
    """The stack's APIs that have a stage, at least one; `wanted`: the id of the only one that is meant."""
    found = [one for one in situation.apis.value or () if wanted in ("", str(one.id)) and one.stage]
    if found:
        return found
    named = f" {wanted}" if wanted else ""
    return refuse(kind, f"the stack has no API{named} with a stage", "Name an API of this stack.")


def only_api(kind: ActionKind, found: Sequence[Api]) -> Api | Refusal:
    """The API, where there is no other to choose."""
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{one.name} ({one.id})" for one in found)
    return refuse(kind, f"the stack has several APIs: {names}", "Choose one.")
