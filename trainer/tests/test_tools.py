"""The commands that load no model, and small parts."""

import errno
import importlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from anneal_trainer import events
from anneal_trainer.device import most_processes
from anneal_trainer.events import EventLog
from anneal_trainer.images import shifted
from anneal_trainer.problems import TrainerProblem, describe_failure
from tests.jobs import TRAINER


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "anneal_trainer", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(TRAINER)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_capabilities_are_told_without_loading_torch() -> None:
    begun = time.process_time()
    told = json.loads(command("capabilities").stdout)
    assert time.process_time() - begun < 5
    assert set(told["methods"]) == {"full", "lora", "dpo"} and not told["packing"] and "cpu" in told["devices"]
    assert 2**30 < told["memoryBytes"] <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert told["layouts"] == {"maximumTensor": 1, "maximumPipeline": 1, "maximumData": most_processes()}


def test_model_info_reads_the_geometry_and_a_digest(model: Path) -> None:
    told = json.loads(command("model-info", model).stdout)
    assert told["architecture"] == "Qwen3VLForConditionalGeneration"
    assert (told["patch"], told["merge"], told["contextTokens"]) == (16, 2, 2048)
    assert (told["minimumPixels"], told["maximumPixels"]) == (16384, 16384)
    assert len(told["digest"]) == 64
    text = json.loads((model / "config.json").read_text())["text_config"]
    assert told["shape"]["layers"] == text["num_hidden_layers"] and told["shape"]["hidden"] == text["hidden_size"]
    assert told["shape"]["experts"] == told["shape"]["expertParameters"] == 0
    stored = sum(file.stat().st_size for file in model.glob("*.safetensors"))
    assert told["shape"]["parameters"] == pytest.approx(stored / 4, rel=0.02) or told["shape"][
        "parameters"
    ] == pytest.approx(stored / 2, rel=0.02)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "config.json is missing"),
        ({"config.json": "{"}, "can't be read"),
        ({"config.json": '{"architectures": ["BertModel"]}'}, "no vision-language model"),
        ({"adapter_config.json": "{}"}, "merge it first"),
    ],
)
def test_model_info_says_in_one_line_what_is_no_model(tmp_path: Path, files: dict[str, str], says: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    told = command("model-info", tmp_path)
    assert told.returncode == 2 and says in told.stderr and told.stderr.count("\n") == 1


def test_model_info_asks_the_library_for_what_a_configuration_leaves_out(model: Path, tmp_path: Path) -> None:
    for file in model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((model / "config.json").read_text())
    config["text_config"].pop("max_position_embeddings")
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert json.loads(command("model-info", tmp_path).stdout)["contextTokens"] == 128000


def test_model_info_notices_weights_that_are_cut_off(model: Path, tmp_path: Path) -> None:
    for file in model.iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content[:-1] if file.suffix == ".safetensors" else content)
    told = command("model-info", tmp_path)
    assert told.returncode == 2 and "cut off" in told.stderr


def test_a_clock_that_is_set_a_year_on_makes_no_training_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ahead = time.time(), 0
    monkeypatch.setattr(time, "time", lambda: begun + ahead)
    importlib.reload(events)
    log = events.EventLog(tmp_path / "events.jsonl", attempt=1)
    log.write("started", step=0)
    ahead = 31_536_000
    log.write("step", step=1)
    log.close()
    first, last = (line["time"] for line in events.read_events(tmp_path / "events.jsonl"))
    assert begun <= first <= last < begun + 60


def test_a_half_written_last_line_is_cut_off_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "step", "step": 1}\n{"event": "st')
    log = EventLog(path, attempt=2, clock=lambda: 5.0)
    assert log.cut_off
    log.write("step", step=2, loss=float("nan"))
    log.close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"event": "step", "step": 1},
        {"event": "step", "time": 5.0, "attempt": 2, "step": 2, "loss": None},
    ]


def test_a_shift_keeps_the_size_and_fills_with_the_edge() -> None:
    image = Image.new("RGB", (200, 100), (10, 20, 30))
    image.putpixel((100, 50), (255, 255, 255))
    moved = shifted(image, 10, random.Random(3))
    assert moved.size == image.size and moved.getpixel((0, 0)) == moved.getpixel((199, 99)) == (10, 20, 30)
    assert moved.tobytes() == shifted(image, 10, random.Random(3)).tobytes() != image.tobytes()


def test_a_small_picture_moves_by_less_than_one_of_its_pixels() -> None:
    picture = Image.frombytes("L", (8, 8), bytes(range(0, 256, 4))).convert("RGB")
    moved = {shifted(picture, 5, random.Random(seed)).tobytes() for seed in range(20)}
    assert len(moved) > 10


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (TrainerProblem("data", "x"), "data"),
        (OSError(errno.ENOSPC, "No space left on device"), "space"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "space"),
        (RuntimeError("[enforce fail at inline_container.cc:671] . unexpected pos 11368512 vs 11368404"), "space"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "memory"),
        (MemoryError(), "memory"),
        (KeyError("x"), "internal"),
    ],
)
def test_a_failure_is_named_by_what_lies_behind_it(error: Exception, cause: str) -> None:
    try:
        try:
            raise error
        except Exception as inner:
            raise RuntimeError("outer") from inner
    except RuntimeError as outer:
        assert describe_failure(outer)[0] == cause
