"""Where to train and in which precision, decided at run time."""

import gc
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from anneal_trainer.gpus import visible_gpus

if TYPE_CHECKING:
    import torch

Precision = Literal["float32", "bfloat16"]


def quiet_libraries() -> None:
    """Settings that the libraries read when they are imported: no hub, no trackers, no fork warnings.

    Threads that wait for each other spin for some microseconds and then sleep: asleep at once they wake too late for
    the next operation, spinning on they starve another process on the same cores (docs/benchmarks.md, Throughput).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["TRANSFORMERS_NO_ADVISORY_WARNINGS"] = "1"


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import heavy libraries without the garbage collector, and keep what they made out of its sight afterwards.

    Measured on the trainer's imports: 4.5 s of processor time instead of 7.8 s, and every later collection is spared
    0.3 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def quiet_progress() -> None:
    """No progress bars: standard output is a log file."""
    from transformers.utils import logging

    logging.disable_progress_bar()


def best_device() -> "torch.device":
    """CUDA, else Apple's GPU, else the CPU."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_precision(wanted: str, device: "torch.device") -> Precision:
    """The precision of the forward pass; weights, gradients and optimizer stay float32."""
    import torch

    if wanted == "float32":
        return "float32"
    if wanted == "bfloat16":
        return "bfloat16"
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if device.type == "cpu" and cpu_has_bfloat16() else "float32"


def cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 itself; emulated it is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def most_processes() -> int:
    """How many processes can share a step on this machine, without loading torch: its GPUs, or its processor cores."""
    if platform.system() != "Linux":
        return 1
    if "cuda" in likely_devices():
        return len(visible_gpus())
    return os.cpu_count() or 1


def share_cores(processes: int) -> None:
    """Leave each of so many processes its part of the cores: all of them on all cores would wait for each other."""
    import torch

    if processes > 1:
        torch.set_num_threads(max(1, torch.get_num_threads() // processes))


def likely_devices() -> list[str]:
    """The devices of this machine without loading torch, which takes seconds."""
    devices = ["cpu"]
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if not hidden and Path("/proc/driver/nvidia/version").exists() and "+cpu" not in version("torch"):
        devices.insert(0, "cuda")
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        devices.insert(0, "mps")
    return devices


def memory_bytes(device: str) -> int | None:
    """Memory of the device's first unit without loading torch; None where nothing tells it."""
    if device == "cuda":
        return _first_gpu_bytes()
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = control_group_bytes()
    return machine if limit is None else min(machine, limit)


def _first_gpu_bytes() -> int | None:
    """As ``nvidia-smi`` tells it, in MiB; the driver brings that program along."""
    try:
        told = subprocess.run(
            ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    first = told.stdout.split()[:1]
    return int(first[0]) * 2**20 if first and first[0].isdigit() else None


def control_group_bytes() -> int | None:
    """The limit that a container or a batch system sets (cgroup v2)."""
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
