"""Faults on order: which call is hit, and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.simulated.faults import Fault, FaultKind, Faults

NOW = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)


def taken(faults: Faults, *calls: tuple[str, str]) -> list[FaultKind | None]:
    met = [faults.take(service, operation, "us-west-2", NOW) for service, operation in calls]
    return [fault.kind if fault is not None else None for fault in met]


UPDATE = ("lambda", "UpdateAlias")
READ = ("lambda", "GetAlias")


def test_the_next_matching_call_alone_is_hit() -> None:
    faults = Faults()
    faults.add(Fault(*UPDATE, FaultKind.THROTTLE))
    assert taken(faults, READ, UPDATE, UPDATE) == [None, FaultKind.THROTTLE, None]
    assert faults.pending == 0


def test_the_nth_and_as_many_as_were_ordered() -> None:
    faults = Faults()
    faults.add(Fault(*UPDATE, FaultKind.DENY, nth=2, times=2))
    assert taken(faults, UPDATE, READ, UPDATE, UPDATE, UPDATE) == [None, None, FaultKind.DENY, FaultKind.DENY, None]


def test_without_a_number_it_holds_until_it_is_cleared() -> None:
    faults = Faults()
    faults.add(Fault("lambda", "*", FaultKind.EXPIRED, times=None))
    assert taken(faults, UPDATE, READ, ("sts", "GetCallerIdentity")) == [FaultKind.EXPIRED, FaultKind.EXPIRED, None]
    faults.clear()
    assert taken(faults, UPDATE) == [None]


def test_two_orders_for_one_operation_come_one_after_the_other() -> None:
    faults = Faults()
    faults.add(Fault(*UPDATE, FaultKind.THROTTLE))
    faults.add(Fault(*UPDATE, FaultKind.RESET_AFTER))
    assert taken(faults, UPDATE, UPDATE, UPDATE) == [FaultKind.THROTTLE, FaultKind.RESET_AFTER, None]


def test_a_fault_of_another_region_is_not_met() -> None:
    faults = Faults()
    faults.add(Fault("cloudwatch", "GetMetricData", FaultKind.DENY, region="us-east-1"))
    assert faults.take("cloudwatch", "GetMetricData", "us-west-2", NOW) is None
    assert faults.take("cloudwatch", "GetMetricData", "us-east-1", NOW) is not None


def test_a_fault_with_times_of_its_own_holds_between_them_by_the_account_s_clock() -> None:
    faults = Faults()
    begins, ends = NOW + timedelta(seconds=60), NOW + timedelta(seconds=90)
    faults.add(Fault(*UPDATE, FaultKind.THROTTLE, times=None, begins=begins, ends=ends))
    met = [faults.take(*UPDATE, "us-west-2", NOW + timedelta(seconds=s)) is not None for s in (0, 59, 60, 89, 90, 91)]
    assert met == [False, False, True, True, False, False]
    assert faults.pending == 0


NAIVE = datetime(2026, 11, 23)  # noqa: DTZ001 - that it has no zone is the point


@pytest.mark.parametrize("order", [{"begins": NAIVE}, {"ends": NAIVE}])
def test_a_time_without_an_offset_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="offset"):
        Faults().add(Fault(*UPDATE, FaultKind.DENY, **order))


@pytest.mark.parametrize("order", [{"nth": 0}, {"times": 0}])
def test_an_order_for_no_call_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        Faults().add(Fault(*UPDATE, FaultKind.DENY, **order))
