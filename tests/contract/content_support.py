"""Web content of the simulated account: publications that break it, and plans that restore it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.actions.content import Restoration, ours, plan_content
from services.aws.content import history
from services.aws.session import Account
from services.journal.manifests import write_manifest
from services.model.reading import Reading
from tests.contract.executor_support import SETTINGS, Desk, situation_of
from tests.simulated_support import boto


class Shelf(Desk):
    """A desk in front of production's web bucket."""

    _s3: Any = None
    good: dict[str, bytes]
    """What the bucket held before the publication."""

    @property
    def bucket(self) -> str:
        return str(self.account.state.estate.environment("production").bucket)

    @property
    def s3(self) -> Any:
        if self._s3 is None:
            self._s3 = boto(self.account, "s3")
        return self._s3

    def put(self, *keys: str, body: str = "bad") -> None:
        """Somebody publishes."""
        for key in keys:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=f"{body} {key}".encode())

    def drop(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=key)

    def held(self) -> dict[str, bytes]:
        """What the bucket holds now, by the account's own word."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {one["Key"]: self.s3.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in listed}

    def copies(self, keys: Iterable[str] = ()) -> int:
        """CopyObject calls that were applied, of these keys or of any."""
        wanted = set(keys)
        return sum(
            call.operation == "CopyObject" and call.status == 200 and (not wanted or call.parameters["Key"] in wanted)
            for call in self.account.calls
        )

    async def restoration(
        self, as_of: datetime | None = None, *, remove: bool = False, undo_of: str = ""
    ) -> Restoration:
        """A plan from what the account answers; its manifest is written."""
        situation = await situation_of(self.environment, self.clock)
        operations = tuple(self.read(one) for one in self.ordered)
        situation = situation.folded("operations", Reading(operations, situation.now), situation.now)
        account = Account(self.environment, self.clock)
        try:
            found = await history(account, self.bucket, as_of, ours(operations))
        finally:
            await account.close()
        planned = plan_content(
            situation, self.environment, SETTINGS, self.clock.now(), found, remove=remove, undo_of=undo_of
        )
        assert isinstance(planned, Restoration), planned
        write_manifest(self.home, planned.plan.steps[0].after["manifest"], planned.moves)
        return planned

    @property
    def ordered(self) -> tuple[str, ...]:
        return tuple(name.split(".")[0] for name in self.home.names() if name.endswith(".order.jsonl"))
