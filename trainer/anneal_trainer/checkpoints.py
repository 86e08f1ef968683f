"""Which checkpoints are whole. A folder's number proves nothing: a kill can leave any of them unfinished."""

import json
import os
import re
import shutil
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anneal_trainer.files import read_json, write_json

MARK = "whole.json"
STATE = "trainer_state.json"
ADAPTER = "adapter_config.json"
SHARDS = "model.safetensors.index.json"
SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
STATES = ("optimizer.pt", "scheduler.pt", "rng_state*.pth")
"""What an exact resume needs besides weights. The library begins anew, silently, with what is missing."""


@dataclass(frozen=True, kw_only=True)
class WholeCheckpoint:
    """A checkpoint that can be resumed from. ``changed``: its weights differ from the base's."""

    step: int
    path: Path
    changed: bool

    @property
    def lacks(self) -> list[str]:
        """The states that it would go on without."""
        return [name for name in STATES if not any(self.path.glob(name))]


class CheckpointFolder:
    """The ``checkpoint-<step>`` folders of a job. Broken ones are named and left, never loaded and never counted.

    Copies and links that somebody made beside them may be resumed from, and are never removed. ``key``: the job's.
    """

    def __init__(self, path: Path, key: str | None = None) -> None:
        self.path = path
        self._key = key

    def at(self, step: int) -> Path:
        """Where the checkpoint of a step lies."""
        return self.path / f"checkpoint-{step}"

    def whole(self) -> list[WholeCheckpoint]:
        """All whole checkpoints, by the step that they themselves say; of several of one step, the job's own."""
        found = [self._examined(folder) for folder in self._folders()]
        whole = sorted((item for item in found if isinstance(item, WholeCheckpoint)), key=self._is_own)
        by_step = {item.step: item for item in whole}
        return [by_step[step] for step in sorted(by_step)]

    def broken(self) -> list[str]:
        """One line for each folder that is no whole checkpoint, and for a ``best`` that names one."""
        lines = []
        for folder in self._folders():
            item = self._examined(folder)
            if isinstance(item, str):
                lines.append(f"{folder.name}: {item}")
        best = self.path / "best"
        if best.is_file():
            name = best.read_text(encoding="utf-8", errors="replace").strip()
            item = self._examined(self.path / name)
            if isinstance(item, str):
                lines.append(f"best names {name}: {item}")
        return lines

    def mark_whole(self, step: int, *, attempt: int, changed: bool, base: str | None = None) -> Path:
        """Sync every file of a finished checkpoint, then write the mark that lists their sizes.

        ``base`` is the digest of the weights that an adapter belongs to.
        """
        folder = self.at(step)
        sizes: dict[str, int] = {}
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARK):
            _sync(file)
            sizes[file.relative_to(folder).as_posix()] = file.stat().st_size
        mark = {"key": self._key, "step": step, "attempt": attempt, "changed": changed, "base": base, "files": sizes}
        write_json(folder / MARK, mark)
        _sync(folder)
        _sync(self.path)
        return folder

    def clear(self, step: int) -> None:
        """Remove what an earlier attempt left under the name that the next save needs."""
        _remove(self.at(step))

    def prune(self, keep: int) -> None:
        """Remove all but the newest ``keep`` whole checkpoints of the job's own."""
        for item in [item for item in self.whole() if self._is_own(item)][:-keep]:
            _remove(item.path)

    def _is_own(self, item: WholeCheckpoint) -> bool:
        return item.path == self.at(item.step)

    def _examined(self, folder: Path) -> WholeCheckpoint | str:
        return examine(folder, self._key)

    def _folders(self) -> list[Path]:
        if not self.path.is_dir():
            return []
        return sorted(path for path in self.path.iterdir() if path.is_dir() and "checkpoint-" in path.name)


