"""The GPUs of this machine: one training each, however it was started."""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

LOCKS = Path(tempfile.gettempdir()) / "anneal-gpus"
DRIVER = Path("/proc/driver/nvidia/gpus")
LOOK_SECONDS = 1.0
WORD_SECONDS = 60.0


def visible_gpus() -> list[str]:
    """What this process may use, as ``CUDA_VISIBLE_DEVICES`` names it; without that variable all there are."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is None:
        return [str(number) for number, _ in enumerate(_buses())]
    return [name for name in chosen.split(",") if name not in ("", "-1")]


def take_gpus(count: int, *, waiting: Callable[[str], None]) -> None:
    """Wait until ``count`` of the visible GPUs are free, and show this process those only; without GPUs do nothing.

    They are held until this process and its forks are gone. All or none are taken, so that two jobs which want several
    never wait for each other. Transformers' trainer spreads one process over all GPUs that it sees, so one process is
    shown one. Before torch is imported, which looks once.

    ``waiting`` is told who holds them, at once and every minute.
    """
    names = visible_gpus()
    if not names:
        return
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    told: float | None = None
    while not (taken := _free(names, min(count, len(names)))):
        if told is None or time.monotonic() - told >= WORD_SECONDS:
            told = time.monotonic()
            waiting(f"All GPUs ({', '.join(names)}) are in use by other trainings: process {_holders(names)}.")
        time.sleep(LOOK_SECONDS)
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(taken)


def _free(names: Sequence[str], count: int) -> list[str]:
    """The first ``count`` that nobody holds, taken; none where there are fewer."""
    held: dict[str, int] = {}
    for name in names:
        if len(held) < count and (handle := _lock(name)) is not None:
            held[name] = handle
    if len(held) == count:
        return list(held)
    for handle in held.values():
        os.close(handle)
    return []


def _lock(name: str) -> int | None:
    """The handle of a lock that was free. The system frees it when the last process that has the handle is gone."""
    LOCKS.mkdir(exist_ok=True)
    with suppress(PermissionError):  # another user made it, who let all write
        LOCKS.chmod(0o1777)
    handle = os.open(_lock_file(name), os.O_RDWR | os.O_CREAT, 0o666)
    with suppress(PermissionError):
        os.fchmod(handle, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def _holders(names: Sequence[str]) -> str:
    files = (_lock_file(name) for name in names)
    return ", ".join(file.read_text() or "unknown" for file in files if file.exists())


def _lock_file(name: str) -> Path:
    """By the place in the machine: a number and a UUID may name the same GPU."""
    return LOCKS / f"{_bus_of(name).replace('/', '-')}.lock"


def _buses() -> list[Path]:
    return sorted(DRIVER.glob("*"))


def _bus_of(name: str) -> str:
    buses = _buses()
    if name.isdigit():
        return buses[int(name)].name if int(name) < len(buses) else name
    for bus in buses:
        with suppress(OSError):
            if name in (bus / "information").read_text(encoding="utf-8"):
                return bus.name
    return name
