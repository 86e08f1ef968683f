"""Probes 1 to 3: what the trainer makes of the records, without a model."""

from typing import Any

from anneal_trainer.encoding import IGNORED, Batch, Sample
from anneal_trainer.images import read_image
from anneal_trainer.lengths import picture_tokens
from anneal_trainer.probing.subject import Subject
from anneal_trainer.records import Row

NAMED = 20
"""Records that evidence names."""
SHOWN = 160
"""Characters of a text that evidence shows."""


def collated(subject: Subject) -> tuple[list[Batch], str | None]:
    """Each row as a batch of one; with the words of the library where it refuses one (images cut off, for example)."""
    batches: list[Batch] = []
    for row in subject.rows:
        try:
            batches.append(subject.encoder([Sample(row=row, key=("probe", row.id))]))
        except (ValueError, RuntimeError) as error:
            return batches, f"{row.id}: {error}"[: 2 * SHOWN]
    return batches, None


def image_tokens(subject: Subject, batches: list[Batch], error: str | None) -> dict[str, Any]:
    """Image tokens in the ids against features from the pixel grid and the model's rule; rows over the context."""
    config = subject.config
    context = getattr(config.get_text_config(), "max_position_embeddings", None) or 2**31
    merge = getattr(subject.processor.image_processor, "merge_size", 1)
    equal, cut, longest, wrong = 0, 0, 0, []
    for row, batch in zip(subject.rows, batches, strict=False):
        said = batch["input_ids"][0].tolist().count(config.image_token_id)
        features = _features(batch, merge, said)
        length = batch["input_ids"].shape[1]
        fits = length <= context
        ruled = said if subject.rule is None else picture_tokens(row, subject.rule)
        same = said == features == ruled
        equal, cut, longest = equal + same, cut + (not fits), max(longest, length)
        if not same or not fits:
            wrong.append(row.id)
    if error is not None:
        wrong.append(error.split(":", 1)[0])
    return {
        "records": len(batches),
        "equal": equal,
        "cut": cut,
        "longest": longest,
        "ids": wrong[:NAMED],
        "error": error,
    }


def _features(batch: Batch, merge: int, said: int) -> int:
    """Features that the pictures of a batch give; a family whose processor tells no grid is taken at its word."""
    if "image_grid_thw" in batch:
        return int(batch["image_grid_thw"].prod(-1).sum()) // merge**2
    return said if any(name.startswith("pixel_") for name in batch) else 0


def labels(subject: Subject, batches: list[Batch]) -> dict[str, Any]:
    """The text of the labelled tokens against answer and end token.

    Surrounding white space does not count: some templates trim answers.
    """
    tokenizer = subject.processor.tokenizer
    exact = empty = cut = extra = 0
    wrong: list[str] = []
    first = None
    for row, batch in zip(subject.rows, batches, strict=True):
        text = tokenizer.decode(batch["input_ids"][batch["labels"] != IGNORED], clean_up_tokenization_spaces=False)
        answer = row.answer.strip()
        before, found, after = text.partition(answer)
        rest = after
        for special in tokenizer.all_special_tokens:
            rest = rest.replace(special, "")
        ended = rest != after
        empty += text == ""
        if found and ended and not before.strip() and not rest.strip():
            exact += 1
            continue
        if text != "":
            cut += not (found and ended)
            extra += bool(found and (before.strip() or rest.strip()))
        wrong.append(row.id)
        first = first or f"{row.id}: {text[:SHOWN]!r} carries the loss, the answer is {row.answer[:SHOWN]!r}"
    return {
        "records": len(batches),
        "exact": exact,
        "empty": empty,
        "cut": cut,
        "extra": extra,
        "ids": wrong[:NAMED],
        "first": first,
    }


def template(subject: Subject, batches: list[Batch]) -> dict[str, Any]:
    """The prompt's ids before the answer in training against those that a server makes of the same messages."""
    equal, wrong, first = 0, [], None
    for row, batch in zip(subject.rows, batches, strict=True):
        labelled = (batch["labels"][0] != IGNORED).nonzero()
        end = int(labelled[0]) if len(labelled) else batch["input_ids"].shape[1]
        trained, served = batch["input_ids"][0, :end].tolist(), served_ids(subject.serving_processor, row)
        if trained == served:
            equal += 1
            continue
        wrong.append(row.id)
        first = first or f"{row.id}: {_difference(subject, trained, served)}"
    return {"records": len(batches), "equal": equal, "ids": wrong[:NAMED], "first": first}


def served_ids(processor: Any, row: Row) -> list[int]:
    """The prompt as a server makes it: rendered and tokenised in one call, with the mark that an answer follows."""
    images = iter([read_image(path) for path in row.images])
    messages = [
        {
            "role": message["role"],
            "content": [
                {"type": "image", "image": next(images)} if part["type"] == "image" else part
                for part in message["content"]
            ],
        }
        for message in row.prompt
    ]
    rendered = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=True)
    ids: list[int] = list(rendered["input_ids"][0])
    return ids


def _difference(subject: Subject, trained: list[int], served: list[int]) -> str:
    pairs = zip(trained, served, strict=False)
    at = next((index for index, (one, other) in enumerate(pairs) if one != other), min(len(trained), len(served)))
    decode = subject.processor.tokenizer.decode
    return (
        f"from token {at} on training has {decode(trained[at : at + 12])!r} ({len(trained)} tokens), "
        f"serving {decode(served[at : at + 12])!r} ({len(served)})"
    )
