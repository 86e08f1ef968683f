"""A job from start to end, in real processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from anneal_trainer.files import read_json
from anneal_trainer.spec import SCHEMAS
from tests.jobs import TRAINER, Warm, at_step, events_of, losses_of, make_job, spec_of, wait_for


def assert_meets(schema: str, value: Any) -> None:
    Draft202012Validator(read_json(SCHEMAS / f"{schema}.schema.json")).validate(value)


def test_every_event_and_the_result_meet_the_contract(undisturbed: Path) -> None:
    for event in events_of(undisturbed):
        assert_meets("event", event)
    result = read_json(undisturbed / "result.json")
    assert_meets("result", result)
    assert result["steps"] == 12 and result["samplesSeen"] == 48 and result["changed"] and not result["stopped"]
    assert result["rowsTrained"] == {"business": 8, "generic": 6}
    assert 0 < result["trainSeconds"] <= result["wallSeconds"]


def test_both_sets_are_evaluated_from_step_0_with_the_loss_of_each_item(undisturbed: Path) -> None:
    evaluations = events_of(undisturbed, "evaluation")
    assert [event["step"] for event in evaluations] == [0, 2, 4, 6, 8, 10, 12]
    for event in evaluations:
        assert set(event["losses"]) == {"validation", "generic"}
        items = read_json(undisturbed / event["itemLosses"])
        assert (len(items["validation"]), len(items["generic"])) == (5, 3)
        assert abs(sum(items["generic"].values()) / 3 - event["losses"]["generic"]) < 1e-9
    assert evaluations[-1]["losses"]["validation"] < evaluations[0]["losses"]["validation"]


def test_a_step_is_followed_by_its_evaluation_and_then_its_checkpoint(undisturbed: Path) -> None:
    kinds = [(event["event"], event["step"]) for event in events_of(undisturbed)]
    assert kinds[:2] == [("started", 0), ("evaluation", 0)]
    assert kinds[3:6] == [("step", 2), ("evaluation", 2), ("checkpoint", 2)]
    assert kinds[-4:] == [("step", 12), ("evaluation", 12), ("checkpoint", 12), ("finished", 12)]


def test_started_names_both_counts_of_the_mix(undisturbed: Path) -> None:
    (started,) = events_of(undisturbed, "started")
    assert started["samples"] == {"business": 8, "generic": 4}
    assert started["answerTokens"]["business"] > 8 and started["answerTokens"]["generic"] > 4
    assert (started["totalSteps"], started["stepsPerEpoch"]) == (12, 3.0)


def test_a_checkpoint_loads_as_a_model(warm: Warm, undisturbed: Path, data: Path, tmp_path: Path) -> None:
    checkpoint = undisturbed / "checkpoints/checkpoint-12"
    asked = ("--set", data / "validation.jsonl", "--limit", "2", "--max-tokens", "3", "--out", tmp_path / "answers")
    assert warm.command("generate", "--model", checkpoint, *asked) == 0
    assert len((tmp_path / "answers").read_text().splitlines()) == 2


def test_a_finished_job_is_left_alone(warm: Warm, undisturbed: Path) -> None:
    before = (undisturbed / "events.jsonl").read_bytes()
    assert warm.run(undisturbed, attempt=2) == 0
    assert (undisturbed / "events.jsonl").read_bytes() == before


def test_after_a_kill_the_next_attempt_repeats_no_step_before_the_checkpoint_and_loses_nothing(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    first = warm.start(job)
    wait_for(job, at_step(job, 3))
    first.kill(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    with (job / "events.jsonl").open("a") as stream:
        stream.write('{"event": "step", "ste')  # what a kill inside a write leaves
    saved = max(event["step"] for event in events_of(job, "checkpoint"))

    assert warm.run(job, attempt=2) == 0
    assert [event["step"] for event in events_of(job, "started")] == [0, saved]
    assert min(event["step"] for event in events_of(job, "step") if event["attempt"] == 2) == saved + 1
    assert losses_of(job) == losses_of(undisturbed)
    assert [event["losses"] for event in events_of(job, "evaluation")][-1] == events_of(undisturbed, "evaluation")[-1][
        "losses"
    ]
    assert read_json(job / "result.json")["attempts"] == 2


def test_a_job_killed_three_times_is_bitwise_the_unbroken_one(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """On the CPU in float32 with one thread; JSON keeps every digit of a number, so equal means bitwise equal."""
    job = make_job(tmp_path, spec_of(model, data))
    for attempt, killed_at in enumerate((1, 5, 8), 1):
        process = warm.start(job, attempt)
        wait_for(job, at_step(job, killed_at))
        process.kill(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it was still at work"
    assert warm.run(job, attempt=4) == 0
    assert [event["attempt"] for event in events_of(job, "started")] == [1, 2, 3, 4]

    for figure in ("loss", "gradNorm", "learningRate"):
        ours, theirs = (
            {event["step"]: event[figure] for event in events_of(each, "step")} for each in (job, undisturbed)
        )
        assert ours == theirs, figure
    for ours, theirs in zip(last_evaluations(job), last_evaluations(undisturbed), strict=True):
        assert ours["losses"] == theirs["losses"] and ours["exact"] == theirs["exact"]
        assert read_json(job / ours["itemLosses"]) == read_json(undisturbed / theirs["itemLosses"])
    weights = "checkpoints/checkpoint-12/model.safetensors"
    assert (job / weights).read_bytes() == (undisturbed / weights).read_bytes()


def last_evaluations(job: Path) -> list[dict[str, Any]]:
    """By step; of a step that came twice the later attempt's."""
    by_step = {event["step"]: event for event in events_of(job, "evaluation")}
    return [by_step[step] for step in sorted(by_step)]


