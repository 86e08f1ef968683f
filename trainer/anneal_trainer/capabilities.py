"""What this trainer can do, so that a plan which asks for more is refused before it is submitted."""

from importlib.metadata import version
from typing import Any

from anneal_trainer import __version__
from anneal_trainer.device import likely_devices, memory_bytes, most_processes
from anneal_trainer.trackers import installed_trackers


def capabilities() -> dict[str, Any]:
    """The ``TrainerCapabilities`` of ``config/training.ts``. TRL forbids packing for pictures."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("trl", "transformers", "peft", "torch"))
    devices = likely_devices()
    return {
        "name": "anneal_trainer",
        "version": f"{__version__} ({libraries})",
        "methods": ["full", "lora", "dpo"],
        "packing": False,
        "namedEvaluationSets": True,
        "perItemLosses": True,
        "probes": True,
        "averages": True,
        "experts": True,
        "layouts": {"maximumTensor": 1, "maximumPipeline": 1, "maximumData": most_processes()},
        "devices": devices,
        "memoryBytes": memory_bytes(devices[0]),
        "trackers": installed_trackers(),
    }
