"""Everything that one dashboard shows, read at once: its body, its series, the units of its values, its alarms.

AWS computes the metric math, in the same call as the raw rows. A call that AWS refuses is cut in halves until the
widget that it means is alone: that one shows the refusal in its place, the others their lines.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.aws import dashboards
from services.aws.budget import billed
from services.aws.reply import Reply, garbled, need, pages, rows, text
from services.aws.session import Account
from services.dashboards import naming, parsing, queries, units
from services.dashboards.expressions import stands_alone
from services.dashboards.queries import Ask, Query
from services.model.alarms import Alarm
from services.model.dashboards import (
    AlarmWidget,
    Answer,
    Board,
    Dashboard,
    Filled,
    Line,
    MetricWidget,
    Span,
    ValueUnit,
)
from services.model.series import MetricId
from services.problems import AccountError, Problem, ProblemKind, problem
from services.safe_text import SafeText, safe

FEED = "dashboard"
"""Its name in the budget."""

LEAST_EVERY = 60.0
"""Seconds between two looks: no metric of a service is finer."""

STILL_EVERY = 300.0
"""Seconds between two looks at a range that has ended."""

UNITS_A_TURN = 20
"""How many unknown units are looked up in one turn, each with one call."""

UNIT_WINDOW = timedelta(hours=3)
MOST_ANSWERS = 100
"""Lines shown of one widget: what a SEARCH finds has no end."""

_PAGES = 20

Points = dict[int, float]


class DashboardReader:
    """Reads one dashboard again and again. Remembers what AWS refused of it and the units it has learned."""

    def __init__(self, name: SafeText, span: Span | None = None) -> None:
        """`span` replaces the dashboard's own time ranges."""
        self.name = name
        self.span = span
        self._units: dict[tuple[str, str], ValueUnit] = {}
        self._refused: dict[MetricWidget, Problem] = {}

    async def read(self, account: Account, known: Collection[tuple[str, str]] = ()) -> Board:
        """The dashboard as of now. `known`: alarms (region, name) that need not be asked for. Raises AccountError."""
        dashboard = await self.parsed(account)
        asks = queries.asks(dashboard, account.clock.now().timestamp(), self.span)
        every = self._expected(account, dashboard, asks)
        return msgspec.structs.replace(await self.filled(account, dashboard, asks, known), every=every)

    async def parsed(self, account: Account) -> Dashboard:
        """The body as it is now. Raises AccountError, GARBLED for one that is no dashboard."""
        written = await dashboards.body(account, self.name)
        try:
            return parsing.parse(self.name, written, account.environment.region)
        except parsing.Unreadable as error:
            remedy = "Correct the body in the CloudWatch console, or choose another dashboard."
            raise AccountError(
                problem(ProblemKind.GARBLED, error, operation="cloudwatch:GetDashboard", remedy=remedy)
            ) from error

    async def filled(
        self, account: Account, dashboard: Dashboard, asks: Sequence[Ask], known: Collection[tuple[str, str]] = ()
    ) -> Board:
        """`dashboard` with what `asks` bring, its units and its alarms. What goes on from here is not told the budget.

        Raises AccountError.
        """
        await self._learn(account, dashboard, account.clock.now())
        found, refusal = await self._alarms(account, dashboard, known)
        filled = {index: _without_answers(one) for index, one in _metric_widgets(dashboard)}
        for part in await asyncio.gather(*(self._fill(account, dashboard, ask) for ask in asks)):
            for index, more in part.items():
                filled[index] = _joined(filled[index], more)
        return Board(dashboard, filled, found, account.clock.now(), refusal, self.span)

    def _expected(self, account: Account, dashboard: Dashboard, asks: Sequence[Ask]) -> float:
        """Tell the budget what goes on from here; returns the seconds to the next look."""
        periods = [query.period for ask in asks for query in ask.queries]
        every = max(LEAST_EVERY, min(float(min(periods, default=60)), STILL_EVERY))
        if (self.span or dashboard.span).end is not None:
            every = STILL_EVERY
        account.budget.expect(FEED, cost(asks), every)
        return every

    # ---- series

    async def _fill(self, account: Account, dashboard: Dashboard, ask: Ask) -> dict[int, Filled]:
        """One call's widgets. What fails is said in the places of those it was for."""
        refused = {index: self._refused.get(_content(dashboard, index)) for index in ask.widgets}
        found = {index: Filled(problem=one) for index, one in refused.items() if one is not None}
        left = [index for index in ask.widgets if index not in found]
        if left:
            found |= await self._ask(account, dashboard, ask.only(left))
        return {index: msgspec.structs.replace(one, begin=ask.begin, until=ask.until) for index, one in found.items()}

    async def _ask(self, account: Account, dashboard: Dashboard, ask: Ask) -> dict[int, Filled]:
        try:
            return await self._answered(account, dashboard, ask)
        except AccountError as error:
            cause = error.problem
        widgets = ask.widgets
        if cause.kind is not ProblemKind.REFUSED:
            return {index: Filled(problem=cause) for index in widgets}
        if len(widgets) == 1:
            own = self._refused[_content(dashboard, widgets[0])] = _in_its_words(cause, widgets[0])
            return {widgets[0]: Filled(problem=own)}
        middle = len(widgets) // 2
        first = await self._ask(account, dashboard, ask.only(widgets[:middle]))
        return first | await self._ask(account, dashboard, ask.only(widgets[middle:]))

    async def _answered(self, account: Account, dashboard: Dashboard, ask: Ask) -> dict[int, Filled]:
        parameters = {
            "MetricDataQueries": [dict(query.parameters) for query in ask.queries],
            "StartTime": datetime.fromtimestamp(ask.begin, UTC),
            "EndTime": datetime.fromtimestamp(ask.until, UTC),
            "ScanBy": "TimestampAscending",
        }
        asked = {query.id: query for query in ask.queries}
        points: dict[tuple[str, SafeText], Points] = {}
        wrong: dict[int, Problem] = {}
        async for page in pages(account, "cloudwatch", "GetMetricData", parameters, region=ask.region, limit=_PAGES):
            need(page, "MetricDataResults", list)
            for result in rows(page, "MetricDataResults"):
                query = asked.get(str(result.get("Id")))
                if query is None:
                    raise garbled("the Id of a question")
                own = "Expression" in query.parameters or "Label" in query.parameters
                label = text(result, "Label") if own else SafeText("")
                _merge(result, points.setdefault((query.id, label), {}))
                amiss = _amiss(result)
                if amiss is not None:
                    wrong[query.widget] = amiss
        found: dict[int, list[Answer]] = {index: [] for index in ask.widgets}
        for (identity, label), values in points.items():
            query = asked[identity]
            found[query.widget].append(self._answer(_content(dashboard, query.widget), query, label, values))
        return {
            index: Filled(tuple(sorted(answers, key=lambda one: one.line))[:MOST_ANSWERS], wrong.get(index))
            for index, answers in found.items()
        }

    def _answer(self, content: MetricWidget, query: Query, label: SafeText, points: Points) -> Answer:
        line = content.lines[query.line]
        said = label if label and (_several(line) or "${" in line.label) else naming.names(content.lines)[query.line]
        unit = units.of_line(line, content.lines, self._units)
        return Answer(query.line, said, tuple(sorted(points.items())), query.period, unit)

    # ---- units

    async def _learn(self, account: Account, dashboard: Dashboard, now: datetime) -> None:
        """Look up the units that only their publisher knows, each once: GetMetricStatistics tells them."""
        wanted: dict[tuple[str, str], MetricId] = {}
        for _, content in _metric_widgets(dashboard):
            for line in content.lines:
                metric = line.metric
                if metric is not None and not line.account and units.known(metric) is None:
                    wanted.setdefault((metric.namespace, metric.name), metric)
        unknown = [metric for name, metric in wanted.items() if name not in self._units][:UNITS_A_TURN]
        for metric, unit in zip(
            unknown, await asyncio.gather(*(_unit(account, one, now) for one in unknown)), strict=True
        ):
            if unit is not None:
                self._units[metric.namespace, metric.name] = unit

    # ---- alarms

    async def _alarms(
        self, account: Account, dashboard: Dashboard, known: Collection[tuple[str, str]]
    ) -> tuple[dict[tuple[str, str], Alarm], Problem | None]:
        wanted: dict[str, list[str]] = {}
        for widget in dashboard.widgets:
            for region, name in widget.content.alarms if isinstance(widget.content, AlarmWidget) else ():
                if (region, name) not in known and name not in wanted.setdefault(region, []):
                    wanted[region].append(name)
        found: dict[tuple[str, str], Alarm] = {}
        try:
            for region, names in wanted.items():
                for alarm in await dashboards.alarms(account, region, names) if names else ():
                    found[region, alarm.name] = alarm
        except AccountError as error:
            return found, error.problem
        return found, None


