"""`cockpit rollback`: the runbook's rollback.sh, planned, confirmed, carried out by the executor and judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from services.model.plan import Layer
from services.problems import AccountError, ConfigurationError
from tui.commands.common import Common, common_options, resolved

if TYPE_CHECKING:
    from services.model.plan import Plan, Refusal
    from services.model.situation import Situation
    from tui.commands.glance import Glance

NEEDED = ("identity", "parts", "stack", "events", "functions", "releases", "evidence", "apis", "metrics", "deployed")
"""What a plan is made from."""

CONTENT_NEEDED = ("identity", "parts", "stack", "distributions", "buckets")
"""What a restoration of the web content is made from; the bucket itself is read for it."""

PREVIOUS = "previous"

Planner = Callable[["Glance", "Situation"], "Plan | Refusal"]


@click.command(name="rollback", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("target", required=False, default=PREVIOUS, metavar="[previous|TARGET|AS-OF]")
@click.option("--layer", default="", metavar="alias,stage,content|stack", help="What to roll back; else what errs.")
@click.option("--remove", is_flag=True, help="Content: also take away what did not exist then (by a delete marker).")
@click.option("--skip", multiple=True, metavar="RESOURCE", help="Stack: leave this out of a continued rollback.")
@click.option("--plan", "only_plan", is_flag=True, help="Print the plan and do nothing.")
@click.option("--yes", is_flag=True, help="Carry it out without asking.")
@click.option("--reason", default="", metavar="TEXT", help="Why; goes into the journal.")
@click.option("--json", "as_json", is_flag=True, help="The plan, refusal or outcome as one JSON object.")
@common_options
def command(
    environment: str,
    target: str,
    layer: str,
    remove: bool,
    skip: tuple[str, ...],
    only_plan: bool,
    yes: bool,
    reason: str,
    as_json: bool,
    common: Common,
) -> int:
    """Roll ENV back to what served before (or to TARGET) and wait for the verdict.

    --layer: alias (Lambda's alias; TARGET is a version), stage (the API's stage; TARGET is a deployment), or several
    with commas, carried out in the safe order. Without it the layer that the evidence points at: the stage when the
    API fails before it calls a function, else the alias. A version as TARGET means the alias.

    --layer content: restore the web bucket as it was at AS-OF (2026-11-23T03:05:00Z; by default the second before
    its newest publication), invalidate what changed, and prove it at the edge. Nothing is deleted for good. Beside
    other layers it comes last.

    --layer stack: what CloudFormation permits in the stack's state. An update under way is cancelled; a failed
    rollback is continued, each --skip RESOURCE (`Nested.Resource` within a nested stack) left as it is; a failed
    update is rolled back; out of a completed one the template that was kept before it is deployed again, or TARGET,
    one of those kept. What would delete the stack is refused.

    The plan shows what changes, the exact calls and how recovery will be recognised. Without --yes the
    environment's name is asked for. The executor is a process of its own: an interrupt ends this command, not
    the rollback.

    Ends 0 only for RECOVERED; 1 for NOT RECOVERED, INCONCLUSIVE, FAILED, VOID or a refusal; 2 for a wrong
    configuration; 3 when AWS could not be reached; 130 when interrupted.

    \b
    --json: an object with version 1 and either
      plan         the plan, with --plan
      refusal      kind, reason, remedy
      operation, environment, kind, outcome, sentence, ordered, switched, ended, steps [{title, call}], exit
    """
    from services.actions.reasons import lacks
    from tui.commands import ordering
    from tui.commands.glance import glance, misnamed, unreachable

    layers = layers_of(layer, target)
    planner = _planner(layers, target, skip, remove)
    settings, found = resolved(environment, common)
    if lacking := lacks(reason):
        raise ConfigurationError(f"--reason: {lacking}.")
    if not only_plan:
        ordering.check_may_act(found)
        ordering.check_can_ask(yes)
    with glance(found, settings) as looking:
        situation = looking.answered(needed(layers))
        cause = unreachable(situation) or misnamed(situation)
        if cause is not None:
            raise AccountError(cause)
        plan = planner(looking, situation)
        clock = looking.clock
    return ordering.decided(
        plan, found, situation.identity.value, clock.now,
        only_plan=only_plan, yes=yes, reason=reason, as_json=as_json,
    )  # fmt: skip


def needed(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The feeds that a plan of these layers is made of."""
    if Layer.CONTENT not in layers:
        return NEEDED
    return CONTENT_NEEDED if len(layers) == 1 else tuple(dict.fromkeys(NEEDED + CONTENT_NEEDED))


