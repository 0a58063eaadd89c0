"""The operations of a table are found by what they publish, also those that never get through."""

from __future__ import annotations

import msgspec

from services import catalogue, diagnosis
from services.aws import metrics, tables
from services.aws.session import Account
from services.model.parts import Parts
from services.safe_text import safe
from services.settings.loading import at_endpoint, find, load
from services.simulated.publishing import MetricFault, MetricFaultKind
from tests.simulated_support import manual, simulated

TABLE = "ec2-manager-audit-production"


async def test_an_operation_that_is_only_throttled_is_found_and_has_series_of_its_own() -> None:
    with simulated("hot-partition") as simulation:
        lost = MetricFault("AWS/DynamoDB", "SuccessfulRequestLatency", MetricFaultKind.REMOVED, value="PutItem")
        simulation.publishing.add(lost)
        manual(simulation).advance(900)
        environment = at_endpoint(find(load(), "prod"), simulation.endpoint)
        account = Account(environment, simulation.clock)
        try:
            used = await metrics.operations(account, TABLE)
            assert used == ("GetItem", "PutItem", "Query")
            described = await tables.describe(account, TABLE)
            table = msgspec.structs.replace(described, operations=used)
            parts = Parts(safe("S"), safe("arn"), ())
            own = diagnosis.signals(parts, (), (table,), environment.region)
            throttled = [one for one in own if one.metric.name == "ThrottledRequests"]
            latencies = [
                one for one in catalogue.signals(parts, (), (table,), (), environment) if one.key == "table.latency"
            ]
            asked = int(simulation.clock.now().timestamp()) // 60 * 60
            counted = {}
            for signal in throttled:
                found = await metrics.fetch(account, [signal], asked - 3600, asked)
                counted[dict(signal.metric.dimensions)["Operation"]] = sum(found[signal.id].statistic("Sum").values())
        finally:
            await account.close()
    assert [one.resource for one in latencies] == [f"{TABLE}/{one}" for one in used]
    assert set(counted) == set(used)
    assert counted["PutItem"] > 0
