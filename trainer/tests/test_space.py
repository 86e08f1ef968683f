"""A disk that is full when a checkpoint is written."""

import shutil
from pathlib import Path

from tests.jobs import Warm, events_of, losses_of, make_job, spec_of
from tests.test_run import assert_meets


def test_a_full_disk_costs_a_checkpoint_and_not_the_training(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=2))
    assert warm.call("tests.inside:train_on_full_disk", str(job), 1, [4]) == 0
    (event,) = events_of(job, "space")
    assert_meets("event", event)
    assert event["step"] == 4 and "No space left on device" in event["message"]
    assert sorted(folder.name for folder in (job / "checkpoints").iterdir()) == ["checkpoint-2", "checkpoint-6"]
    assert [event["step"] for event in events_of(job, "checkpoint")] == [2, 6]
    assert list(losses_of(job)) == [1, 2, 3, 4, 5, 6]


def test_without_room_for_the_last_checkpoint_it_fails_as_space_and_goes_on_once_there_is_room(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=2))
    assert warm.call("tests.inside:train_on_full_disk", str(job), 1, [4, 6]) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "space" and failed["step"] == 6 and "make room" in failed["message"]
    assert sorted(folder.name for folder in (job / "checkpoints").iterdir()) == ["checkpoint-2"], "the old one is kept"
    first = losses_of(job)
    assert warm.run(job, attempt=2) == 0
    assert events_of(job, "started")[-1]["step"] == 2
    assert losses_of(job) == first, "steps 3 to 6 came again, the same"
    shutil.rmtree(job / "checkpoints")


def test_a_file_that_may_not_become_so_large_is_a_lack_of_space(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=1))
    assert warm.call("tests.inside:train_with_short_files", str(job), 500_000) == 1
    assert all("File too large" in event["message"] for event in events_of(job, "space"))
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "space" and failed["step"] == 3
