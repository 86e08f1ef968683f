"""Weights that are not what they seem are refused by name, before they are trained, merged or served."""

import json
import shutil
from pathlib import Path

import pytest

from anneal_trainer.checkpoints import CheckpointFolder, weights_fault
from anneal_trainer.files import read_json, write_json
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.spec import read_spec
from tests.jobs import TRAINER, Warm, events_of, make_job, spec_of

CASE = TRAINER.parent / "test/fixtures/cases/34-checkpoint-folders"


@pytest.fixture(scope="module")
def refusals(warm: Warm, model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    told: dict[str, list[str]] = warm.call(
        "tests.inside_honesty:refusals", str(model), str(tmp_path_factory.mktemp("honesty"))
    )
    return told


@pytest.mark.parametrize(
    ("folder", "cause", "says"),
    [
        ("missing", "keysDiffer", "lacks model.language_model"),
        ("unexpected", "keysDiffer", "unknown to the model, model.extra.weight"),
        ("shardMissing", "checkpointBroken", "lacks the weight file model-2.safetensors, one of 2"),
        ("mergedEqualsBase", "mergedEqualsBase", "Take a checkpoint that learnt."),
        ("trained", "nothing", ""),
        ("adapterMissing", "keysDiffer", "lacks base_model.model"),
        ("adapterUnexpected", "keysDiffer", "unknown to the model, base_model.model.model.x"),
        ("matchesNothing", "adapterMatchesNothing", "name the model it was trained on"),
        ("adapterWithoutSettings", "checkpointBroken", "adapter_config.json is missing"),
        ("otherBase", "adapterOfAnotherBase", "the weights differ from those it was trained on"),
        ("sameBase", "nothing", ""),
    ],
)
def test_what_is_wrong_with_a_folder_has_a_name(
    refusals: dict[str, list[str]], folder: str, cause: str, says: str
) -> None:
    assert refusals[folder][0] == cause, refusals[folder]
    assert says in refusals[folder][1]


def test_a_resume_from_weights_of_another_model_fails_by_name(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    checkpoint = job / "checkpoints/checkpoint-2"
    shutil.copytree(undisturbed / "checkpoints/checkpoint-2", checkpoint)
    config = read_json(checkpoint / "config.json")
    config["text_config"]["num_hidden_layers"] += 1
    write_json(checkpoint / "config.json", config)
    (checkpoint / "whole.json").unlink()
    assert warm.run(job, attempt=2) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "keysDiffer" and "lacks model.language_model.layers.4" in failed["message"]
    assert not events_of(job, "step")


def test_a_resume_that_trains_no_step_fails_by_name(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=1))
    shutil.copytree(undisturbed / "checkpoints/checkpoint-6", job / "checkpoints/checkpoint-6")
    assert warm.run(job, attempt=2) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "resumeTrainedNothing" and "checkpoint-6" in failed["message"]
    assert not (job / "result.json").exists()


@pytest.mark.parametrize("missing", ["optimizer.pt", "scheduler.pt", "rng_state.pth"])
def test_an_older_checkpoint_that_can_be_resumed_exactly_goes_before_one_that_lacks_a_state(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path, missing: str
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    for step in (8, 10):
        shutil.copytree(undisturbed / f"checkpoints/checkpoint-{step}", job / f"checkpoints/checkpoint-{step}")
    (job / "checkpoints/checkpoint-10/whole.json").unlink()
    (job / "checkpoints/checkpoint-10" / missing).unlink()
    assert warm.run(job, attempt=2) == 0
    assert [event["step"] for event in events_of(job, "started")] == [8]
    log = (job / "log.txt").read_text()
    assert f"checkpoint-10 lacks {missing.replace('state', 'state*')}, which an exact resume needs" in log


@pytest.mark.parametrize(
    ("file", "what"),
    [("optimizer.pt", "the optimizer's state"), ("scheduler.pt", "state"), ("rng_state.pth", "the random states")],
)
def test_a_state_that_can_not_be_read_fails_by_name(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path, file: str, what: str
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    checkpoint = job / "checkpoints/checkpoint-10"
    shutil.copytree(undisturbed / "checkpoints/checkpoint-10", checkpoint)
    (checkpoint / "whole.json").unlink()
    (checkpoint / file).write_bytes(b"PK\x05\x06" + bytes(18))
    assert warm.run(job, attempt=2) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "checkpointBroken"
    assert "checkpoint-10" in failed["message"] and what in failed["message"]


def test_files_of_several_steps_in_one_checkpoint_are_not_gone_on_from(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    checkpoint = job / "checkpoints/checkpoint-10"
    shutil.copytree(undisturbed / "checkpoints/checkpoint-10", checkpoint)
    (checkpoint / "whole.json").unlink()
    shutil.copy(undisturbed / "checkpoints/checkpoint-4/trainer_state.json", checkpoint)
    assert warm.run(job, attempt=2) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "checkpointBroken"
    assert "the optimizer's state is of step 10, trainer_state.json of step 4" in failed["message"]
    assert not events_of(job, "step")


def test_an_adapter_is_not_gone_on_with_on_other_weights_under_the_same_name(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    base = tmp_path / "model"
    shutil.copytree(model, base)
    job = make_job(tmp_path / "job", spec_of(base, data, method="lora", epochs=2))
    assert warm.run(job) == 0
    shutil.rmtree(job / "checkpoints/checkpoint-6")
    (job / "result.json").unlink()
    content = bytearray((base / "model.safetensors").read_bytes())
    content[-1] ^= 0x80  # the sign of the last weight
    (base / "model.safetensors").write_bytes(content)
    assert warm.run(job, attempt=2) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "adapterOfAnotherBase" and "checkpoint-4" in failed["message"]


def test_a_checkpoint_of_another_job_is_not_gone_on_from(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, key="another", epochs=1))
    shutil.copytree(undisturbed / "checkpoints/checkpoint-2", job / "checkpoints/checkpoint-2")
    assert warm.run(job, attempt=2) == 0
    assert [event["step"] for event in events_of(job, "started")] == [0]
    assert "it is of another job, test" in (job / "log.txt").read_text()


def test_case_34_resumes_from_the_newest_whole_checkpoint_and_names_the_others(tmp_path: Path) -> None:
    shutil.copytree(CASE, tmp_path / "checkpoints")
    folders = CheckpointFolder(tmp_path / "checkpoints")
    assert [item.path.name for item in folders.whole()] == ["checkpoint-10"]
    assert [line.split(":")[0] for line in folders.broken()] == [
        "checkpoint-20",
        "checkpoint-30",
        "checkpoint-9999999",
        "tmp-checkpoint-40",
        "best names checkpoint-20",
    ]
    folders.prune(1)
    assert [item.path.name for item in folders.whole()] == ["checkpoint-10"], "broken ones are not counted"


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("optimizer", "only optimizer.pt and the like"),
        ("shard", "lacks the weight file model-00002-of-00002.safetensors"),
        ("index", "which says in how many, is missing"),
        ("adapter", "adapter_config.json is missing"),
    ],
)
def test_a_checkpoint_of_the_same_kind_is_not_resumed_from(tmp_path: Path, kind: str, says: str) -> None:
    """Marked whole or not: a mark lists what was written, not what a model needs."""
    weights = (CASE / "checkpoint-10/model.safetensors").read_bytes()
    parts = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    index = json.dumps({"weight_map": {"a": parts[0], "b": parts[1]}}).encode()
    kinds: dict[str, dict[str, bytes]] = {
        "optimizer": {},
        "shard": {parts[0]: weights, "model.safetensors.index.json": index},
        "index": {parts[0]: weights},
        "adapter": {"adapter_model.safetensors": weights},
    }
    folder = tmp_path / "checkpoint-40"
    folder.mkdir()
    shutil.copytree(CASE / "checkpoint-10", tmp_path / "checkpoint-10")
    (folder / "trainer_state.json").write_text('{"global_step": 40}')
    (folder / "optimizer.pt").write_bytes(b"PK\x05\x06" + bytes(18))
    for name, content in kinds[kind].items():
        (folder / name).write_bytes(content)
    folders = CheckpointFolder(tmp_path)
    for _ in range(2):
        assert [item.step for item in folders.whole()] == [10]
        assert says in folders.broken()[0] and says in str(weights_fault(folder))
        folders.mark_whole(40, attempt=1, changed=True)


def test_an_adapter_can_not_have_its_language_model_frozen(model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, method="lora", freeze=["language"]))
    with pytest.raises(TrainerProblem, match="LoRA adapts nothing else") as raised:
        read_spec(job / "spec.json")
    assert raised.value.cause == "model"
