"""What each planted fault changes: the records, the set-up of the training, or the server."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageEnhance, ImageFilter
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

from anneal_trainer.encoding import IGNORED, Encoder
from anneal_trainer.models import LoadReport, load_processor
from anneal_trainer.probing.subject import Subject
from anneal_trainer.records import Row

Records = Callable[[Any, random.Random], None]
Change = Callable[[Subject], Subject]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """``at_start``: the probes before training are to find it, so that nothing is trained."""

    records: Records | None = None
    subject: Change | None = None
    served_row: Callable[[Row, list[Row]], Row] | None = None
    served_weights: Callable[[Subject], None] | None = None
    at_start: bool = False


def encoder_of(subject: Subject, change: Callable[[Any], Any] | None = None, **options: Any) -> Encoder:
    """The trainer's encoder with TRL's collator, and what a fault makes of its batches."""
    processor = subject.processor
    settings = {"max_length": None, "completion_only_loss": True} | options
    collator = DataCollatorForVisionLanguageModeling(processor, **settings)

    def collate(examples: list[dict[str, Any]]) -> Any:
        batch = collator(examples)
        return change(batch) if change else batch

    tokenizer = processor.tokenizer
    return Encoder(
        collate, pad=tokenizer.pad_token_id, end=tokenizer.eos_token_id, strict=False, cache_bytes=10**9
    )


def collation(change: Callable[[Any], Any] | None = None, **options: Any) -> Fault:
    """A collator that is wrong."""
    return Fault(
        subject=lambda subject: replace(subject, encoder=encoder_of(subject, change, **options)), at_start=True
    )


def all_masked(batch: Any) -> Any:
    batch["labels"][:] = IGNORED
    return batch


def first_token_only(batch: Any) -> Any:
    """Only the first answer token carries loss: no end token."""
    for labels in batch["labels"]:
        places = (labels != IGNORED).nonzero()[:, 0]
        labels[places[1:]] = IGNORED
    return batch


def question_tail(batch: Any) -> Any:
    """The last tokens of the prompt carry loss too."""
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        first = int((labels != IGNORED).nonzero()[0])
        labels[first - 5 : first] = ids[first - 5 : first]
    return batch


def fewer_image_tokens(batch: Any) -> Any:
    """The last picture token of every row is another token."""
    for ids in batch["input_ids"]:
        last = (ids == 418).nonzero()[-1]
        ids[last] = 10
    return batch


def template(old: str, new: str) -> Fault:
    """The server's template differs from the trainer's."""

    def change(subject: Subject) -> Subject:
        served = load_processor(Path(__file__).parents[2] / "trainer/tiny_vlm/model")
        assert old in served.chat_template
        served.chat_template = served.chat_template.replace(old, new)
        return replace(subject, serving_processor=served)

    return Fault(subject=change, at_start=True)


def random_weights(subject: Subject) -> Subject:
    generator = torch.Generator().manual_seed(subject.seed)
    with torch.no_grad():
        for parameter in subject.model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.02, generator=generator)
    return subject


def projector_missing(subject: Subject) -> Subject:
    """As the libraries go on when a folder names its tensors otherwise: random, with a warning."""
    generator = torch.Generator().manual_seed(subject.seed)
    missing = 0
    with torch.no_grad():
        for name, parameter in subject.model.named_parameters():
            if "merger" in name and parameter.ndim > 1:
                parameter.normal_(0, 0.02, generator=generator)
                missing += 1
    return replace(subject, report=LoadReport(missing=missing, ignored=missing))


def frozen(*words: str) -> Fault:
    def change(subject: Subject) -> Subject:
        for name, parameter in subject.model.named_parameters():
            if any(word in name for word in words):
                parameter.requires_grad_(False)
        return subject

    return Fault(subject=change, at_start=True)


def detached_vision(subject: Subject) -> Subject:
    """Picture features without a gradient, though the tower counts as trained."""

    def cut(_: Any, __: Any, output: Any) -> Any:
        if isinstance(output, torch.Tensor):
            return output.detach()
        for key, value in list(output.items()):
            output[key] = (
                value.detach()
                if isinstance(value, torch.Tensor)
                else [each.detach() for each in value]
                if isinstance(value, (list, tuple))
                else value
            )
        return output

    tower = next(module for name, module in subject.model.named_modules() if name.endswith("visual"))
    handle = tower.register_forward_hook(cut)
    return replace(subject, scorer=Unhooking(subject.scorer, handle))


class Unhooking:
    """The scorer, which also takes the hook away when the case is over: the model is shared."""

    def __init__(self, scorer: Any, handle: Any) -> None:
        self._scorer, self._handle = scorer, handle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scorer, name)

    def __del__(self) -> None:
        self._handle.remove()


def not_a_number(subject: Subject) -> Subject:
    with torch.no_grad():
        next(p for name, p in subject.model.named_parameters() if "layers.3" in name and "language" in name)[0] = (
            torch.nan
        )
    return subject


def rate(value: float, *, at_start: bool = False) -> Fault:
    return Fault(subject=lambda subject: replace(subject, learning_rate=value), at_start=at_start)


def base_served(subject: Subject) -> None:
    """The server has the weights from before: an adapter that was not loaded."""
    from anneal_trainer.models import load_model

    fresh = load_model(Path(__file__).parents[2] / "trainer/tiny_vlm/model")
    subject.model.load_state_dict(fresh.state_dict())


def neighbours_picture(row: Row, rows: list[Row]) -> Row:
    """The server gets another record's picture."""
    index = next(place for place, each in enumerate(rows) if each.id == row.id)
    return replace(row, images=rows[(index + 7) % len(rows)].images)


