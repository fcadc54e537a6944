"""The emulator's server process; runs in ministack's environment.

Settings come from the environment, as ministack's own do; see :mod:`tests.aws.emulator.launcher`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from ministack import app as ministack

from tests.aws.emulator.authorization import plug_in_authorization
from tests.aws.emulator.batch_api import plug_in_batch
from tests.aws.emulator.batch_job import Jobs
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.formation import plug_in_resources


def main() -> None:
    """Serve until the launcher closes our standard input, or dies."""
    threading.Thread(target=_end_with_the_launcher, daemon=True).start()
    jobs = Jobs()
    plug_in_authorization()
    plug_in_batch(jobs)
    plug_in_resources()
    ministack.app = Faults(ministack.app, jobs)
    ministack.main()


def _end_with_the_launcher() -> None:
    """Take the whole session along: functions' and jobs' processes have nobody else."""
    sys.stdin.read()
    me, session = os.getpid(), os.getsid(0)
    for pid in _processes_of(session):
        if pid != me:
            _kill(pid)
    os.kill(me, signal.SIGKILL)


def _processes_of(session: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(folder.name)) == session:
                found.append(int(folder.name))
    return found


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