def cost(asks: Sequence[Ask]) -> int:
    """How many metrics AWS bills for asking all this once."""
    return billed([query.parameters for ask in asks for query in ask.queries if "MetricStat" in query.parameters])


async def rest(account: Account) -> None:
    """Nobody looks any more: nothing is spent from here on."""
    account.budget.expect(FEED, 0, LEAST_EVERY)


def _content(dashboard: Dashboard, index: int) -> MetricWidget:
    content = dashboard.widgets[index].content
    assert isinstance(content, MetricWidget)
    return content


def _metric_widgets(dashboard: Dashboard) -> list[tuple[int, MetricWidget]]:
    return [
        (index, widget.content)
        for index, widget in enumerate(dashboard.widgets)
        if isinstance(widget.content, MetricWidget)
    ]


def _without_answers(content: MetricWidget) -> Filled:
    """What is known of a widget before anything was asked: the rows that cannot be."""
    faults = list(dict.fromkeys(queries.faults(content).values()))
    if not faults:
        return Filled()
    return Filled(problem=problem(ProblemKind.REFUSED, " · ".join(faults)))


def _joined(one: Filled, more: Filled) -> Filled:
    """A widget's lines may come from several regions."""
    return Filled(
        answers=tuple(sorted((*one.answers, *more.answers), key=lambda answer: answer.line)),
        problem=more.problem or one.problem,
        begin=min(one.begin, more.begin) if one.begin else more.begin,
        until=max(one.until, more.until),
    )


