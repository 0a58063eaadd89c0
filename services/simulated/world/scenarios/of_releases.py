"""Scenarios in which a deployment is the cause, or nothing is."""

from __future__ import annotations

from services.model.assessment import State
from services.simulated.world.scenarios.releases import ALIAS_MOVES, HISTORY, failing, failing_within, rollout, stuck
from services.simulated.world.scenarios.truth import Cause, Count, Reach, Ring, Rule, Sign, Telling, Truth
from services.simulated.world.scenarios.values import (
    ConfigurationChange,
    FailingFunction,
    Leak,
    Publication,
    Scenario,
    VersionProfile,
)

_LIVE = 120 + ALIAS_MOVES
"""When the alias has moved in a deployment that begins after two minutes."""

CALM = Scenario(
    "calm",
    "An ordinary day: nothing goes wrong.",
    deployments=HISTORY,
    truth=Truth(
        "nothing",
        tells=(
            Telling(at=0, state=State.OK, says=("All five key metrics normal", "last change v41 3 days ago")),
            Telling(at=5_400, state=State.OK, says=("All five key metrics normal", "last change v41 3 days ago")),
        ),
        horizon=7_200,
    ),
)

ONE_FUNCTION_FAILS = Scenario(
    "one-function-fails",
    "Two minutes after the start one function of the Order Desk fails 40 % of its calls; the EC2 Manager is well.",
    deployments=HISTORY,
    desk=(FailingFunction("orderdesk-place-order", 120, 0.4),),
    truth=Truth(
        "one function of another application fails 40 % of its calls",
        onsets=(120,),
        tells=(Telling(at=900, state=State.OK, says=("All five key metrics normal",)),),
    ),
)

BAD_DEPLOY = Scenario(
    "bad-deploy",
    "Two minutes after the start a deployment publishes v42, which fails 15 % of its requests and is slow.",
    deployments=(*HISTORY, rollout("production", 120, 41, 42, "start instances in any region")),
    profiles={42: VersionProfile(error_rate=0.15, slowness=4.0, exception="KeyError: 'region'")},
    truth=Truth(
        "v42 fails 15 % of the requests and is four times as slow",
        onsets=(_LIVE,),
        cause=Cause("deployment", "v42", _LIVE, "R"),
        reaches=(
            Reach("api.errors", State.CRIT, _LIVE + 60, _LIVE + 480),
            Reach("lambda.errors", State.CRIT, _LIVE + 60, _LIVE + 480),
            Reach("api.latency", State.ELEVATED, _LIVE + 60, _LIVE + 480),
        ),
        signs=(
            Sign("version.errors:42", "Average", "above", 0.11, _LIVE, 3_600),
            Sign("version.errors:41", "Average", "below", 0.01, -1_800, _LIVE),
        ),
        rings=(
            Ring(Rule.API_SERVER_ERRORS, _LIVE, _LIVE + 240),
            Ring(Rule.FUNCTION_ERRORS, _LIVE, _LIVE + 420),
            Ring(Rule.ERROR_TRIGGER, _LIVE + 600, _LIVE + 1_260),
        ),
        may_ring=(Rule.ELEVATED_ERRORS,),
        tells=(
            Telling(at=60, state=State.OK, says=("All five key metrics normal", "last change v41 3 days ago")),
            Telling(
                at=660,
                state=State.CRIT,
                says=("API errors", "since 03:02", "v42 went live (stack update 03:02)"),
                since=_LIVE,
                rings=(Rule.API_SERVER_ERRORS, Rule.FUNCTION_ERRORS),
                counts=(Count(Rule.API_SERVER_ERRORS, 100, 500), Count(Rule.ERROR_TRIGGER, 240, 389)),
                clock="trigger: error rate > 10 % for",
                blames=True,
                key="R",
                alarms=("api-5xx", "impaired", "lambda-errors"),
            ),
            Telling(
                at=1_500,
                state=State.CRIT,
                says=("API errors", "since 03:02", "v42 went live (stack update 03:02)"),
                since=_LIVE,
                rings=(Rule.API_SERVER_ERRORS, Rule.FUNCTION_ERRORS, Rule.ERROR_TRIGGER),
                counts=(Count(Rule.ERROR_TRIGGER, 1_080, 1_229),),
                clock="more than 10:00: rollback offered",
                blames=True,
                key="R",
                alarms=("api-5xx", "impaired", "lambda-errors"),
            ),
        ),
    ),
)

