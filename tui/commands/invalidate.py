"""`cockpit invalidate`: drop CloudFront's copies of some paths, and wait until that is done everywhere."""

from __future__ import annotations

import click

from services.problems import AccountError
from tui.commands.common import Common, common_options, resolved

NEEDED = ("identity", "parts", "stack", "distributions", "invalidations")
"""What a plan is made from."""


@click.command(name="invalidate", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--plan", "only_plan", is_flag=True, help="Print the plan and do nothing.")
@click.option("--yes", is_flag=True, help="Carry it out without asking.")
@click.option("--reason", default="", metavar="TEXT", help="Why; goes into the journal.")
@click.option("--json", "as_json", is_flag=True, help="The plan, refusal or outcome as one JSON object.")
@common_options
def command(
    environment: str,
    paths: tuple[str, ...],
    only_plan: bool,
    yes: bool,
    reason: str,
    as_json: bool,
    common: Common,
) -> int:
    """Invalidate PATHs (`/index.html`, `/assets/*`) of ENV's distribution and wait until it is Completed.

    Ends 0 when it is completed, 1 when it failed or was refused, 2 for a wrong configuration, 3 when AWS could not
    be reached, 130 when interrupted (the invalidation goes on). --json is that of `cockpit rollback`.
    """
    from services.actions.invalidation import plan_invalidation
    from tui.commands import ordering
    from tui.commands.glance import glance, misnamed, unreachable

    settings, found = resolved(environment, common)
    if not only_plan:
        ordering.check_may_act(found)
        ordering.check_can_ask(yes)
    with glance(found, settings) as looking:
        situation = looking.answered(NEEDED)
        cause = unreachable(situation) or misnamed(situation)
        if cause is not None:
            raise AccountError(cause)
        plan = plan_invalidation(situation, found, settings, looking.clock.now(), paths)
        clock = looking.clock
    return ordering.decided(
        plan, found, situation.identity.value, clock.now,
        only_plan=only_plan, yes=yes, reason=reason, as_json=as_json,
    )  # fmt: skip
