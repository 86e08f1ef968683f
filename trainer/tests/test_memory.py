"""Micro-batches: the same losses at any size, and memory that runs out."""

from pathlib import Path

import pytest

from anneal_trainer.lengths import Length, heaviest_steps
from anneal_trainer.memory import MicroBatches
from tests.jobs import Warm, events_of, losses_of, make_job, spec_of
from tests.test_run import assert_meets

TOLERANCE = 1e-4
"""Relative; the same sum in another order of float32 additions, over six steps that build on each other."""


def train(warm: Warm, model: Path, data: Path, folder: Path, **changes: object) -> Path:
    job = make_job(folder, spec_of(model, data, precision="float32", **{"epochs": 2} | changes))
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    return job


@pytest.fixture(scope="module")
def whole_batch(warm: Warm, model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(warm, model, data, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("size", [1, 3])
def test_micro_batches_give_the_losses_of_the_whole_batch(
    warm: Warm, model: Path, data: Path, whole_batch: Path, tmp_path: Path, size: int
) -> None:
    job = train(warm, model, data, tmp_path, microBatchSize=size)
    assert events_of(job, "started")[0]["microBatchSize"] == size
    assert losses_of(job) == pytest.approx(losses_of(whole_batch), rel=TOLERANCE)
    ours, theirs = events_of(job, "step"), events_of(whole_batch, "step")
    assert [step["gradNorm"] for step in ours] == pytest.approx([step["gradNorm"] for step in theirs], rel=TOLERANCE)


def test_computing_activations_twice_changes_no_loss(
    warm: Warm, model: Path, data: Path, whole_batch: Path, tmp_path: Path
) -> None:
    job = train(warm, model, data, tmp_path, gradientCheckpointing="on")
    assert losses_of(job) == pytest.approx(losses_of(whole_batch), rel=TOLERANCE)


def test_the_dry_step_changes_neither_weights_nor_random_states(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    dropout = {"method": "lora", "lora": {"dropout": 0.3}, "learningRate": 1e-2}
    job = train(warm, model, data, tmp_path / "with", **dropout)
    without = make_job(tmp_path / "without", spec_of(model, data, precision="float32", epochs=2, **dropout))
    assert warm.call("tests.inside:train_without_dry_step", str(without)) == 0
    assert "The heaviest step fits: 4 samples" in (job / "log.txt").read_text()
    assert losses_of(job) == losses_of(without)
    assert len(set(losses_of(job).values())) == 6


def test_memory_that_runs_out_halves_the_micro_batch_and_takes_the_step_again(
    warm: Warm, model: Path, data: Path, whole_batch: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, precision="float32", epochs=2))
    assert warm.call("tests.inside:train_in_little_memory", str(job), 1, {"largest": 2, "from_step": 3}) == 0
    (event,) = events_of(job, "memory")
    assert_meets("event", event)
    assert (event["step"], event["from"], event["to"]) == (3, 4, 2) and "out of memory" in event["message"]
    assert [step["step"] for step in events_of(job, "step")] == list(range(1, 7))
    assert losses_of(job) == pytest.approx(losses_of(whole_batch), rel=TOLERANCE)


def test_a_step_that_is_taken_again_draws_the_same_dropout(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    spec = spec_of(model, data, precision="float32", epochs=2, method="lora", lora={"dropout": 0.3}, learningRate=1e-2)
    calm = make_job(tmp_path / "calm", spec | {"microBatchSize": 2})
    assert warm.run(calm) == 0
    job = make_job(tmp_path / "job", spec)
    assert warm.call("tests.inside:train_in_little_memory", str(job), 1, {"largest": 2, "from_step": 0}) == 0
    assert losses_of(job) == losses_of(calm), "found in the dry step, so every step went as in the calm job"


def test_the_dry_step_finds_what_fits_and_a_later_attempt_begins_with_it(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=2))
    little = {"largest": 1, "from_step": 0, "die_at": 4}
    assert warm.call("tests.inside:train_in_little_memory", str(job), 1, little) == 1
    assert [(event["step"], event["from"], event["to"]) for event in events_of(job, "memory")] == [(0, 4, 2), (0, 2, 1)]
    first_step = next(index for index, event in enumerate(events_of(job)) if event["event"] == "step")
    assert [event["event"] for event in events_of(job)[:first_step]] == ["started", "memory", "memory", "evaluation"]
    assert warm.run(job, attempt=2) == 0
    assert events_of(job, "started")[-1]["microBatchSize"] == 1


def test_one_sample_that_does_not_fit_fails_as_memory_before_the_first_step(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, microBatchSize=2))
    assert warm.call("tests.inside:train_in_little_memory", str(job), 1, {"largest": 0, "from_step": 0}) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "memory" and failed["step"] == 0
    assert "one sample at a time" in failed["message"] and "gradientCheckpointing" in failed["message"]
    assert not events_of(job, "step") and not events_of(job, "evaluation")


def test_an_evaluation_that_does_not_fit_is_taken_in_smaller_parts(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    assert warm.call("tests.inside:train_evaluating_in_little_memory", str(job), 2) == 0, (job / "log.txt").read_text()
    for ours, whole in zip(events_of(job, "evaluation"), events_of(undisturbed, "evaluation"), strict=True):
        assert ours["losses"] == pytest.approx(whole["losses"], rel=1e-4)
    assert events_of(job, "memory") == [], "what training needs is not touched"


def test_what_is_no_lack_of_memory_is_not_taken_again() -> None:
    micro = MicroBatches(4, on_smaller=lambda *_: None)

    def broken() -> None:
        raise RuntimeError("size mismatch")

    with pytest.raises(RuntimeError, match="size mismatch"):
        micro.until_it_fits(broken, undo=lambda: None)  # type: ignore[arg-type]
    assert micro.size == 4


def test_the_heaviest_steps_are_those_of_most_text_most_pictures_and_most_of_both() -> None:
    short, texts, pictures = (
        Length(characters=10, picture_tokens=5),
        Length(characters=900, picture_tokens=0),
        Length(characters=10, picture_tokens=40),
    )
    steps = [[short, short], [short, texts], [pictures, pictures], [short, short]]
    assert heaviest_steps([length for step in steps for length in step], 2) == [1, 2]