HEALTH_REFUSED = Scenario(
    "health-refused",
    "Two minutes after the start a deployment publishes v42, which asks even the health check for a token.",
    deployments=(*HISTORY, rollout("production", 120, 41, 42, "ask for a token everywhere")),
    profiles={42: VersionProfile(guards=("/health",))},
    truth=Truth(
        "v42 turns every health check away with 401; whoever is signed in is served as before",
        onsets=(_LIVE,),
        cause=Cause("deployment", "v42", _LIVE, "R"),
        signs=(
            Sign("api.4xx", "Average", "below", 0.03, -1_800, _LIVE),
            Sign("api.4xx", "Average", "above", 0.03, _LIVE, 3_600),
            Sign("api.5xx", "Sum", "below", 3, -1_800, 3_600),
        ),
        rings=(Ring(Rule.HEALTH_TRIGGER, _LIVE + 300, _LIVE + 420),),
        tells=(
            Telling(at=60, state=State.OK, says=("All five key metrics normal", "last change v41 3 days ago")),
            Telling(
                at=360,
                state=State.WARN,
                says=("API health check failed: HTTP 401", "since 03:0"),
                counts=(Count(Rule.HEALTH_TRIGGER, 120, 209),),
                clock="trigger: health check failing for",
            ),
            Telling(
                at=720,
                state=State.CRIT,
                says=("Health check: the last", "probes failed", "HTTP 401", "v42 went live (stack update 03:02)"),
                since=_LIVE,
                rings=(Rule.HEALTH_TRIGGER,),
                counts=(Count(Rule.HEALTH_TRIGGER, 480, 569),),
                clock="more than 5:00: rollback offered",
                blames=True,
                key="R",
            ),
        ),
    ),
)

_STAGED = 120.0

BAD_STAGE = Scenario(
    "bad-stage",
    "Two minutes after the start somebody deploys the API by hand, with two routes that may not call the function.",
    deployments=HISTORY,
    changes=(
        ConfigurationChange(
            begins=_STAGED,
            service="apigateway",
            operation="CreateDeployment",
            environment="production",
            parameters={"restApiId": "{api}", "stageName": "{stage}", "description": "start and stop by tag"},
            breaks=("/instances/{id}/start", "/instances/{id}/stop"),
        ),
    ),
    truth=Truth(
        "the API's new deployment fails every start and stop, 16 % of the requests, before any function is called",
        onsets=(_STAGED,),
        cause=Cause("stage", "stage", _STAGED, "R"),
        reaches=(Reach("api.errors", State.CRIT, _STAGED + 60, _STAGED + 480),),
        signs=(
            Sign("api.5xx", "Average", "above", 0.12, _STAGED, 3_600),
            Sign("lambda.errors", "Sum", "below", 3, -1_800, 3_600),
        ),
        rings=(
            Ring(Rule.API_SERVER_ERRORS, _STAGED, _STAGED + 240),
            Ring(Rule.ERROR_TRIGGER, _STAGED + 600, _STAGED + 1_260),
        ),
        may_ring=(Rule.ELEVATED_ERRORS,),
        tells=(
            Telling(at=60, state=State.OK, says=("All five key metrics normal", "last change v41 3 days ago")),
            Telling(
                at=660,
                state=State.CRIT,
                says=("API errors", "since 03:02"),
                since=_STAGED,
                rings=(Rule.API_SERVER_ERRORS,),
                counts=(Count(Rule.API_SERVER_ERRORS, 100, 500), Count(Rule.ERROR_TRIGGER, 240, 420)),
                clock="trigger: error rate > 10 % for",
                blames=True,
                key="R",
                alarms=("api-5xx",),
            ),
        ),
    ),
)