def _planner(layers: tuple[Layer, ...], target: str, skip: tuple[str, ...], remove: bool) -> Planner:
    """What plans these layers. Raises ConfigurationError."""
    if skip and layers != (Layer.STACK,):
        raise ConfigurationError("--skip leaves a resource out of a stack's rollback: write it with --layer stack.")
    if Layer.CONTENT in layers:
        return _content(layers, target, remove)
    return _stack(target, skip) if skip else _layers(layers, target)


def _stack(target: str, skip: tuple[str, ...]) -> Planner:
    from services.actions.stack import plan_stack

    wanted = target_of(target, (Layer.STACK,))
    return lambda looking, situation: plan_stack(
        situation, looking.environment, looking.settings, looking.clock.now(), wanted, skips=skip
    )


def _layers(layers: tuple[Layer, ...], target: str) -> Planner:
    from services.actions.layered import plan_layers

    wanted = target_of(target, layers)
    return lambda looking, situation: plan_layers(
        situation, looking.environment, looking.settings, looking.clock.now(), layers, target=wanted
    )


def _content(layers: tuple[Layer, ...], target: str, remove: bool) -> Planner:
    from services.actions.layered import plan_layers
    from tui.restoring import restoration

    if len(layers) > 1 and target != PREVIOUS:
        raise ConfigurationError(f"{target!r} cannot be the target of several layers; choose one layer, or no target.")
    as_of = None if target == PREVIOUS else instant(target)

    def plan(looking: Glance, situation: Situation) -> Plan | Refusal:
        seen = situation, looking.environment, looking.settings
        found = looking.ask(restoration(*seen, looking.clock, as_of, remove=remove))
        return found if len(layers) == 1 else plan_layers(*seen, looking.clock.now(), layers, content=found)

    return plan


def instant(target: str) -> datetime:
    """`2026-11-23T03:05:00Z`. Raises ConfigurationError."""
    try:
        found = datetime.fromisoformat(target)
    except ValueError:
        raise ConfigurationError(f"{target!r} is no instant; write it as 2026-11-23T03:05:00Z.") from None
    return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)


def layers_of(text: str, target: str) -> tuple[Layer, ...]:
    """`alias,stage`; empty: what the evidence points at, or the alias when a target names a version. Raises
    ConfigurationError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return () if target == PREVIOUS else (Layer.ALIAS,)
    from services.actions.layered import PLANNERS

    known = {layer.value: layer for layer in (*PLANNERS, Layer.CONTENT)} | {"lambda": Layer.ALIAS}
    wrong = [name for name in names if name not in known]
    if wrong:
        there = ", ".join((*PLANNERS, Layer.CONTENT))
        raise ConfigurationError(f"--layer {wrong[0]!r} is no layer; write one of {there}, or several with commas.")
    return tuple(dict.fromkeys(known[name] for name in names))


def target_of(target: str, layers: Sequence[Layer]) -> str:
    """`previous` is empty: the plan proposes; `41` or `v41` is a version, of the stage any deployment's id, of the
    stack a kept one's. Raises ConfigurationError."""
    if target == PREVIOUS:
        return ""
    if not {Layer.STAGE, Layer.STACK} & set(layers) and re.fullmatch(r"v?(\d{1,9})", target) is None:
        raise ConfigurationError(f"{target!r} is no version; write `previous` or a number such as 41.")
    return target
