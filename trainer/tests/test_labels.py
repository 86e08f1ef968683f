"""What carries the loss."""

from pathlib import Path

from tests.jobs import Warm


def test_labels_carry_the_answer_and_its_end_only(warm: Warm, model: Path, data: Path) -> None:
    for record in warm.call("tests.inside:labels", str(model), str(data / "business.jsonl")):
        assert record["labelled"] == record["answer"] + "<|im_end|>"
        assert record["answer"] not in record["rest"].split("assistant")[-1]


def test_a_cached_batch_is_the_encoded_one(warm: Warm, model: Path, data: Path) -> None:
    assert warm.call("tests.inside:same_batches", str(model), str(data / "business.jsonl"))