def test_sigterm_writes_a_checkpoint_and_the_next_attempt_goes_on_from_it(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    first = warm.start(job)
    wait_for(job, at_step(job, 1))
    first.kill(signal.SIGTERM)
    assert first.wait() == 0
    (interrupted,) = events_of(job, "interrupted")
    assert interrupted["signal"] == "SIGTERM" and interrupted["step"] < 12
    assert events_of(job, "checkpoint")[-1]["step"] == interrupted["step"]
    assert not (job / "result.json").exists()

    assert warm.run(job, attempt=2) == 0
    steps = [event["step"] for event in events_of(job, "step")]
    assert steps == list(range(1, 13)), "no step came twice"
    assert losses_of(job) == losses_of(undisturbed)


OF_OTHER_TYPES = b"""
{"event": "step", "time": "2026-11-27T07:00:00", "attempt": 2, "step": 1}
{"event": "evaluation", "time": 1, "attempt": 1, "step": [1]}
{"event": "finished", "time": 1e400, "attempt": 2, "step": 12}
{"event": "memory", "time": 1, "attempt": 1, "step": 1, "to": "2"}
{"attempt": "1", "startedAt": null}
"""


def test_lines_that_are_no_events_do_not_stop_a_resume(
    warm: Warm, undisturbed: Path, model: Path, data: Path, tmp_path: Path
) -> None:
    """A full disk and a power cut leave such lines, in both logs; a last one without an end is cut off."""
    job = make_job(tmp_path, spec_of(model, data))
    shutil.copytree(undisturbed / "checkpoints/checkpoint-10", job / "checkpoints/checkpoint-10")
    for name in ("events.jsonl", "attempts.jsonl"):
        whole = (undisturbed / name).read_bytes()
        (job / name).write_bytes(whole + b'{"event": "st\n\xff\n[1]\n\0\0\0\n{"no": 1}\n' + OF_OTHER_TYPES + whole[:20])
    assert warm.run(job, attempt=2) == 0, (job / "log.txt").read_text()
    assert json.loads((job / "result.json").read_text())["attempts"] == 2


def test_a_stop_ends_the_job_with_a_result(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    process = warm.start(job)
    wait_for(job, at_step(job, 1))
    (job / "stop.json").write_text("{}")
    process.kill(signal.SIGTERM)
    assert process.wait() == 0
    assert events_of(job)[-1]["event"] == "finished" and events_of(job)[-1]["stopped"]
    result = read_json(job / "result.json")
    assert result["stopped"] and result["checkpoints"][-1]["step"] == result["steps"] < 12


def test_a_job_that_was_stopped_goes_on_when_it_is_started_again_with_the_losses_of_the_unbroken_one(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """What a pause at a cap of the budget is: whoever submits the job again takes the stop and its result away."""
    job = make_job(tmp_path, spec_of(model, data))
    process = warm.start(job)
    wait_for(job, at_step(job, 1))
    (job / "stop.json").write_text("{}")
    process.kill(signal.SIGTERM)
    assert process.wait() == 0
    stopped_at = read_json(job / "result.json")["steps"]
    for name in ("stop.json", "result.json"):
        (job / name).unlink()

    assert warm.run(job, attempt=2) == 0
    assert [event["step"] for event in events_of(job, "started")] == [0, stopped_at]
    assert [event["step"] for event in events_of(job, "step")] == list(range(1, 13)), "no step came twice"
    assert losses_of(job) == losses_of(undisturbed)
    for ours, theirs in zip(last_evaluations(job), last_evaluations(undisturbed), strict=True):
        assert ours["losses"] == theirs["losses"] and ours["exact"] == theirs["exact"]


def test_a_stop_before_training_ends_the_job_untrained(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    (job / "stop.json").write_text("{}")
    assert warm.run(job) == 0
    result = read_json(job / "result.json")
    assert (result["steps"], result["stopped"], result["changed"], result["checkpoints"]) == (0, True, False, [])


def test_a_signal_while_loading_interrupts_at_once(model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data))
    process = subprocess.Popen(
        [sys.executable, "-m", "anneal_trainer", "run", str(job), "--attempt", "1"],
        env=os.environ | {"PYTHONPATH": str(TRAINER)},
        stderr=subprocess.DEVNULL,
    )
    wait_for(job, (job / "events.jsonl").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert [(event["event"], event["step"]) for event in events_of(job)] == [("interrupted", 0)]


def test_a_second_process_on_the_same_job_ends_with_75(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=50, evaluationsPerEpoch=0.1))
    first = warm.start(job)
    wait_for(job, (job / "pid.json").exists)
    second = subprocess.run(
        [sys.executable, "-m", "anneal_trainer", "run", str(job), "--attempt", "2"],
        env=os.environ | {"PYTHONPATH": str(TRAINER)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    first.kill(signal.SIGKILL)
    first.wait()
    assert second.returncode == 75
    assert f"process {first.pid} works on" in second.stderr
    assert read_json(job / "pid.json")["attempt"] == 1


def test_a_spec_with_an_unknown_key_is_refused_by_name(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, learningrate=1))
    assert warm.run(job) == 1
    (failed,) = events_of(job)
    assert failed["event"] == "failed" and "learningrate" in failed["message"]
    assert_meets("event", failed)


def test_a_folder_without_a_model_fails_as_model(warm: Warm, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(data, data))
    assert warm.run(job) == 1
    assert events_of(job, "failed")[0]["cause"] == "model"


def test_records_without_an_answer_fail_as_data(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    empty = tmp_path / "business.jsonl"
    records = [json.loads(line) for line in (data / "business.jsonl").read_text().splitlines()]
    for record in records:
        record["messages"][-1]["content"][0]["text"] = " "
        record["images"] = [str(data / record["images"][0])]
    empty.write_text("".join(json.dumps(record) + "\n" for record in records))
    spec = spec_of(model, data)
    spec["train"]["business"]["uri"] = str(empty)
    job = make_job(tmp_path / "job", spec)
    assert warm.run(job) == 1
    assert events_of(job, "failed")[0]["cause"] == "data"


def test_a_rate_that_explodes_fails_as_diverged(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, learningRate=1e30, gradientClip=1e30, warmupRatio=0))
    assert warm.run(job) == 1
    assert events_of(job, "failed")[0]["cause"] == "diverged"
    assert sum(event["loss"] is None or event["gradNorm"] is None for event in events_of(job, "step")) == 3
