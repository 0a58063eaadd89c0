"""The world's minutes: the same for everyone who asks, in agreement with themselves, causes before effects."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.simulated.world import spreads
from services.simulated.world.controls import AliasState, Controls, InvalidationState, StageState
from services.simulated.world.model import World
from services.simulated.world.scenarios import SCENARIOS
from services.simulated.world.sign_ins import UNKNOWN, WEB
from services.simulated.world.values import Minute, Request, Spread

STARTED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
START = int(STARTED.timestamp())
ENVIRONMENTS = ("production", "staging", "dev")


def controls_of(*moves: tuple[float, AliasState]) -> Controls:
    controls = Controls()
    for environment in ENVIRONMENTS:
        controls.move_alias(environment, STARTED - timedelta(days=30), AliasState(41))
    for seconds, state in moves:
        controls.move_alias("production", STARTED + timedelta(seconds=seconds), state)
    return controls


def world(controls: Controls | None = None, *, seed: int = 1, scenario: str = "calm") -> World:
    return World(
        seed=seed, started=STARTED, scenario=SCENARIOS[scenario], controls=controls if controls else controls_of()
    )


def tally(requests: tuple[Request, ...]) -> dict[str, float]:
    return {
        "requests": len(requests),
        "5xx": sum(request.status >= 500 for request in requests),
        "4xx": sum(400 <= request.status < 500 for request in requests),
        "latency": sum(request.latency_ms for request in requests),
    }


minutes = st.integers(min_value=-12 * 1440, max_value=300).map(lambda minute: START + 60 * minute)


@settings(deadline=None, max_examples=60)
@given(environment=st.sampled_from(ENVIRONMENTS), start=minutes, seed=st.integers(0, 5))
def test_the_same_seed_gives_the_same_minute_and_asking_twice_changes_nothing(
    environment: str, start: int, seed: int
) -> None:
    one, other = world(seed=seed), world(seed=seed)
    first = one.minute(environment, start)
    one.requests(environment, start)
    assert one.minute(environment, start) == first == other.minute(environment, start)
    assert one.requests(environment, start) == other.requests(environment, start)


@settings(deadline=None, max_examples=150)
@given(
    environment=st.sampled_from(("production", *ENVIRONMENTS)),
    start=minutes | st.integers(-3, 80).map(lambda minute: START + 60 * minute),
    move=st.floats(-600, 18_000),
    scenario=st.sampled_from(sorted(SCENARIOS)),
)
def test_the_requests_of_a_minute_add_up_to_it(environment: str, start: int, move: float, scenario: str) -> None:
    subject = world(controls_of((move, AliasState(42, ((41, 0.3),)))), scenario=scenario)
    minute, requests = subject.minute(environment, start), subject.requests(environment, start)
    found = tally(requests)
    assert (minute.requests, minute.errors_5xx, minute.errors_4xx) == (found["requests"], found["5xx"], found["4xx"])
    assert spreads.count(minute.latency) == len(requests)
    assert spreads.total(minute.latency) == pytest.approx(found["latency"])
    ran = Counter(request.version for request in requests if request.version is not None)
    assert {version: of.invocations for version, of in minute.versions.items()} == dict(ran)
    failed = Counter(request.version for request in requests if request.error)
    assert {version: of.errors for version, of in minute.versions.items() if of.errors} == dict(failed)
    assert [request.at_ms for request in requests] == sorted(request.at_ms for request in requests)
    assert all(start * 1000 <= request.at_ms < (start + 60) * 1000 for request in requests)
    assert len({request.id for request in requests}) == len(requests)


@settings(deadline=None, max_examples=60)
@given(start=minutes)
def test_what_the_api_counts_is_what_the_function_ran_and_what_the_authorizer_turned_away(start: int) -> None:
    subject = world()
    minute = subject.minute("production", start)
    invocations = sum(version.invocations for version in minute.versions.values())
    rejected = sum(request.version is None for request in subject.requests("production", start))
    assert invocations == spreads.count(minute.integration)
    assert minute.requests == invocations + rejected
    assert invocations >= 0.95 * minute.requests


@settings(deadline=None, max_examples=80)
@given(
    move_ms=st.integers(0, 59_999),
    minute=st.integers(-3, 3),
    scenario=st.sampled_from(["bad-deploy", "memory-leak", "cold-starts", "hot-partition", "slow-upstream"]),
)
def test_moving_the_alias_changes_no_request_that_came_before(move_ms: int, minute: int, scenario: str) -> None:
    controls = controls_of()
    subject = world(controls, scenario=scenario)
    start = START + 300
    before = subject.requests("production", start)
    earlier = [subject.minute("production", start - 60 * back) for back in range(1, 4)]
    at = STARTED + timedelta(seconds=300, milliseconds=move_ms)
    controls.move_alias("production", at, AliasState(42))
    after = subject.requests("production", start)
    moved_ms = start * 1000 + move_ms
    assert [r for r in after if r.at_ms < moved_ms] == [r for r in before if r.at_ms < moved_ms]
    assert {r.version for r in after if r.at_ms >= moved_ms} <= {42, None}
    assert [subject.minute("production", start - 60 * back) for back in range(1, 4)] == earlier
    fresh = world(controls, scenario=scenario)
    asked = start + 60 * minute
    assert subject.minute("production", asked) == fresh.minute("production", asked)


@settings(deadline=None, max_examples=60)
@given(start=st.integers(-3, 40).map(lambda minute: START + 60 * minute), seed=st.integers(0, 3))
@pytest.mark.parametrize("scenario", ["calm", "auth-failures", "traffic-gone"])
def test_the_sign_ins_of_a_minute_add_up_to_it(scenario: str, start: int, seed: int) -> None:
    subject = world(scenario=scenario, seed=seed)
    minute, tried = subject.minute("production", start), subject.sign_ins("production", start)
    assert minute.sign_ins == sum(one.succeeded for one in tried)
    assert minute.sign_in_failures == sum(not one.succeeded and one.client == WEB for one in tried)
    assert minute.unknown_client_sign_ins == sum(one.client == UNKNOWN for one in tried)
    assert [one.at_ms for one in tried] == sorted(one.at_ms for one in tried)
    assert all(start * 1000 <= one.at_ms < (start + 60) * 1000 for one in tried)
    assert len({one.id for one in tried}) == len(tried)


@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS) - {"traffic-gone"}))
def test_before_anything_begins_a_scenario_is_calm_and_other_environments_always_are(scenario: str) -> None:
    subject, calm = world(scenario=scenario), world()
    for minute in (-3_000, -2_000, -400):
        assert subject.requests("production", START + 60 * minute) == calm.requests("production", START + 60 * minute)
    for environment in ("staging", "dev"):
        for minute in (5, 30, 59):
            assert subject.minute(environment, START + 60 * minute) == calm.minute(environment, START + 60 * minute)


def test_an_onset_inside_a_minute_divides_it_to_the_millisecond() -> None:
    subject = World(
        seed=1,
        started=STARTED + timedelta(seconds=20, milliseconds=250),
        scenario=SCENARIOS["traffic-gone"],
        controls=controls_of(),
    )
    requests = subject.requests("production", START + 120)
    onset = START * 1000 + 140_250
    assert max(request.at_ms for request in requests) < onset
    assert requests == tuple(r for r in world().requests("production", START + 120) if r.at_ms < onset)
    assert subject.requests("production", START + 180) == ()
    assert subject.minute("production", START + 240).edge.requests == 0


def test_throttle_events_are_those_of_requests_that_say_so() -> None:
    subject = world(scenario="hot-partition")
    start = START + 600
    minute, requests = subject.minute("production", start), subject.requests("production", start)
    events = minute.write_throttles + minute.index_write_throttles + minute.index_read_throttles
    noted = [request for request in requests if request.note]
    assert events == sum(int(request.note.rpartition("again ")[2].split()[0]) for request in noted) > 20
    assert all(request.path.endswith(("/start", "/stop")) or request.path == "/audit" for request in noted)
    assert all(request.status == 200 or request.status == 404 or request.status == 400 for request in noted)


def test_the_far_past_repeats_three_days_with_requests_of_its_own() -> None:
    subject = world()
    start = START - 9 * 86_400 + 3_600
    model = start + 6 * 86_400
    assert subject.minute("production", start).latency == subject.minute("production", model).latency
    own, of = subject.requests("production", start), subject.requests("production", model)
    assert [r.at_ms + 6 * 86_400_000 for r in own] == [r.at_ms for r in of]
    assert not {r.id for r in own} & {r.id for r in of}
    assert subject.minute("production", start) != subject.minute("production", start + 86_400)
    assert not {s.id for s in subject.sign_ins("production", start)} & {
        s.id for s in subject.sign_ins("production", model)
    }


def test_a_minute_of_the_far_past_says_which_version_served_then() -> None:
    controls = Controls()
    for environment in ENVIRONMENTS:
        controls.move_alias(environment, STARTED - timedelta(days=30), AliasState(40))
        controls.move_alias(environment, STARTED - timedelta(days=6), AliasState(41))
    subject = world(controls)
    for days, version in ((9, 40), (5, 41), (1, 41)):
        start = START - days * 86_400 + 600
        assert set(subject.minute("production", start).versions) == {version}
        assert {r.version for r in subject.requests("production", start)} <= {version, None}


def test_a_cache_that_fills_in_the_far_past_is_no_repetition() -> None:
    controls = controls_of()
    began = STARTED - timedelta(days=9)
    controls.invalidate("production", InvalidationState(began, began + timedelta(seconds=60), ("/*",)))
    subject = world(controls)
    emptied = subject.minute("production", START - 9 * 86_400 + 60).edge
    assert emptied.hits / emptied.requests < 0.5
    full = subject.minute("production", START - 3 * 86_400 + 60).edge
    assert full.hits / full.requests > 0.85


def test_a_change_of_the_days_that_others_repeat_is_seen_in_those_too() -> None:
    controls = controls_of()
    subject = world(controls)
    start = START - 9 * 86_400 + 3_600
    model = start + 6 * 86_400
    subject.minute("production", start)
    controls.move_alias("production", STARTED - timedelta(days=3, hours=-1), AliasState(39))
    fresh = world(controls)
    for minute in (start, start + 120, model, model + 120):
        assert subject.minute("production", minute) == fresh.minute("production", minute)


def test_seeds_differ() -> None:
    assert world(seed=1).minute("production", START) != world(seed=2).minute("production", START)


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(KeyError):
        world().minute("elsewhere", START)


def test_a_part_of_a_minute_holds_what_arrived_before() -> None:
    subject = world()
    until = START * 1000 + 20_000
    part = subject.part("production", START, until)
    assert part.requests == sum(request.at_ms < until for request in subject.requests("production", START))
    assert 0 < part.requests < subject.minute("production", START).requests
    assert subject.part("production", START, START * 1000 + 60_000) == subject.minute("production", START)


def test_a_bad_version_fails_its_share_and_is_slow_and_going_back_heals() -> None:
    controls = controls_of((120.0, AliasState(42)), (720.0, AliasState(41)))
    subject = world(controls, scenario="bad-deploy")
    bad = [subject.minute("production", START + 60 * minute) for minute in range(2, 12)]
    good = [subject.minute("production", START + 60 * minute) for minute in range(12, 22)]
    rate = sum(m.errors_5xx for m in bad) / sum(m.requests for m in bad)
    assert 0.12 < rate < 0.18
    assert sum(m.errors_5xx for m in good) <= 2
    slow = spreads.merge([m.latency for m in bad])
    quick = spreads.merge([m.latency for m in good])
    assert 300 < spreads.mean(slow) < 2000
    assert spreads.mean(quick) < 200
    assert sum(v.errors for m in bad for v in m.versions.values()) == sum(m.errors_5xx for m in bad)


def test_a_slower_version_has_more_running_at_once() -> None:
    subject = world(controls_of((0.0, AliasState(42))), scenario="bad-deploy")
    calm = world()
    minutes_of = [START + 60 * minute for minute in range(1, 31)]
    slow = sum(subject.minute("production", start).concurrency for start in minutes_of)
    quick = sum(calm.minute("production", start).concurrency for start in minutes_of)
    assert slow > 1.3 * quick


def test_a_weighted_alias_splits_the_requests_by_weight() -> None:
    subject = world(controls_of((0.0, AliasState(41, ((42, 0.1),)))), scenario="bad-deploy")
    ran: Counter[int] = Counter()
    for minute in range(20):
        for version, of in subject.minute("production", START + 60 * minute).versions.items():
            ran[version] += of.invocations
    assert 0.07 < ran[42] / ran.total() < 0.13


def test_failures_bring_retries_of_the_same_person() -> None:
    subject = world(controls_of((0.0, AliasState(42))), scenario="bad-deploy")
    requests = subject.requests("production", START + 60)
    calm = world().requests("production", START + 60)
    assert len(requests) > len(calm)
    failed = {(request.user, request.ip): request.at_ms for request in requests if request.error}
    extra = {request.id for request in requests} - {request.id for request in calm}
    retries = [request for request in requests if request.id in extra]
    assert retries
    assert all((retry.user, retry.ip) in failed for retry in retries)


def test_an_invalidation_empties_the_cache_and_it_fills_again() -> None:
    controls = controls_of()
    subject = world(controls)

    def hit_rate(minute: int) -> float:
        at_edge = subject.minute("production", START + 60 * minute).edge
        return at_edge.hits / at_edge.requests

    assert hit_rate(4) > 0.88
    began = STARTED + timedelta(seconds=300)
    controls.invalidate("production", InvalidationState(began, began + timedelta(seconds=60), ("/*",)))
    assert hit_rate(4) > 0.88
    assert hit_rate(5) < 0.5
    assert hit_rate(7) < hit_rate(9) < hit_rate(11)
    assert hit_rate(14) > 0.87
    misses = spreads.count(subject.minute("production", START + 360).edge.origin)
    assert misses > 3 * spreads.count(subject.minute("production", START + 240).edge.origin)


def test_dev_has_minutes_without_anything() -> None:
    subject = world()
    empty = [m for m in (subject.minute("dev", START - 60 * k) for k in range(300)) if m.requests == 0]
    assert empty
    assert all(m.latency == Spread() and not m.versions and m.edge.requests == 0 and not m.business for m in empty)


def test_staging_and_dev_know_nothing_of_the_bad_version_of_production() -> None:
    controls = controls_of()
    for environment in ("staging", "dev"):
        controls.move_alias(environment, STARTED, AliasState(42))
    subject = world(controls, scenario="bad-deploy")
    errors = sum(subject.minute("staging", START + 60 * k).errors_5xx for k in range(30))
    assert errors <= 3


def worst(minutes: list[Minute], window: int, numerator: str, denominator: str) -> float:
    """The highest rate in percent over any `window` minutes with at least 20 of the denominator."""
    found = 0.0
    for index in range(len(minutes) - window + 1):
        part = minutes[index : index + window]
        below = sum(getattr(m, denominator) for m in part)
        if below >= 20:
            found = max(found, 100 * sum(getattr(m, numerator) for m in part) / below)
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("seed", [1, 7])
def test_in_calm_nothing_crosses_a_warning_of_the_runbook_in_a_day(environment: str, seed: int) -> None:
    subject = world(seed=seed)
    day = [subject.minute(environment, START - 60 * (1440 - k)) for k in range(1440)]
    five = [day[index : index + 5] for index in range(len(day) - 4)]
    latency = [spreads.mean(spreads.merge([m.latency for m in part])) for part in five]
    assert max(value for value in latency if value == value) < 1000  # NaN where nobody called
    assert worst(day, 5, "errors_5xx", "requests") < 5
    assert all(sum(m.errors_5xx for m in day[i : i + 10]) < 3 for i in range(len(day)))
    assert all(m.read_throttles + m.write_throttles + m.function_throttles == 0 for m in day)
    for part in five:
        edge = sum(m.edge.requests for m in part)
        assert not edge or 100 * sum(m.edge.errors_4xx for m in part) / edge < 5
        ran = [v for m in part for v in m.versions.values()]
        assert max((v.duration.values[-1] for v in ran), default=0) < 5000
        assert sum(m.sign_in_failures for m in part) < 10
    if environment == "production":
        assert max(latency) < 200
        assert worst(day, 5, "errors_5xx", "requests") < 1
        assert min(m.requests for m in day) >= 80
    hours = [sum(m.requests for m in day[60 * h : 60 * h + 60]) for h in range(24)]
    assert min(hours) >= 1


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_while_the_bad_version_serves_no_five_minutes_fall_back_under_the_critical_line(seed: int) -> None:
    subject = world(controls_of((0.0, AliasState(42))), seed=seed, scenario="bad-deploy")
    bad = [subject.minute("production", START + 60 * minute) for minute in range(1, 61)]
    for index in range(len(bad) - 4):
        part = bad[index : index + 5]
        assert 10 < 100 * sum(m.errors_5xx for m in part) / sum(m.requests for m in part) < 20
        assert 200 < spreads.mean(spreads.merge([m.latency for m in part])) < 2000


def test_a_health_check_is_one_of_its_minutes_requests_and_changes_nothing_else() -> None:
    """Also of a minute that was looked at before, and where nobody else comes at all."""
    for scenario in ("calm", "traffic-gone"):
        controls, start = controls_of(), START + 300
        subject, plain = world(controls, scenario=scenario), world(scenario=scenario)
        before = subject.minute("production", start)
        for at_ms in (start * 1000 + 45_000, start * 1000 + 15_000):
            controls.check("production", at_ms)
        minute, requests = subject.minute("production", start), subject.requests("production", start)
        assert (minute.requests, minute.checks) == (before.requests + 2, 2)
        assert tally(requests)["latency"] == pytest.approx(spreads.total(minute.latency))
        checks = [request for request in requests if request not in plain.requests("production", start)]
        assert [(one.path, one.at_ms - start * 1000) for one in checks] == [("/health", 15_000), ("/health", 45_000)]
        assert len({one.id for one in requests}) == minute.requests
        assert [one.at_ms for one in requests] == sorted(one.at_ms for one in requests)
        kept = ("sign_ins", "sign_in_failures", "reads", "writes", "edge", "business")
        assert all(getattr(minute, name) == getattr(before, name) for name in kept)
        assert subject.sign_ins("production", start) == plain.sign_ins("production", start)
        assert subject.minute("production", start + 60) == plain.minute("production", start + 60)
        assert subject.part("production", start, start * 1000 + 30_000).checks == 1


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_a_minute_that_another_world_has_worked_out_is_the_one_it_would_work_out_itself(
    scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a scenario, an alias, a stage, an invalidation or a health check does to it."""

    def subject() -> World:
        controls = controls_of((300, AliasState(42)), (900, AliasState(41)))
        began = STARTED + timedelta(seconds=1500)
        controls.invalidate("production", InvalidationState(began, began + timedelta(seconds=60), ("/*",)))
        controls.serve_stage("production", STARTED + timedelta(seconds=2400), StageState(denied=True))
        controls.check("production", (START - 570) * 1000)
        return World(seed=1, started=STARTED, scenario=SCENARIOS[scenario], controls=controls)

    starts = [START + 60 * minute for minute in (*range(-12, 60), -1440, 240)]
    for start in starts:  # a calm one was there first
        world().minute("production", start)
    shared = [subject().minute("production", start) for start in starts]
    monkeypatch.setattr("services.simulated.world.ordinary.find", lambda key: None)
    alone = subject()
    assert shared == [alone.minute("production", start) for start in starts]