_BAD_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>EC2 Manager</title><link rel="stylesheet" href="/style.css"></head>
<body><main id="instances"></main><script src="/assets/app.8c1f.js" defer></script></body>
</html>
"""

BAD_CONTENT = Scenario(
    "bad-content",
    "Two minutes after the start half a build of the web content is published: a page whose script is not there.",
    deployments=HISTORY,
    publications=(
        Publication(
            "production",
            120,
            {"assets/vendor.8c1f.js": "export {};\n", "index.html": _BAD_PAGE},
            drops=("app.js",),
            missing=1 / 3,
        ),
    ),
    truth=Truth(
        "a third of what the edge is asked for is not there: the page names a script that was not published",
        onsets=(120,),
        reaches=(Reach("edge.4xx", State.CRIT, 160, 1_200),),
        signs=(
            Sign("edge.4xx", "Average", "below", 5, -1_800, 120),
            Sign("edge.4xx", "Average", "above", 25, 300, 3_600),
        ),
        cause=Cause("content", "content", 120, "R"),
        tells=(
            Telling(
                at=1_800,
                state=State.CRIT,
                says=("CloudFront 4xx",),
                blames=True,
                key="R",
                alarms=("cloudfront-4xx",),
            ),
        ),
    ),
)

CANARY = Scenario(
    "canary",
    "Two minutes after the start v42 is given a tenth of the requests, and fails 16 % of them.",
    deployments=(*HISTORY, rollout("production", 120, 41, 42, "try the new region list", weight=0.1)),
    profiles={42: VersionProfile(error_rate=0.16, exception="KeyError: 'region'")},
    truth=Truth(
        "v42 fails 16 % of the tenth of the requests that it is given: 1.5 % of all; v41 beside it fails none",
        onsets=(_LIVE,),
        cause=Cause("canary", "v42", _LIVE, "R"),
        signs=(
            Sign("api.5xx", "Average", "above", 0.008, _LIVE, 3_600, 900),
            Sign("api.5xx", "Average", "below", 0.025, _LIVE, 3_600, 900),
            Sign("version.errors:42", "Average", "above", 0.08, _LIVE, 3_600, 900),
            Sign("version.errors:41", "Average", "below", 0.003, -1_800, 3_600, 900),
            Sign("version.invocations:42", "Sum", "above", 200, _LIVE, 3_600, 900),
        ),
        rings=(Ring(Rule.API_SERVER_ERRORS, _LIVE, _LIVE + 420),),
        may_reach=("api.errors", "lambda.errors"),
        tells=tuple(
            Telling(
                at=at,
                state=State.WARN,
                says=("API errors", "API Server Errors", "v42 went live"),
                rings=(Rule.API_SERVER_ERRORS,),
                counts=(Count(Rule.API_SERVER_ERRORS, 10, 80),),
                clock="alert: API Server Errors",
                blames=True,
                key="R",
                alarms=("api-5xx",),
            )
            for at in (660, 1_500)
        ),
    ),
)

_LEAK = Leak(begins=-7_200, full_after=9_000)
_ENDING = _LEAK.begins + _LEAK.ending_from * _LEAK.full_after

MEMORY_LEAK = Scenario(
    "memory-leak",
    "v42, live for two hours, never gives memory back: p99 creeps up, the mean stays, in the end requests time out.",
    deployments=(*HISTORY, rollout("production", _LEAK.begins - ALIAS_MOVES, 41, 42, "keep the instance list")),
    profiles={42: VersionProfile(leak=_LEAK)},
    truth=Truth(
        "v42 leaks memory: one request in fifty waits for it, longer and longer, and in the end some time out",
        onsets=(_LEAK.begins, _ENDING),
        cause=Cause("deployment", "v42", _LEAK.begins, "R", creeps=True),
        reaches=(Reach("lambda.duration", State.ELEVATED, _ENDING, _ENDING + 900),),
        signs=(
            Sign("lambda.duration", "p99", "above", 1_000, -1_800, 3_600),
            Sign("lambda.duration", "p99", "below", 700, -14_400, -7_200),
            Sign("lambda.duration", "Average", "below", 150, -14_400, _ENDING - 60),
            Sign("lambda.duration", "Maximum", "above", 29_999, _ENDING + 60, 3_600, 900),
        ),
        rings=(Ring(Rule.API_SERVER_ERRORS, _ENDING, _ENDING + 900),),
        may_reach=("api.latency", "api.errors", "lambda.errors"),
        tells=(
            Telling(
                at=600,
                state=State.OK,
                says=("All five key metrics normal", "v42 has served since 01:00: Lambda p99", "memory"),
            ),
            Telling(
                at=2_100,
                state=State.WARN,
                says=("API Server Errors", "v42 has served since 01:00: Lambda p99", "memory"),
                rings=(Rule.API_SERVER_ERRORS,),
                counts=(Count(Rule.API_SERVER_ERRORS, 3, 30),),
                clock="alert: API Server Errors",
                blames=True,
                key="R",
                alarms=("api-5xx",),
            ),
        ),
    ),
)

ROLLED_BACK = Scenario(
    "bad-deploy-rolled-back",
    "Two minutes after the start an update of the stack fails at its table and is rolled back: nothing goes live.",
    deployments=(*HISTORY, failing("production", 120, 41, 42, "find audit entries by instance")),
    truth=Truth(
        "the update of the stack failed at AuditTable and was rolled back; v41 serves as before",
        onsets=(159,),
        ends=238,
        tells=(
            Telling(at=900, state=State.WARN, says=("UPDATE_ROLLBACK_COMPLETE", "AuditTable failed at 03:02", "GSI")),
        ),
    ),
)

ROLLBACK_FAILED = Scenario(
    "update-rollback-failed",
    "Two minutes after the start an update fails, and so does its rollback: the stack is stuck half way back.",
    deployments=(*HISTORY, stuck("production", 120, 41, 42, "archive audit entries after a year")),
    truth=Truth(
        "the update's rollback failed at AuditTable and only skipping that leads out of it; v41 serves as before",
        onsets=(161, 218),
        tells=(
            Telling(
                at=900,
                state=State.CRIT,
                says=("UPDATE_ROLLBACK_FAILED", "failed to update: [AuditTable]"),
                key="R",
            ),
        ),
    ),
)

NESTED_ROLLED_BACK = Scenario(
    "nested-deploy-rolled-back",
    "Two minutes after the start an update fails in a stack within the stack, and all of it is rolled back.",
    deployments=(*HISTORY, failing_within("production", 120, 41, 42, "tell the on-call of stopped instances")),
    truth=Truth(
        "DeadLetterQueue of the nested NotificationsStack could not be updated; v41 serves as before",
        onsets=(158,),
        ends=238,
        tells=(
            Telling(
                at=900, state=State.WARN, says=("UPDATE_ROLLBACK_COMPLETE", "DeadLetterQueue failed at 03:02", "86401")
            ),
        ),
    ),
)