def _in_its_words(cause: Problem, index: int) -> Problem:
    """A refusal of one widget, with the ids as its body has them and without the name of the call."""
    said = re.sub(rf"\bw{index}_(\d+)\b", lambda found: f"row {int(found[1]) + 1}", cause.message)
    said = re.sub(rf"\bw{index}_", "", said)
    call, _, words = said.partition(": ")
    return msgspec.structs.replace(cause, message=safe(words if words and "GetMetricData" in call else said, 600))


def _several(line: Line) -> bool:
    """Whether one row may be answered with several lines, which only AWS can name."""
    return bool(line.expression) and (stands_alone(line.expression) or "[" in line.expression)


def _merge(result: Reply, into: Points) -> None:
    times: Any = result.get("Timestamps") or []
    values: Any = result.get("Values") or []
    if len(times) != len(values):
        raise garbled("a value for each timestamp")
    for at, value in zip(times, values, strict=True):
        if not isinstance(at, datetime) or not isinstance(value, int | float):
            raise garbled("timestamps and values")
        moment = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        if value == value and abs(value) != float("inf"):  # NaN is no point
            into[int(moment.timestamp())] = float(value)


def _amiss(result: Reply) -> Problem | None:
    """What AWS says of one line besides its points."""
    status = str(result.get("StatusCode", "Complete"))
    said = "; ".join(text(one, "Value") or text(one, "Code") for one in rows(result, "Messages"))
    if status in ("Complete", "PartialData") and not said:
        return None
    kind = ProblemKind.DENIED if status == "Forbidden" else ProblemKind.FAILING
    message = said or f"CloudWatch could not read it: {status}"
    return Problem(kind, safe(message, 300), operation="cloudwatch:GetMetricData", code=safe(status))


async def _unit(account: Account, metric: MetricId, now: datetime) -> ValueUnit | None:
    """The unit of a metric's newest points; PLAIN without any, None when it could not be asked."""
    parameters = {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
        "StartTime": now - UNIT_WINDOW,
        "EndTime": now,
        "Period": 3600,
        "Statistics": ["SampleCount"],
    }
    try:
        reply = await account.ask("cloudwatch", "GetMetricStatistics", parameters, region=metric.region)
    except AccountError:
        return None  # numbers without a unit are still numbers; the next look asks again
    found = rows(reply, "Datapoints")
    return units.published(text(found[0], "Unit")) if found else ValueUnit.PLAIN
