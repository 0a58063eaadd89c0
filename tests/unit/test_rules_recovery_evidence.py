"""The evidence beside the limits: what is good, what is waited for, what is never counted as good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from services.model.alarms import Alarm
from services.model.entry import Outcome
from services.model.evidence import Bearing, Piece, as_data, pieces_in
from services.model.plan import Criterion
from services.model.witness import Probe
from services.rules import recovery_evidence as evidence
from services.rules.recovery import RecoveryVerdict
from services.safe_text import SafeText, safe

NOW = datetime(2026, 3, 14, 3, 22, 20, tzinfo=UTC)
FIRST = int(datetime(2026, 3, 14, 3, 15, tzinfo=UTC).timestamp())
CHANGED = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
CRITERION = Criterion("errors < 1 %, latency < 1 s", changed=CHANGED)
UNTIL = FIRST + 300
HOUR = evidence.same_hour(FIRST)[0]


def means(value: float, first: int, requests: float = 50, minutes: int = 5) -> evidence.Means:
    starts = [first + 60 * index for index in range(minutes)]
    return dict.fromkeys(starts, value), dict.fromkeys(starts, requests)


def test_yesterday_is_the_hour_in_which_the_window_would_have_begun() -> None:
    assert evidence.same_hour(FIRST) == (FIRST - 86_400 - 900, FIRST - 86_400 + 2_700)


@pytest.mark.parametrize(
    ("now", "yesterday", "bearing", "said"),
    [
        (118, means(121, HOUR), Bearing.GOOD, "latency 118 ms, yesterday 121 ms"),
        (242, means(121, HOUR), Bearing.GOOD, "latency 242 ms, yesterday 121 ms"),
        (243, means(121, HOUR), Bearing.BAD, "latency 243 ms, yesterday 121 ms: more than 2 times as long"),
        (190, means(40, HOUR), Bearing.GOOD, "latency 190 ms, yesterday 40 ms"),
        (900, ({}, {}), Bearing.SAID, "latency 900 ms, no data of yesterday"),
        (900, means(100, HOUR, 1), Bearing.SAID, "latency 900 ms, only 5 requests yesterday at this hour"),
        (900, means(100, HOUR - 3600), Bearing.SAID, "latency 900 ms, no data of yesterday"),
        (100, None, Bearing.UNREAD, "latency 100 ms, yesterday not read: the metrics do not answer"),
    ],
)
def test_latency_beside_yesterday(now: float, yesterday: evidence.Means | None, bearing: Bearing, said: str) -> None:
    found = evidence.latency(CRITERION, means(now, FIRST), UNTIL, FIRST, yesterday)
    assert (found.bearing, found.text) == (bearing, said)


def test_minutes_outside_the_window_are_not_its_latency() -> None:
    window, later = means(100, FIRST), means(5000, UNTIL)
    both = {**window[0], **later[0]}, {**window[1], **later[1]}
    assert evidence.latency(CRITERION, both, UNTIL, FIRST, means(100, HOUR)).bearing is Bearing.GOOD


def alarm(name: str, state: str, minutes: float = -5) -> Alarm:
    """`minutes`: when it came into the state, from the change on."""
    return Alarm(safe(name), "us-west-2", SafeText(state), CHANGED + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("alarms", "bearing", "said"),
    [
        ([alarm("a", "OK")], Bearing.GOOD, "alarms OK"),
        ([alarm("a", "ALARM", 4), alarm("b", "OK")], Bearing.SAID, "alarm a still rings"),
        ([alarm("a", "ALARM", 4), alarm("b", "ALARM", 5)], Bearing.SAID, "alarm a and b still ring"),
        ([alarm("old", "ALARM")], Bearing.SAID, "alarms OK but old, ringing since 02:55, before the change"),
        ([alarm("old", "ALARM"), alarm("new", "ALARM", 1)], Bearing.SAID, "alarm new still rings"),
        ([replace(alarm("a", "ALARM"), since=None)], Bearing.SAID, "alarm a still rings"),
        ([], Bearing.SAID, "the stack has no alarms"),
    ],
)
def test_alarms_that_began_with_the_change_have_to_be_quiet(alarms: list[Alarm], bearing: Bearing, said: str) -> None:
    found = evidence.alarms(alarms, CHANGED, NOW)
    assert (found.bearing, found.text) == (bearing, said)


def test_without_the_moment_of_the_change_every_ringing_alarm_counts() -> None:
    assert "old still rings" in evidence.alarms([alarm("old", "ALARM")], None, NOW).text


URL = "https://api.example.com/health"
JSON = Probe(NOW, True, SafeText("HTTP 200"), 200, 80, media=SafeText("application/json"), json=True)
HTML = Probe(NOW, True, SafeText("HTTP 200"), 200, 80, media=SafeText("text/html"))
FAILING = Probe(NOW, False, SafeText("HTTP 503"), 503, 80, media=SafeText("application/json"), json=True)
SILENT = Probe(NOW, False, SafeText("connection refused"))


@pytest.mark.parametrize(
    ("probes", "as_json", "bearing", "said"),
    [
        ([JSON], True, Bearing.GOOD, "/health 200 JSON"),
        ([HTML], False, Bearing.GOOD, "/health 200 HTML"),
        ([HTML], True, Bearing.WAITS, "/health 200 HTML, JSON expected"),
        ([HTML, HTML], True, Bearing.BAD, "/health 200 HTML, JSON expected"),
        ([FAILING], True, Bearing.WAITS, "/health 503 JSON"),
        ([FAILING, FAILING], False, Bearing.BAD, "/health 503 JSON"),
        ([FAILING, FAILING, JSON], True, Bearing.GOOD, "/health 200 JSON"),
        ([SILENT, SILENT], True, Bearing.UNREAD, "/health not read: connection refused"),
        ([SILENT, FAILING], True, Bearing.WAITS, "/health 503 JSON"),
        ([], True, Bearing.WAITS, "/health not asked yet"),
    ],
)
def test_the_health_address_and_its_body(probes: list[Probe], as_json: bool, bearing: Bearing, said: str) -> None:
    found = evidence.health(URL, as_json, probes)
    assert (found.bearing, found.text) == (bearing, said)


def test_no_health_address_is_said_and_not_counted() -> None:
    assert evidence.health("", True, []).bearing is Bearing.SAID


@pytest.mark.parametrize(
    ("since", "requests", "whole", "bearing", "said"),
    [
        ({"KeyError ‹text›": 9}, 200, True, Bearing.GOOD, "no new error shape"),
        ({}, 200, True, Bearing.GOOD, "no new error shape"),
        ({"timeout": 1}, 200, True, Bearing.SAID, "1 new error shape: timeout × 1"),
        ({"timeout": 2}, 200, True, Bearing.BAD, "1 new error shape: timeout × 2, 1 % of the requests"),
        ({"timeout": 2}, 200, False, Bearing.SAID, "1 new error shape: timeout × 2"),
        ({"timeout": 9}, 20, True, Bearing.SAID, "1 new error shape: timeout × 9"),
        ({"a": 1, "b": 1, "c": 1}, 900, True, Bearing.SAID, "3 new error shapes: a × 1, b × 1 and 1 more"),
    ],
)
def test_error_shapes_that_were_not_there_before(
    since: dict[str, int], requests: float, whole: bool, bearing: Bearing, said: str
) -> None:
    found = evidence.log(CRITERION, since, {"KeyError ‹text›"}, requests, whole=whole)
    assert (found.bearing, found.text) == (bearing, said)


VERDICT = RecoveryVerdict(Outcome.RECOVERED, (5, 5), SafeText("errors 0 %"), NOW, UNTIL, 500)


def piece(bearing: Bearing) -> Piece:
    return Piece("alarms", bearing, safe(f"it is {bearing.value}"))


@pytest.mark.parametrize(
    ("bearings", "patient", "outcome"),
    [
        ([Bearing.GOOD, Bearing.SAID], True, Outcome.RECOVERED),
        ([Bearing.GOOD, Bearing.WAITS], True, None),
        ([Bearing.GOOD, Bearing.WAITS], False, Outcome.INCONCLUSIVE),
        ([Bearing.GOOD, Bearing.DENIED], True, Outcome.RECOVERED),
        ([Bearing.DENIED, Bearing.WAITS], True, None),
        ([Bearing.UNREAD], True, None),
        ([Bearing.UNREAD], False, Outcome.INCONCLUSIVE),
        ([Bearing.WAITS, Bearing.BAD], True, Outcome.NOT_RECOVERED),
    ],
)
def test_recovered_has_to_be_borne_out(bearings: list[Bearing], patient: bool, outcome: Outcome | None) -> None:
    found = evidence.weighed(VERDICT, [piece(one) for one in bearings], patient=patient)
    assert found.outcome is outcome
    if outcome is not Outcome.RECOVERED or Bearing.DENIED in bearings:
        assert f"it is {bearings[-1].value}" in found.sentence


@pytest.mark.parametrize("outcome", [None, Outcome.NOT_RECOVERED, Outcome.INCONCLUSIVE])
def test_good_evidence_never_makes_a_verdict_better(outcome: Outcome | None) -> None:
    verdict = replace(VERDICT, outcome=outcome)
    assert evidence.weighed(verdict, [piece(Bearing.GOOD)], patient=True) == verdict


def test_a_record_tells_the_evidence_again() -> None:
    pieces = (piece(Bearing.GOOD), piece(Bearing.UNREAD))
    assert pieces_in({"evidence": as_data(pieces)}) == pieces
    assert pieces_in({"evidence": [{"bearing": "of another time"}, 3]}) == ()
    assert pieces_in({}) == ()