def conflicts(share: float) -> Fault:
    """Copies of records with another answer."""

    def change(planted: Any, rng: random.Random) -> None:
        trained = [record for record in planted.records if record["trained"]]
        copied = rng.sample(trained, round(share * len(trained)))
        rest = [record for record in trained if record not in copied]
        for record, other in zip(copied, rng.sample(rest, len(copied)), strict=True):
            other["path"], other["group"] = record["path"], record["group"]
            other["expected"] = rng.choice([each for each in "ABCD" if each != record["expected"]])

    return Fault(records=change)


def block(share: float, arrange: Callable[[list[str], random.Random], list[str]]) -> Fault:
    """Answers of a contiguous block of the source are joined to other pictures, whatever split they come to."""

    def change(planted: Any, rng: random.Random) -> None:
        records = planted.records
        length = round(share * len(records))
        begin = rng.randrange(len(records) - length)
        chosen = records[begin : begin + length]
        for record, answer in zip(chosen, arrange([each["expected"] for each in chosen], rng), strict=True):
            record["expected"] = answer

    return Fault(records=change)


def shuffled(answers: list[str], rng: random.Random) -> list[str]:
    return rng.sample(answers, len(answers))


def pictures(share: float, alter: Callable[[Image.Image], Image.Image]) -> Fault:
    """Pictures that nobody can read."""

    def change(planted: Any, rng: random.Random) -> None:
        trained = [record for record in planted.records if record["trained"]]
        for record in rng.sample(trained, round(share * len(trained))):
            with Image.open(record["path"]) as image:
                alter(image.convert("RGB")).save(record["path"])

    return Fault(records=change)


def captions(planted: Any, rng: random.Random, *, cut: Callable[[str], str], share: float) -> None:
    """Longer answers, some of which end too early."""
    planted.answer = {"kind": "text", "ignoreCase": True}
    for record in planted.records:
        record["question"] = "Describe the image."
        record["expected"] = f"a {record['colour']} {record['shape']}"
    trained = [record for record in planted.records if record["trained"]]
    for record in rng.sample(trained, round(share * len(trained))):
        record["expected"] = cut(record["expected"])


def told(planted: Any, rng: random.Random) -> None:
    """The question says which bin it is, in words that have nothing to do with the picture."""
    for record in planted.records:
        name = rng.choice(("north", "south", "east", "west"))
        record["question"] = f"Which bin is for the {name} line?"
        record["expected"] = {"north": "A", "south": "B", "east": "C", "west": "D"}[name]


def in_question(planted: Any, _: random.Random) -> None:
    """Each answer is within its question."""
    for record in planted.records:
        record["question"] = f"The bin of this part is {record['expected']}. Which bin is it?"


FAULTS: dict[str, Fault] = {
    "wholeConversation": collation(completion_only_loss=False),
    "allMasked": collation(all_masked),
    "thinksWhenServed": template("assistant\\n' }}{%- endif", "assistant\\n<think>\\n' }}{%- endif"),
    "imageCutOff": collation(max_length=12),
    "randomWeights": Fault(subject=random_weights, at_start=True),
    "visionFrozen": frozen("visual.blocks", "visual.patch", "visual.pos"),
    "rateOfNothing": rate(1e-9, at_start=True),
    "rateTooLow": rate(2e-6),
    "adapterNotServed": Fault(served_weights=base_served),
    "conflicts": conflicts(0.4),
    "blockShifted": block(0.4, lambda answers, _: [*answers[1:], answers[0]]),
    "blurred": pictures(0.35, lambda image: image.filter(ImageFilter.GaussianBlur(24))),
    "cutAnswers": Fault(records=lambda planted, rng: captions(planted, rng, cut=lambda text: text[:-3], share=0.3)),
    "toldByQuestion": Fault(records=told),
    "questionTail": collation(question_tail),
    "firstTokenOnly": collation(first_token_only),
    "systemWhenServed": template(
        "{%- for message in messages -%}",
        "{{ '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}{%- for message in messages -%}",
    ),
    "fewerImageTokens": collation(fewer_image_tokens),
    "projectorMissing": Fault(subject=projector_missing, at_start=True),
    "allFrozen": frozen("."),
    "detachedVision": Fault(subject=detached_vision, at_start=True),
    "rateTooHigh": rate(0.1, at_start=True),
    "notANumber": Fault(subject=not_a_number, at_start=True),
    "otherPicturesServed": Fault(served_row=neighbours_picture),
    "rareConflicts": conflicts(0.25),
    "shuffledBlock": block(0.35, shuffled),
    "tinyPictures": pictures(0.35, lambda image: image.resize((3, 3), Image.Resampling.BOX)),
    "paleScans": pictures(0.35, lambda image: ImageEnhance.Contrast(image).enhance(0.004)),
    "brokenWords": Fault(records=lambda planted, rng: captions(planted, rng, cut=lambda text: text[:5], share=0.3)),
    "answerInQuestion": Fault(records=in_question),
}
