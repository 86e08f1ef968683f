"""Adapters: trained, merged, and the same answers from both."""

import json
from pathlib import Path

from anneal_trainer.files import read_json
from tests.jobs import Warm, events_of, make_job, spec_of


def test_a_merged_adapter_answers_as_the_adapter_does(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    spec = spec_of(model, data, method="lora", learningRate=3e-2, evaluationsPerEpoch=0.5)
    job = make_job(tmp_path / "job", spec)
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    assert events_of(job, "started")[0]["trainableParameters"] < 1_000_000
    assert read_json(job / "result.json")["changed"]

    adapter, merged = job / "checkpoints/checkpoint-12", tmp_path / "merged"
    assert warm.command("merge", "--model", model, "--adapter", adapter, "--out", merged) == 0
    assert warm.command("merge", "--model", model, "--adapter", adapter, "--out", merged) == 0, "again does nothing"
    assert not list(tmp_path.glob("*.partial"))

    asked = ("--set", data / "validation.jsonl", "--max-tokens", "8")
    for name, arguments in {
        "base": ("--model", model),
        "adapter": ("--model", model, "--adapter", adapter),
        "merged": ("--model", merged),
    }.items():
        assert warm.command("generate", *arguments, *asked, "--out", tmp_path / f"{name}.jsonl") == 0
    answers = {name: (tmp_path / f"{name}.jsonl").read_text() for name in ("base", "adapter", "merged")}
    assert answers["merged"] == answers["adapter"] != answers["base"]
    assert [json.loads(line)["id"] for line in answers["merged"].splitlines()] == [f"validation-{n}" for n in range(5)]
