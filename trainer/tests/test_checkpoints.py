"""Which checkpoint is resumed from: the newest whole one, whatever the folders are called."""

import json
import struct
from pathlib import Path

import pytest

from anneal_trainer.checkpoints import CheckpointFolder, safetensors_complete


def weights(numbers: int) -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * numbers)


def checkpoint(root: Path, step: int, *, state: bool = True, cut: int = 0) -> Path:
    folder = root / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    content = weights(256)
    (folder / "model.safetensors").write_bytes(content[: len(content) - cut])
    if state:
        (folder / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> CheckpointFolder:
    """A folder after several kills: one whole checkpoint, and one of each way to be broken."""
    checkpoint(tmp_path, 10)
    checkpoint(tmp_path, 20, cut=498)
    checkpoint(tmp_path, 30, state=False)
    (tmp_path / "checkpoint-9999999").mkdir()
    (tmp_path / "tmp-checkpoint-40").mkdir()
    (tmp_path / "best").write_text("checkpoint-20\n")
    return CheckpointFolder(tmp_path)


def test_the_newest_whole_checkpoint_is_taken_and_not_the_largest_number(folders: CheckpointFolder) -> None:
    assert [item.path.name for item in folders.whole()] == ["checkpoint-10"]


def test_broken_ones_are_named_with_what_is_wrong_and_left(folders: CheckpointFolder) -> None:
    assert folders.broken() == [
        "checkpoint-20: model.safetensors is cut off or no safetensors file",
        "checkpoint-30: trainer_state.json is missing",
        "checkpoint-9999999: trainer_state.json is missing",
        "tmp-checkpoint-40: left unfinished under its temporary name",
        "best names checkpoint-20: model.safetensors is cut off or no safetensors file",
    ]
    assert (folders.path / "checkpoint-20").exists()


def test_broken_ones_are_not_counted_among_those_to_keep(folders: CheckpointFolder) -> None:
    checkpoint(folders.path, 5)
    checkpoint(folders.path, 40)
    folders.prune(2)
    assert [item.step for item in folders.whole()] == [10, 40]
    assert (folders.path / "checkpoint-30").exists()


def test_a_file_shorter_than_the_mark_says_breaks_a_checkpoint(tmp_path: Path) -> None:
    folders = CheckpointFolder(tmp_path)
    folder = checkpoint(tmp_path, 10)
    (folder / "optimizer.pt").write_bytes(bytes(100))
    folders.mark_whole(10, attempt=1, changed=True)
    assert [item.step for item in folders.whole()] == [10]
    (folder / "optimizer.pt").write_bytes(bytes(99))
    assert folders.whole() == []
    assert folders.broken() == ["checkpoint-10: optimizer.pt has 99 bytes instead of 100"]


def test_a_cut_safetensors_file_is_noticed_at_any_length(tmp_path: Path) -> None:
    content = weights(3)
    file = tmp_path / "model.safetensors"
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert not safetensors_complete(file)
    file.write_bytes(content)
    assert safetensors_complete(file)
