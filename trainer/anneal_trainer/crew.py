"""Data-parallel training on one machine: the process of the job leads, forks of it compute their share of each step.

The forks come after the imports and before anything is computed, so they cost no imports; they hold the job's lock as
long as they live, and die with the leader. ``torchrun`` is not used: its agent would stand between the signals and the
trainer, and kill after 30 s what is still saving. Its variables are set, so accelerate finds what it expects.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from anneal_trainer.problems import Cause, Smaller, describe_failure

PARTING_SECONDS = 20
"""Time for the others to end by themselves once the leader is done."""
DYING_SECONDS = 60
"""Time until a killed process is gone: one with memory on a GPU needs a while."""
NOTICE_SECONDS = 5
"""Time until the death of another rank is known to the leader, whose own error then is only its echo."""
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Why a rank ended before its time; ``smaller``: memory ran out, and these micro-batches are from and to."""

    cause: Cause
    message: str
    smaller: tuple[int, int] | None = None


@dataclass(kw_only=True)
class Crew:
    """The ranks of a job as one of them sees it. One process by itself is a crew of one."""

    rank: int = 0
    size: int = 1
    _report: int | None = None
    _living: set[int] = field(default_factory=set)
    _over: bool = False
    _broken: threading.Event = field(default_factory=threading.Event)

    @property
    def leads(self) -> bool:
        """Whether this rank writes events and checkpoints, and heeds signals."""
        return self.rank == 0

    def broadcast(self, flag: bool) -> bool:
        """What the leader says; every rank must ask at the same points."""
        return bool(self.gather(flag)[0])

    def gather(self, value: Any) -> list[Any]:
        """The values of all ranks, by rank."""
        if self.size == 1:
            return [value]
        from torch import distributed

        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value)
        return values

    def await_echo(self) -> None:
        """After an error of the leader: if it only echoes the end of another rank, that one's word ends the process."""
        if self.size > 1 and self._broken.wait(NOTICE_SECONDS):
            threading.Event().wait()

    def leave(self, error: BaseException | None) -> NoReturn:
        """End this rank, which does not lead; the leader reads why."""
        if error is not None and self._report is not None:
            cause, message = describe_failure(error)
            smaller = (error.larger, error.smaller) if isinstance(error, Smaller) else None
            with suppress(OSError):
                os.write(self._report, json.dumps([cause, message, smaller]).encode())
        sys.stderr.flush()
        os._exit(0 if error is None else 1)

    def end_others(self, patience_seconds: float = PARTING_SECONDS) -> None:
        """Let the others end, and end those that don't."""
        self._over = True
        until = time.monotonic() + patience_seconds
        while self._living and time.monotonic() < until:
            time.sleep(0.02)
        for pid in list(self._living):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + DYING_SECONDS
        while self._living and time.monotonic() < until:  # they hold the lock of the job as long as they live
            time.sleep(0.02)

    def _watch(self, rank: int, pid: int, report: int, on_broken: Callable[[Broken], None]) -> None:
        """Runs in a thread of its own: the main one may wait for the dead rank until the end of time."""
        _, status = os.waitpid(pid, 0)
        self._living.discard(pid)
        with os.fdopen(report, "rb") as stream:
            said = stream.read()
        if self._over or status == 0:
            return
        self._broken.set()
        if said:
            cause, message, smaller = json.loads(said)
            on_broken(Broken(cause=cause, message=message, smaller=tuple(smaller) if smaller else None))
        else:
            code = os.waitstatus_to_exitcode(status)
            how = f"signal {-code} (the system ends a process so when memory runs out)" if code < 0 else f"code {code}"
            on_broken(Broken(cause="internal", message=f"The process of rank {rank} ended with {how}."))


def fork_ranks(size: int, on_broken: Callable[[Broken], None]) -> Crew:
    """Fork the other ranks. Returns in each of them; ``on_broken`` is called in the leader, from another thread."""
    if size == 1:
        return Crew()
    os.environ |= {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(_free_port()),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "GLOO_SOCKET_IFNAME": os.environ.get("GLOO_SOCKET_IFNAME", _loopback()),
    }
    leader = os.getpid()
    started = []
    for rank in range(1, size):
        report, reported = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(report)
            _follow(leader)
            _set_rank(rank)
            return Crew(rank=rank, size=size, _report=reported)
        os.close(reported)
        started.append((rank, pid, report))
    _set_rank(0)
    crew = Crew(rank=0, size=size, _living={pid for _, pid, _ in started})
    for watched in started:
        threading.Thread(target=crew._watch, args=(*watched, on_broken), daemon=True).start()
    return crew


def _set_rank(rank: int) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}


def _follow(leader: int) -> None:
    """Signals to the process group are the leader's to heed; its death is ours."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != leader:
        os._exit(1)


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        return port


def _loopback() -> str:
    names = [name for _, name in socket.if_nameindex()]
    return "lo" if "lo" in names else names[0]
