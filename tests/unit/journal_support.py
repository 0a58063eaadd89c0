"""Plans and homes for tests of the journal and of what stands on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.journal.disk import Disk
from services.model.plan import ActionKind, Call, Criterion, Grade, Plan, Precondition, Step
from services.model.series import MetricId
from services.safe_text import SafeText

NOW = datetime(2026, 11, 23, 3, 11, 42, tzinfo=UTC)


def a_metric(name: str) -> MetricId:
    return MetricId("us-west-2", "AWS/ApiGateway", name, (("ApiName", "api"), ("Stage", "prod")))


def a_plan(now: datetime = NOW, *, environment: str = "production") -> Plan:
    """LIVE of `fn` from 42 to 41."""
    return Plan(
        kind=ActionKind.ROLLBACK,
        environment=environment,
        account=SafeText("123456789012"),
        title="Roll back",
        made=now,
        expires=now + timedelta(minutes=5),
        grade=Grade.TYPED,
        steps=(
            Step(
                kind="lambda.alias",
                title=SafeText("Lambda  LIVE  v42 → v41"),
                call=Call(
                    "lambda",
                    "UpdateAlias",
                    "us-west-2",
                    {
                        "FunctionName": "fn",
                        "Name": "LIVE",
                        "FunctionVersion": "41",
                        "RoutingConfig": {"AdditionalVersionWeights": {}},
                        "RevisionId": "8c1f3a52-9c1d-4d5e-8f6a-0a1b2c3d4e5f",
                    },
                ),
                preconditions=(Precondition("alias.version", "42"),),
                before={"version": "42", "weights": ""},
                after={"version": "41", "weights": ""},
            ),
        ),
        saved=(SafeText("alias LIVE: v42"),),
        irreversible=(SafeText("requests that have failed"),),
        criterion=Criterion("errors < 1 %", requests=a_metric("Count"), errors=a_metric("5XXError")),
    )


class FailingDisk(Disk):
    """Fails the n-th call, counted from 1 over writes and syncs alike; short writes where asked."""

    def __init__(self, nth: int, error: int, *, short: bool = False) -> None:
        self.calls, self._nth, self._error, self._short = 0, nth, error, short

    def _fail(self) -> bool:
        self.calls += 1
        return self.calls == self._nth

    def write(self, descriptor: int, data: bytes) -> int:
        if self._fail():
            if self._short:
                return super().write(descriptor, data[: len(data) // 2])
            raise OSError(self._error, "planted")
        return super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        if self._fail():
            raise OSError(self._error, "planted")
        super().sync(descriptor)
