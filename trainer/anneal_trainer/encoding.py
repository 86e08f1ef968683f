"""Rows into batches of tensors; what was encoded once is kept while memory allows."""

import os
from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from anneal_trainer.device import control_group_bytes
from anneal_trainer.images import read_image
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row

IGNORED = -100
"""The label of tokens that carry no loss."""

Batch = dict[str, Tensor]
Collator = Callable[[list[dict[str, Any]]], Any]
Change = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A row to encode. ``key`` names it in the cache (None: don't keep), ``change`` alters its pictures."""

    row: Row
    key: Hashable | None = None
    change: Change | None = None


class Encoder:
    """Encodes samples with a collator of unpadded meaning and pads them to batches.

    Labels carry the answer and its end token only. What a chat template writes after the end token (a line break) is
    cut off: it would be a token without information in every mean.

    ``strict``: an answer without an end token is refused; probes look at such samples, so they take them whole.

    ``patches``: pictures are rows of patches that ``image_grid_thw`` counts (Qwen-VL), so that a batch can be taken
    apart again; other families' samples are encoded one at a time.
    """

    def __init__(
        self,
        collator: Collator,
        *,
        pad: int,
        end: int,
        strict: bool = True,
        patches: bool = True,
        cache_bytes: int | None = None,
    ) -> None:
        self._collator = collator
        self._fill = {
            "input_ids": pad,
            "attention_mask": 0,
            "labels": IGNORED,
            "mm_token_type_ids": 0,
            "token_type_ids": 0,
        }
        self._end = end
        self._strict = strict
        self._patches = patches
        self._cache: dict[Hashable, Batch] = {}
        self._free = _spare_bytes() if cache_bytes is None else cache_bytes

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """The batch of these samples, padded on the right."""
        return self.padded(self.encoded(samples))

    def lengths(self, samples: Sequence[Sample], batch_size: int) -> list[int]:
        """Tokens of each sample."""
        lengths: list[int] = []
        for start in range(0, len(samples), batch_size):
            lengths += [len(item["input_ids"]) for item in self.encoded(samples[start : start + batch_size])]
        return lengths

    def encoded(self, samples: Sequence[Sample]) -> list[Batch]:
        """Each sample by itself, without padding."""
        known = [None if sample.key is None else self._cache.get(sample.key) for sample in samples]
        missing = [index for index, item in enumerate(known) if item is None]
        # A collator takes pictures for all rows or for none.
        for pictured in (True, False):
            chosen = [index for index in missing if bool(samples[index].row.images) is pictured]
            if not chosen:
                continue
            # What was collated together shares its memory: it is kept as it is where all of it is kept.
            whole = all(samples[index].key is not None for index in chosen)
            for index, item in zip(chosen, self._collated([samples[index] for index in chosen]), strict=True):
                known[index] = item
                self._keep(samples[index].key, item, copied=not whole)
        return [item for item in known if item is not None]

    def _keep(self, key: Hashable | None, item: Batch, *, copied: bool) -> None:
        size = sum(tensor.nbytes for tensor in item.values())
        if key is not None and size <= self._free:
            self._free -= size
            self._cache[key] = {name: tensor.clone() for name, tensor in item.items()} if copied else item

    def _collated(self, samples: Sequence[Sample]) -> list[Batch]:
        threads = torch.get_num_threads()
        # Pictures are many small operations: on several threads they are slower, tenfold on a busy machine.
        torch.set_num_threads(1)
        try:
            groups = [samples] if self._patches else [[sample] for sample in samples]
            batches = [(group, self._collator([example_of(sample) for sample in group])) for group in groups]
        finally:
            torch.set_num_threads(threads)
        return [item for group, batch in batches for item in self._split(batch, group)]

    def _split(self, batch: Any, samples: Sequence[Sample]) -> list[Batch]:
        items: list[Batch] = []
        pictures = _pictures_of(batch, [len(sample.row.images) for sample in samples], self._fill)
        for index, (sample, own) in enumerate(zip(samples, pictures, strict=True)):
            length = int(batch["attention_mask"][index].sum())
            item = {name: batch[name][index, :length] for name in self._fill if name in batch}
            self._cut_after_end(item, sample.row)
            items.append(item | own)
        return items

    def _cut_after_end(self, item: Batch, row: Row) -> None:
        ends = (item["labels"] == self._end).nonzero()
        if not len(ends):
            if not self._strict:
                return
            raise TrainerProblem("data", f"The answer of {row.id} does not end: the chat template leaves it open.")
        last = int(ends[-1]) + 1
        for name in list(item):
            item[name] = item[name][:last]

    def padded(self, items: Sequence[Batch]) -> Batch:
        """One batch of encoded samples, padded on the right to the longest of them."""
        batch = {
            name: pad_sequence([item[name] for item in items], batch_first=True, padding_value=fill)
            for name, fill in self._fill.items()
            if name in items[0]
        }
        for name in dict.fromkeys(name for item in items for name in item if name not in self._fill):
            batch[name] = _joined([item[name] for item in items if name in item])
        return batch


def end_token(processor: Any) -> int:
    """The special token that the chat template writes after an answer; in Gemma it is not the tokenizer's ``eos``.

    Raises ``TrainerProblem`` (model) when it writes none: the model would never learn to stop.
    """
    answer = "The answer."
    turns = [_said("user", "The question?"), _said("assistant", answer)]
    text = processor.apply_chat_template(turns)
    tokenizer = processor.tokenizer
    rest = tokenizer(text[text.rindex(answer) + len(answer) :], add_special_tokens=False)["input_ids"]
    special = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    for token in rest:
        if token in special:
            return int(token)
    raise TrainerProblem(
        "model",
        "The chat template writes no special token after an answer, so that the model would never learn to stop. "
        "Add one to its chat_template.jinja.",
    )


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


def _pictures_of(batch: Any, images: Sequence[int], text: Container[str]) -> Iterator[Batch]:
    """The picture tensors of each sample; ``images`` counts its pictures. A single sample owns all there are."""
    names = [name for name in batch if name not in text]
    if len(images) == 1:
        yield {name: batch[name] for name in names} if images[0] else {}
        return
    image = patch = 0
    for count in images:
        if not count:
            yield {}
            continue
        grid = batch["image_grid_thw"][image : image + count]
        patches = int(grid.prod(-1).sum())
        yield {"image_grid_thw": grid, "pixel_values": batch["pixel_values"][patch : patch + patches]}
        image, patch = image + count, patch + patches


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    """One after another along the first dimension. Where a family counts tiles in the second one (SmolVLM), shorter
    rows are filled with zeros, as its processor does."""
    sizes = [max(sizes) for sizes in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    return torch.cat([_filled(tensor, sizes) for tensor in tensors])


def _filled(tensor: Tensor, sizes: Sequence[int]) -> Tensor:
    missing = [size - own for size, own in zip(sizes, tensor.shape[1:], strict=True)]
    if not any(missing):
        return tensor
    return nn.functional.pad(tensor, [amount for after in reversed(missing) for amount in (0, after)])


def answer_tokens(items: Sequence[Batch]) -> int:
    """Tokens that carry loss; the first of a sequence is never predicted."""
    return sum(int((item["labels"][1:] != IGNORED).sum()) for item in items)


def share_of(items: Sequence[Sample], rank: int, size: int) -> tuple[Sequence[Sample], int]:
    """What one of ``size`` processes computes of a step, and how many of it are real.

    All shares are of one length, for the processes meet in every micro-batch; what lacks is filled up.
    """
    own = items[rank::size]
    length = -(-len(items) // size)
    return [*own, *items[: length - len(own)]], len(own)


def without_loss(item: Batch) -> Batch:
    """The same sequence, with nothing to learn in it."""
    return {**item, "labels": torch.full_like(item["labels"], IGNORED)}


def longest(items: Sequence[Batch]) -> int:
    """Tokens of the longest sequence, to which all others are padded."""
    return max(len(item["input_ids"]) for item in items)


def weight(items: Sequence[Batch]) -> int:
    """Tokens of a padded batch and its picture patches: what its memory grows with."""
    return len(items) * longest(items) + sum(len(item.get("pixel_values", ())) for item in items)


def example_of(sample: Sample) -> dict[str, Any]:
    """What TRL's collators take: pictures, prompt and completion."""
    images = [read_image(path) for path in sample.row.images]
    if sample.change is not None:
        images = [sample.change(image) for image in images]
    return {"images": images, "prompt": list(sample.row.prompt), "completion": list(sample.row.completion)}


def _spare_bytes() -> int:
    """A fourth of the memory that is free now, for what encoding would otherwise repeat every epoch.

    A limit of the container counts as well; the processes of a step share what there is.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        free = 1024 * 1024 * 1024
    limit = control_group_bytes()
    return (free if limit is None else min(free, limit)) // 4 // processes
