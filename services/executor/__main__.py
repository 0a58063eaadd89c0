"""`python -m services.executor`: started by `orders`, it forks, so that it is nobody's child, and carries on alone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import syslog
from pathlib import Path


def main() -> int:
    """Fork at once, before anything heavy is loaded: who started us learns that we run, and is free."""
    parser = argparse.ArgumentParser(prog="services.executor", description="Carries out one operation of the journal.")
    parser.add_argument("--home", required=True, type=Path, help="the journal's folder")
    parser.add_argument("--operation", required=True, help="which operation")
    parser.add_argument("--locks", default="", help="descriptors of the held locks: the operation's, then the lease")
    parser.add_argument("--resume", default="", metavar="WHO", help="who resumes it")
    given = parser.parse_args()
    if os.fork():
        return 0
    os.umask(0o077)
    for name in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    return _alone(given)


def _alone(given: argparse.Namespace) -> int:
    try:
        return _run(given.home, given.operation, [int(one) for one in given.locks.split(",") if one], given.resume)
    except Exception as error:
        # The edge of a process without a terminal: the journal could not be used, so the system's log has to do.
        from services.redact import redact

        said = f"cockpit executor: operation {given.operation}: {type(error).__name__}: {error}"
        syslog.syslog(syslog.LOG_ERR, redact(said))
        return 1


def _run(path: Path, operation: str, descriptors: list[int], by: str) -> int:
    import asyncio

    from services.executor.pace import Stopping
    from services.executor.taking_up import take_up
    from services.journal.home import JournalHome
    from services.journal.leases import Lock

    async def carry_out() -> None:
        stopping = Stopping()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.ask)
        # The first lock is the operation's, held until this process ends; the others go when all is applied.
        locks = [Lock(one) for one in descriptors[1:]]
        await take_up(JournalHome(path), operation, locks=locks, stopping=stopping, by=by)

    asyncio.run(carry_out())
    return 0


if __name__ == "__main__":
    sys.exit(main())
