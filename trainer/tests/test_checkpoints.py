"""Which checkpoint is resumed from: the newest whole one, whatever the folders are called."""

import json
import shutil
import struct
from pathlib import Path

import pytest

from anneal_trainer.checkpoints import CheckpointFolder, safetensors_complete

ARCHIVE = b"PK\x05\x06" + bytes(18)
"""An archive without members, as torch's states are archives."""


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
    (folder / "optimizer.pt").write_bytes(ARCHIVE)
    folders.mark_whole(10, attempt=1, changed=True)
    assert [item.step for item in folders.whole()] == [10]
    (folder / "optimizer.pt").write_bytes(ARCHIVE[1:])
    assert folders.whole() == []
    assert folders.broken() == ["checkpoint-10: optimizer.pt has 21 bytes instead of 22"]


@pytest.mark.parametrize("state", ['{"global_step": 4}', "", "[]", None])
def test_a_mark_beside_the_state_of_another_step_breaks_a_checkpoint(tmp_path: Path, state: str | None) -> None:
    """A resume would count from there, with these weights."""
    folders = CheckpointFolder(tmp_path)
    file = checkpoint(tmp_path, 10) / "trainer_state.json"
    file.unlink()
    if state is not None:
        file.write_text(state)
    folders.mark_whole(10, attempt=1, changed=True)
    assert folders.whole() == []
    assert "trainer_state.json" in folders.broken()[0] or "unreadable" in folders.broken()[0]


def test_a_state_of_zeros_breaks_a_checkpoint_though_its_length_is_right(tmp_path: Path) -> None:
    folders = CheckpointFolder(tmp_path)
    state = checkpoint(tmp_path, 10) / "optimizer.pt"
    state.write_bytes(ARCHIVE)
    folders.mark_whole(10, attempt=1, changed=True)
    state.write_bytes(bytes(len(ARCHIVE)))
    assert folders.broken() == ["checkpoint-10: optimizer.pt is cut off"]


@pytest.mark.parametrize("mark", ["", "[]", '{"files": {}}', '{"files": {"a'])
def test_a_mark_that_says_nothing_marks_nothing(tmp_path: Path, mark: str) -> None:
    (checkpoint(tmp_path, 10) / "whole.json").write_text(mark)
    assert CheckpointFolder(tmp_path).whole() == []


def test_an_unmarked_checkpoint_with_an_empty_configuration_is_broken(tmp_path: Path) -> None:
    (checkpoint(tmp_path, 10) / "config.json").write_text("")
    assert CheckpointFolder(tmp_path).broken() == ["checkpoint-10: config.json is unreadable"]


def test_links_and_copies_of_somebody_are_never_removed_and_not_counted(tmp_path: Path) -> None:
    for step in (10, 20):
        checkpoint(tmp_path, step)
    shutil.copytree(tmp_path / "checkpoint-10", tmp_path / "good-checkpoint-10")
    (tmp_path / "latest-checkpoint-20").symlink_to("checkpoint-20")
    (tmp_path / "checkpoint-15").symlink_to("checkpoint-20")
    folders = CheckpointFolder(tmp_path)
    assert [item.path.name for item in folders.whole()] == ["checkpoint-10", "checkpoint-20"]
    folders.prune(1)
    kept = ["checkpoint-15", "checkpoint-20", "good-checkpoint-10", "latest-checkpoint-20"]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
    folders.clear(15)
    assert (tmp_path / "checkpoint-20/model.safetensors").exists()


def test_the_step_is_the_checkpoints_own_and_not_its_folders(tmp_path: Path) -> None:
    checkpoint(tmp_path, 20).rename(tmp_path / "checkpoint-40")
    assert [(item.step, item.path.name) for item in CheckpointFolder(tmp_path).whole()] == [(20, "checkpoint-40")]


def test_a_checkpoint_of_another_job_is_named_and_left(tmp_path: Path) -> None:
    checkpoint(tmp_path, 10)
    CheckpointFolder(tmp_path, "digits/coarse").mark_whole(10, attempt=1, changed=True)
    assert CheckpointFolder(tmp_path, "receipts/coarse").whole() == []
    assert CheckpointFolder(tmp_path, "receipts/coarse").broken() == [
        "checkpoint-10: it is of another job, digits/coarse"
    ]
    for key in ("digits/coarse", None):
        assert [item.step for item in CheckpointFolder(tmp_path, key).whole()] == [10]


def test_a_best_that_is_no_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "best").write_bytes(b"\xff\xfe")
    assert len(CheckpointFolder(tmp_path).broken()) == 1


def test_a_cut_safetensors_file_is_noticed_at_any_length(tmp_path: Path) -> None:
    content = weights(3)
    file = tmp_path / "model.safetensors"
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert not safetensors_complete(file)
    file.write_bytes(content)
    assert safetensors_complete(file)
