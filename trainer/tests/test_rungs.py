"""A job that ends early and another that goes on from it are one training (R10)."""

from pathlib import Path
from typing import Any

import pytest

from anneal_trainer.files import read_json
from anneal_trainer.mix import Pools, plan
from tests.jobs import Warm, events_of, losses_of, make_job, spec_of


def rung(warm: Warm, folder: Path, spec: dict[str, Any], **changes: Any) -> Path:
    job = make_job(folder, spec | {"key": folder.name} | changes)
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    return job


def last_checkpoint(job: Path) -> str:
    uri: str = read_json(job / "result.json")["checkpoints"][-1]["uri"]
    return uri


def evaluated(*jobs: Path) -> dict[int, Any]:
    return {event["step"]: event["losses"] for job in jobs for event in events_of(job, "evaluation")}


@pytest.mark.parametrize(
    "method", [{}, {"method": "lora", "learningRate": 1e-2}, {"schedule": "linear", "warmupRatio": 0.5}]
)
def test_one_epoch_and_then_three_more_have_the_losses_of_four_at_once(
    warm: Warm, model: Path, data: Path, tmp_path: Path, method: dict[str, Any]
) -> None:
    spec = spec_of(model, data, evaluationsPerEpoch=1, **method)
    whole = rung(warm, tmp_path / "whole", spec)
    first = rung(warm, tmp_path / "first", spec, untilEpoch=1)
    second = rung(warm, tmp_path / "second", spec, untilEpoch=3, continues=last_checkpoint(first))
    third = rung(warm, tmp_path / "third", spec, continues=last_checkpoint(second))

    assert [list(losses_of(job)) for job in (first, second, third)] == [[1, 2, 3], [4, 5, 6, 7, 8, 9], [10, 11, 12]]
    assert losses_of(first) | losses_of(second) | losses_of(third) == losses_of(whole)
    assert evaluated(first, second, third) == evaluated(whole)
    assert evaluated(second)[3] == evaluated(first)[3], "it begins with the very model that the rung below ended with"


def test_a_rung_that_ends_at_its_epoch_is_finished_and_not_stopped(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = rung(warm, tmp_path / "job", spec_of(model, data), untilEpoch=1)
    result = read_json(job / "result.json")
    assert (result["steps"], result["stopped"], result["changed"]) == (3, False, True)
    assert result["rowsTrained"]["business"] == 8
    assert events_of(job, "started")[0]["totalSteps"] == 3
    assert not events_of(job, "finished")[0]["stopped"]


def test_what_is_no_checkpoint_of_the_same_plan_is_refused(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    first = rung(warm, tmp_path / "first", spec_of(model, data), untilEpoch=1)
    for change, says in (
        ({"seed": 2, "continues": last_checkpoint(first)}, "another seed"),
        ({"continues": str(tmp_path / "nothing")}, "can't be gone on from"),
    ):
        job = make_job(tmp_path / says[:5].strip(), spec_of(model, data, **change))
        assert warm.run(job) == 1
        assert says in events_of(job, "failed")[0]["message"]


def test_a_plan_that_ends_early_has_the_order_of_the_whole() -> None:
    pools = Pools(business=40, generic=10, mix=(4, 1))
    whole = plan(pools, epochs=9, batch_size=7, evaluations_per_epoch=1, seed=1)
    early = plan(pools, epochs=9, batch_size=7, evaluations_per_epoch=1, seed=1, until_epoch=1 / 3)
    assert early.order == whole.order and early.total_steps == whole.total_steps
    assert (early.last_step, sorted(early.evaluation_steps)) == (2, [0, 2])
    assert whole.last_step == whole.total_steps == max(whole.evaluation_steps)


def test_the_same_items_are_chosen_whatever_the_seed_of_the_job(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    def judged(seed: int, **limit: int) -> set[str]:
        name = f"{seed}-{len(limit)}"
        spec = spec_of(model, data, seed=seed, epochs=1, evaluationsPerEpoch=1)
        spec["evaluate"] = {"validation": spec["evaluate"]["validation"] | {"limit": 2} | limit}
        job = rung(warm, tmp_path / name, spec)
        return set(read_json(job / events_of(job, "evaluation")[0]["itemLosses"])["validation"])

    assert judged(5, limitSeed=1) == judged(6, limitSeed=1)
    assert judged(5) != judged(6)


def test_a_job_that_was_cut_off_after_its_last_step_trains_no_further_one(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, untilEpoch=2))
    assert warm.run(job) == 0
    steps = read_json(job / "result.json")["steps"]
    (job / "result.json").unlink()
    assert warm.run(job, attempt=2) == 0, (job / "log.txt").read_text()
    result = read_json(job / "result.json")
    assert result["steps"] == steps and events_of(job, "step")[-1]["step"] == steps