def examine(folder: Path, key: str | None = None) -> WholeCheckpoint | str:
    """The whole checkpoint in a folder, or what is wrong with it: also that its mark names another job than ``key``.

    With a mark, the sizes that it lists decide, and it must be of the step of the trainer's state, where a resume goes
    on. Without one (another trainer's folder, or a kill between the last
    file and the mark) the trainer's state, which is written last, must be readable and every weight file complete.
    """
    if folder.name.startswith("tmp-"):
        return "left unfinished under its temporary name"
    try:
        if (folder / MARK).exists():
            return _by_mark(folder, read_json(folder / MARK), key)
        step = step_of(folder)
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"unreadable: {error}"
    fault = weights_fault(folder) or _cut_state(folder) or _unreadable_settings(folder)
    return fault or WholeCheckpoint(step=step, path=folder, changed=True)


def weights_fault(folder: Path) -> str | None:
    """What is wrong with the weights of a model, a checkpoint or an adapter; None when all of them are there, whole.

    Only names, lengths and headers are read.
    """
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        left = sorted(file.name for file in folder.glob("*.pt"))
        return f"it holds no weights (*.safetensors){f', only {left[0]} and the like' if left else ''}"
    cut = [file.name for file in weights if not safetensors_complete(file)]
    if cut:
        return f"{cut[0]} is cut off or no safetensors file"
    for index in sorted(folder.glob("*.safetensors.index.json")):
        try:
            named = set(read_json(index)["weight_map"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return f"{index.name} is unreadable: {error}"
        missing = sorted(named - {file.name for file in weights})
        if missing:
            return f"it lacks the weight file {missing[0]}, one of {len(named)} that {index.name} names"
    if not (folder / SHARDS).exists() and any(SHARD.fullmatch(file.name) for file in weights):
        return f"its weights are in parts, and {SHARDS}, which says in how many, is missing"
    if any(file.name.startswith("adapter_") for file in weights) and not (folder / ADAPTER).exists():
        return f"{ADAPTER} is missing"
    return None


def _cut_state(folder: Path) -> str | None:
    cut = [file.name for file in sorted(folder.iterdir()) if not _is_complete(file)]
    return f"{cut[0]} is cut off" if cut else None


def _unreadable_settings(folder: Path) -> str | None:
    for file in sorted(folder.glob("*.json")):
        try:
            read_json(file)
        except (OSError, ValueError):
            return f"{file.name} is unreadable"
    return None


def _by_mark(folder: Path, mark: dict[str, Any], key: str | None) -> WholeCheckpoint | str:
    other = mark.get("key")
    if key is not None and other is not None and other != key:
        return f"it is of another job, {other}"
    for name, size in mark["files"].items():
        actual = (folder / name).stat().st_size
        if actual != size:
            return f"{name} has {actual} bytes instead of {size}"
    whole = WholeCheckpoint(step=int(mark["step"]), path=folder, changed=bool(mark["changed"]))
    state = step_of(folder)
    if state != whole.step:
        return f"{STATE} is of step {state}, {MARK} of step {whole.step}"
    return weights_fault(folder) or _cut_state(folder) or whole


def step_of(folder: Path) -> int:
    """The step that the trainer's state says, where a resume goes on."""
    return int(read_json(folder / STATE)["global_step"])


def _is_complete(file: Path) -> bool:
    """Whether a state file has the length that its own directory says."""
    return zipfile.is_zipfile(file) if file.suffix in (".pt", ".pth") else True


def safetensors_complete(file: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    try:
        header, start = read_safetensors_header(file)
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error):
        return False
    return file.stat().st_size == start + max(ends, default=0)


def read_safetensors_header(file: Path) -> tuple[dict[str, Any], int]:
    """The header of a safetensors file and the byte at which its tensors begin.

    Raises ``ValueError`` or ``struct.error`` when the file is none.
    """
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        if length > 100_000_000:
            raise ValueError("the header's length is not one of a safetensors file")
        header = json.loads(stream.read(length))
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    return header, 8 + length


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    """The mark goes first: half a removal must not look whole. Of a link, only the link goes."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
        return
    (folder / MARK).unlink(missing_ok=True)
    if folder.exists():
        (folder / STATE).unlink(missing_ok=True)
        shutil.rmtree(folder)
