"""Scenarios in which somebody else is at work on the same environment."""

from __future__ import annotations

import msgspec

from services.simulated.world.scenarios.of_releases import BAD_DEPLOY
from services.simulated.world.scenarios.releases import ALIAS_MOVES, rollout
from services.simulated.world.scenarios.truth import Sign
from services.simulated.world.scenarios.values import OtherOperator, Scenario

_AGAIN = 900.0
"""When the second deployment begins, in the middle of it all."""

_LIVE, _LIVE_AGAIN = 120 + ALIAS_MOVES, _AGAIN + ALIAS_MOVES

TWO_OPERATORS = Scenario(
    "two-operators",
    "v42 is bad; somebody on another machine is about to roll it back and dies with the lease in hand, and a pipeline "
    "deploys v43, which is as bad, in the middle of it.",
    deployments=(*BAD_DEPLOY.deployments, rollout("production", _AGAIN, 42, 43, "start instances in two regions")),
    profiles=dict.fromkeys((42, 43), BAD_DEPLOY.profiles[42]),
    others=(
        OtherOperator(
            "production",
            "lambda {function}:LIVE",
            who="sam on bastion-2",
            doing="Roll back LIVE of {function} from v42 to v41",
            begins=240,
            dies=1_080,
        ),
    ),
    truth=msgspec.structs.replace(
        BAD_DEPLOY.truth,
        breaks="v42 and, since a second deployment, v43 fail 15 % of the requests and are four times as slow",
        onsets=(_LIVE, _LIVE_AGAIN),
        signs=(
            Sign("version.errors:42", "Average", "above", 0.11, _LIVE, _LIVE_AGAIN),
            Sign("version.errors:43", "Average", "above", 0.11, _LIVE_AGAIN, 3_600),
            Sign("version.errors:41", "Average", "below", 0.01, -1_800, _LIVE),
        ),
    ),
)
