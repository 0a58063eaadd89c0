"""Every alarm of the account, brought up to any moment when it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.simulated.cloudwatch import evaluation
from services.simulated.cloudwatch.alarmqueries import QueryAlarms, queries
from services.simulated.cloudwatch.alarmrule import AlarmRule
from services.simulated.cloudwatch.alarms import Alarm, Evaluator, StateChange
from services.simulated.cloudwatch.alarmseeds import seeds
from services.simulated.cloudwatch.checks import moment
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.state import SimulatedState

_AGE = 10 * 86_400
"""How long the account's own alarms have existed."""
_MOST_TICKS = 720
"""How far an evaluation goes back when nobody asked for long: half a day, minute by minute."""


class AlarmBook:
    """Alarms by region and name. Every method takes the state's lock."""

    def __init__(self, state: SimulatedState, reader: MetricReader) -> None:
        self._state = state
        self._evaluator = Evaluator(reader)
        self._queries = QueryAlarms(state, reader)
        self._alarms: dict[tuple[str, str], Alarm] = {}
        self._rules: dict[str, AlarmRule] = {}
        self._seeded = False

    def arn(self, region: str, name: str) -> str:
        return f"arn:aws:cloudwatch:{region}:{self._state.estate.account}:alarm:{name}"

    def put(self, region: str, parameters: Mapping[str, Any], now: float) -> Alarm:
        """Create an alarm (INSUFFICIENT_DATA at birth) or give one a new configuration, keeping its state."""
        name = parameters["AlarmName"]
        with self._state.lock:
            self._seed_once()
            known = self._alarms.get((region, name))
            if known is not None:
                known.parameters = dict(parameters)
                known.enabled = bool(parameters.get("ActionsEnabled", True))
                known.configured = now
                return known
            alarm = Alarm(name, self.arn(region, name), parameters, now)
            self._alarms[region, name] = alarm
            return alarm

    def _seed_once(self) -> None:
        """Put the account's own alarms when alarms are first asked for: nobody waits for them at the start."""
        if self._seeded:
            return
        self._seeded = True
        started = self._state.started.timestamp()
        for region, parameters in seeds(self._state.estate):
            self._seed(region, parameters, started - _AGE, self._calm_until())

    def _calm_until(self) -> float:
        """Until when nothing of the scenario happened that an alarm could see: its start, or a bad release before."""
        scenario, started = self._state.scenario, self._state.started.timestamp()
        bad = (one.begins for one in scenario.deployments if one.to_version in scenario.profiles)
        return started + min(0.0, *bad, 0.0)

    def _seed(self, region: str, parameters: Mapping[str, Any], created: float, settled: float) -> None:
        """An alarm that was created long ago and was evaluated ever since; nothing happened to it until `settled`."""
        alarm = self.put(region, parameters, created)
        first = int(created) // 60 * 60 + 600
        if not alarm.composite:
            found = self._found(region, alarm, first)
            if found is not None:
                alarm.change(found)
        else:
            alarm.change(StateChange(float(first), evaluation.OK, self._composite_reason(region, alarm, first)))
        alarm.evaluated = int(settled) // 60 * 60

    def delete(self, region: str, names: Iterable[str]) -> None:
        with self._state.lock:
            for name in names:
                self._alarms.pop((region, name), None)

    def find(self, region: str, name: str) -> Alarm | None:
        with self._state.lock:
            self._seed_once()
            return self._alarms.get((region, name))

    def all(self, region: str, now: float) -> list[Alarm]:
        """Every alarm of the region by name, as it stands at `now`."""
        with self._state.lock:
            self._seed_once()
            found = [alarm for (of, _), alarm in sorted(self._alarms.items()) if of == region]
            self._advance(region, found, now)
            return found

    def children(self, region: str, name: str) -> set[str]:
        """Names of the alarms that a composite alarm stands on; none for any other."""
        with self._state.lock:
            alarm = self.find(region, name)
            if alarm is None or not alarm.composite:
                return set()
            return {child.rsplit(":alarm:", 1)[-1] for child in self._rule(alarm).alarms}

    def order(self, region: str, name: str, change: StateChange) -> None:
        """SetAlarmState at `change.at`."""
        with self._state.lock:
            self.all(region, change.at)
            self._alarms[region, name].obey(change)

    def _advance(self, region: str, alarms: list[Alarm], now: float) -> None:
        """Evaluate each minute that has passed since the last time, metric alarms before those that stand on them."""
        last = int(now) // 60 * 60
        begin = min((alarm.evaluated for alarm in alarms), default=last)
        ordered = sorted(alarms, key=lambda alarm: alarm.composite)
        for tick in range(max(begin, last - 60 * _MOST_TICKS) + 60, last + 1, 60):
            for alarm in ordered:
                if alarm.evaluated < tick:
                    alarm.evaluated = tick
                    self._evaluate(region, alarm, tick)

    def _evaluate(self, region: str, alarm: Alarm, tick: int) -> None:
        if not alarm.composite:
            found = self._found(region, alarm, tick)
            if found is not None:
                alarm.change(found)
            return
        met = self._rule(alarm).met(lambda name: self._state_of(region, name, tick))
        state = evaluation.ALARM if met else evaluation.OK
        if state != alarm.state:
            alarm.change(StateChange(float(tick), state, self._composite_reason(region, alarm, tick)))

    def _found(self, region: str, alarm: Alarm, tick: int) -> StateChange | None:
        if queries(alarm.parameters):
            return self._queries.at(region, alarm, tick)
        return self._evaluator.at(region, alarm, tick)

    def _rule(self, alarm: Alarm) -> AlarmRule:
        text = alarm.parameters["AlarmRule"]
        if text not in self._rules:
            self._rules[text] = AlarmRule(text)
        return self._rules[text]

    def _child(self, region: str, name: str) -> Alarm | None:
        return self._alarms.get((region, name.rsplit(":alarm:", 1)[-1]))

    def _state_of(self, region: str, name: str, at: float) -> str:
        child = self._child(region, name)
        return child.state_at(at).state if child else evaluation.INSUFFICIENT

    def _composite_reason(self, region: str, alarm: Alarm, tick: int) -> str:
        """Which of its alarms changed last, as CloudWatch words it."""
        children = [child for name in self._rule(alarm).alarms if (child := self._child(region, name))]
        if not children:
            return "The alarm rule was evaluated."
        latest = max(children, key=lambda child: child.state_at(tick).at)
        change = latest.state_at(tick)
        stamp = f"{moment(change.at):%A %d %B, %Y %H:%M:%S} UTC"
        return f"{latest.arn} transitioned to {change.state} at {stamp}"
