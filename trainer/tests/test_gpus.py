"""GPUs are held by one training each; the driver's list of them is a folder of ours."""

import os
from pathlib import Path

import pytest

from anneal_trainer import gpus
from anneal_trainer.gpus import take_gpus, visible_gpus

UUIDS = ("GPU-11111111-aaaa", "GPU-22222222-bbbb")


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two GPUs."""
    for number, uuid in enumerate(UUIDS):
        bus = tmp_path / f"gpus/0000:0{number}:00.0"
        bus.mkdir(parents=True)
        (bus / "information").write_text(f"Model: X\nGPU UUID: {uuid}\n")
    monkeypatch.setattr(gpus, "DRIVER", tmp_path / "gpus")
    monkeypatch.setattr(gpus, "LOCKS", tmp_path / "locks")
    monkeypatch.setattr(gpus, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(os, "environ", {})
    return tmp_path


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Handles of the locks that were taken."""
    handles: list[int] = []
    lock = gpus._lock

    def kept(name: str) -> int | None:
        handle = lock(name)
        if handle is not None:
            handles.append(handle)
        return handle

    monkeypatch.setattr(gpus, "_lock", kept)
    return handles


def shown_to_a_new_process(count: int = 1, *, visible: str | None = None) -> str:
    """What it is shown; fails rather than waits."""

    def refuse(said: str) -> None:
        raise TimeoutError(said)

    os.environ.clear()
    if visible is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = visible
    take_gpus(count, waiting=refuse)
    return os.environ.get("CUDA_VISIBLE_DEVICES", "")


def test_each_training_has_a_gpu_of_its_own_and_the_third_one_waits() -> None:
    assert [shown_to_a_new_process() for _ in range(2)] == ["0", "1"]
    with pytest.raises(TimeoutError, match=rf"All GPUs \(0, 1\) are in use .* process {os.getpid()}, {os.getpid()}\."):
        shown_to_a_new_process()


def test_a_gpu_is_the_same_by_number_and_by_uuid() -> None:
    assert shown_to_a_new_process(visible=UUIDS[0]) == UUIDS[0]
    assert shown_to_a_new_process() == "1"


def test_several_are_taken_together_or_not_at_all() -> None:
    assert shown_to_a_new_process() == "0"
    with pytest.raises(TimeoutError):
        shown_to_a_new_process(2)
    assert shown_to_a_new_process() == "1"


def test_who_waits_goes_on_once_the_holder_is_gone(taken: list[int]) -> None:
    assert shown_to_a_new_process(2) == "0,1"
    said: list[str] = []

    def end_the_holder(word: str) -> None:
        said.append(word)
        os.close(taken[1])

    os.environ.clear()
    take_gpus(1, waiting=end_the_holder)
    assert (os.environ["CUDA_VISIBLE_DEVICES"], len(said)) == ("1", 1)


def test_without_gpus_nothing_is_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gpus, "DRIVER", tmp_path / "nowhere")
    assert shown_to_a_new_process(4) == ""
    assert shown_to_a_new_process(visible="-1") == "-1"
    assert not (tmp_path / "locks").exists()


def test_the_order_is_that_of_the_driver() -> None:
    shown_to_a_new_process()
    assert os.environ["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert visible_gpus() == ["0"]
