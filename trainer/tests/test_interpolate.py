"""Models between a base and its tuned form (R12)."""

from pathlib import Path

import pytest

from tests.jobs import Warm, make_job, spec_of


def between(warm: Warm, model: Path, tuned: Path, share: float, out: Path) -> int:
    return warm.command("interpolate", "--model", model, "--tuned", tuned, "--share", str(share), "--out", out)


def test_weights_lie_where_the_share_says(warm: Warm, model: Path, undisturbed: Path, tmp_path: Path) -> None:
    tuned = undisturbed / "checkpoints/checkpoint-12"
    assert between(warm, model, tuned, 0.25, tmp_path / "quarter") == 0
    assert between(warm, model, tuned, 0.25, tmp_path / "quarter") == 0, "again does nothing"
    assert between(warm, model, tuned, 0.5, tmp_path / "quarter") == 2, "another share is another model"
    below, above, found = (warm.call("tests.inside:weights_of", str(at)) for at in (model, tuned, tmp_path / "quarter"))
    moved = 0
    for name in below:
        wanted = below[name] + 0.25 * (above[name] - below[name])
        assert found[name] == pytest.approx(wanted, abs=1e-3), name
        moved += abs(above[name] - below[name]) > 0.01
    assert moved > 10
    assert not list(tmp_path.glob("*.partial"))


def test_the_ends_are_the_two_models_themselves(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    tuned = undisturbed / "checkpoints/checkpoint-12"
    asked = ("--set", data / "validation.jsonl", "--max-tokens", "8")
    for name, folder, share in (("none", model, 0.0), ("all", tuned, 1.0)):
        assert between(warm, model, tuned, share, tmp_path / name) == 0
        for out, asked_of in (("wanted", folder), ("found", tmp_path / name)):
            assert warm.command("generate", "--model", asked_of, *asked, "--out", tmp_path / f"{name}-{out}") == 0
        assert (tmp_path / f"{name}-found").read_text() == (tmp_path / f"{name}-wanted").read_text()


def test_an_adapter_is_scaled(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path / "job", spec_of(model, data, method="lora", learningRate=3e-2, epochs=1))
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    adapter = job / "checkpoints/checkpoint-3"
    assert between(warm, model, adapter, 0.5, tmp_path / "half") == 0
    for name, made in (("merged", adapter), ("half-merged", tmp_path / "half")):
        assert warm.command("merge", "--model", model, "--adapter", made, "--out", tmp_path / name) == 0
    below, above, found = (
        warm.call("tests.inside:weights_of", str(at)) for at in (model, tmp_path / "merged", tmp_path / "half-merged")
    )
    assert any(abs(above[name] - below[name]) > 0.01 for name in below)
    for name in below:
        assert found[name] == pytest.approx((below[name] + above[name]) / 2, abs=1e-3), name


def test_a_share_out_of_bounds_is_refused(warm: Warm, model: Path, tmp_path: Path) -> None:
    assert between(warm, model, model, 1.5, tmp_path / "out") == 2
    assert not (tmp_path / "out").exists()
