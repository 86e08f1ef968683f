"""What the encoder keeps, and what that holds in memory."""

from typing import Any

import pytest
import torch

from anneal_trainer.encoding import Encoder, Sample
from anneal_trainer.records import Row

END = 7


def collate(examples: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    ids = torch.full((len(examples), 64), END)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids.clone()}


@pytest.mark.parametrize(("keys", "shares"), [((1, 2), True), ((1, None), False)])
def test_what_is_kept_holds_the_memory_of_others_only_where_they_are_kept(
    keys: tuple[int | None, ...], shares: bool
) -> None:
    encoder = Encoder(collate, pad=0, end=END)
    samples = [Sample(row=Row(id=str(key), images=(), prompt=(), completion=()), key=key) for key in keys]
    encoder.encoded(samples)
    (kept,) = encoder.encoded(samples[:1])
    ids = kept["input_ids"]
    assert (ids.untyped_storage().nbytes() > ids.nbytes) is shares
    assert ids.tolist() == [END] * 64
