"""What the tests of families run in a forked process, because it needs torch."""

from pathlib import Path
from typing import Any

from anneal_trainer.generate import Question, generate
from tests.families import FAMILIES
from tests.inside import labels, start_probes


def build(name: str, folder: str) -> None:
    """Save the tiny model of a family and its processor."""
    model, processor = FAMILIES[name].build(name)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


FREEZES: tuple[tuple[Any, ...], ...] = (("vision",), ("vision", "projector"), ("projector",), ("language",))


def facts(name: str, folder: str, records: str) -> dict[str, Any]:
    """Everything that needs no training, in one process: loading the libraries takes longer than all of it."""
    return {
        "labels": labels(folder, records),
        "pictures": _picture_tokens(name, folder, records),
        "counted": _counted(name, folder),
        "differences": _batch_differences(folder, records),
        "parts": _parts(folder),
        "adapted": _adapted(folder),
        "probes": start_probes(folder, records),
        "frozen": [{"frozen": frozen, "trained": _trained_with(folder, frozen)} for frozen in FREEZES],
        "bare": {part: _bare_with(folder, part) for part in ("vision", "projector", "language")},
    }


def merged_beside_adapter(model: str, adapter: str, merged: str, records: str) -> dict[str, Any]:
    """Names of the weights that merging changed, and the answers of adapter and merged model."""
    answers = []
    for number, (whole, added) in enumerate([(model, Path(adapter)), (merged, None)]):
        out = Path(f"{merged}.answers-{number}.jsonl")
        question = Question(records=Path(records), limit=None, seed=1, prompt=None, maximum_tokens=8)
        generate(Path(whole), added, question, out)
        answers.append(out.read_text())
    return {"changed": changed_weights(model, merged), "adapter": answers[0], "merged": answers[1]}


SIZES = [(8, 8), (64, 64), (96, 48), (48, 96), (33, 65), (100, 31), (31, 100), (160, 40), (7, 130), (250, 251)]


def _counted(name: str, folder: str) -> dict[str, list[int]]:
    """Tokens of single pictures: by the rule that is read from the folder, and in what its processor makes of them."""
    from PIL import Image

    from anneal_trainer.models import load_processor
    from anneal_trainer.picture_rules import picture_rule

    rule, processor = picture_rule(Path(folder)), load_processor(Path(folder))
    token = processor.tokenizer.convert_tokens_to_ids(FAMILIES[name].image_token)
    told: dict[str, list[int]] = {"rule": [], "processor": []}
    for size in SIZES:
        picture = {"type": "image", "image": Image.new("RGB", size)}
        asked = [{"role": "user", "content": [picture, {"type": "text", "text": "What is it?"}]}]
        made = processor.apply_chat_template(asked, tokenize=True, return_dict=True)
        told["rule"].append(rule.tokens(*size))
        told["processor"].append(list(made["input_ids"][0]).count(token))
    return told


def _picture_tokens(name: str, folder: str, records: str) -> dict[str, list[int]]:
    """For each record: picture tokens in its text, and picture features that the model makes for them."""
    import torch

    from anneal_trainer.models import load_model, load_processor

    processor, model = load_processor(Path(folder)), load_model(Path(folder)).eval()
    token = processor.tokenizer.convert_tokens_to_ids(FAMILIES[name].image_token)
    told: dict[str, list[int]] = {"tokens": [], "features": []}
    for batch in _singles(folder, records):
        told["tokens"].append(int((batch["input_ids"] == token).sum()))
        pictures = {key: batch[key] for key in batch if key.startswith(("pixel_", "image_grid"))}
        with torch.no_grad():
            made = model.model.get_image_features(**pictures) if pictures else None
        told["features"].append(0 if made is None else _rows_of(made.pooler_output))
    return told


def _batch_differences(folder: str, records: str) -> dict[str, float]:
    """Greatest difference of the loss of a record alone and in a batch with all others; 1 for labels that differ."""
    import torch

    from anneal_trainer.encoding import IGNORED

    together, alone = _batch(folder, records), _singles(folder, records)
    from anneal_trainer.models import load_model

    model = load_model(Path(folder)).eval()

    def losses(batch: dict[str, Any]) -> Any:
        inputs = {key: value for key, value in batch.items() if key != "labels"}
        with torch.no_grad():
            logits = model(**inputs).logits[:, :-1].transpose(1, 2)
        each = torch.nn.functional.cross_entropy(logits, batch["labels"][:, 1:], ignore_index=IGNORED, reduction="none")
        return each.sum(-1)

    difference = (losses(together) - torch.cat([losses(batch) for batch in alone])).abs().max()
    labels = [row[row != IGNORED].tolist() for row in together["labels"]]
    same = labels == [batch["labels"][0][batch["labels"][0] != IGNORED].tolist() for batch in alone]
    return {"loss": float(difference), "labels": 0.0 if same else 1.0}


def _parts(folder: str) -> dict[str, Any]:
    """The parts that are found in a model."""
    from anneal_trainer.models import load_model
    from anneal_trainer.parts import parts_of

    found = parts_of(load_model(Path(folder)))
    return {"language": found.language, "vision": found.vision, "projector": sorted(found.projector)}


def _adapted(folder: str) -> dict[str, list[str]]:
    """Names of the modules and stacked experts that the trainer's adapter changes, and of all trained weights."""
    from peft import get_peft_model

    from anneal_trainer.models import load_model
    from anneal_trainer.sft import adapter_of
    from anneal_trainer.spec import LoraSpec

    model = get_peft_model(
        load_model(Path(folder)), adapter_of(load_model(Path(folder)), LoraSpec(rank=2, alpha=4, dropout=0))
    )
    tuned = model.base_model
    trained = [name for name, tensor in model.named_parameters() if tensor.requires_grad]
    return {"matrices": sorted([*tuned.targeted_module_names, *tuned.targeted_parameter_names]), "trained": trained}


def _trained_with(folder: str, frozen: tuple[Any, ...]) -> list[str]:
    """Names of the weights that full tuning trains when parts are frozen."""
    from anneal_trainer.models import load_model
    from anneal_trainer.parts import freeze

    model = load_model(Path(folder))
    freeze(model, frozen)
    return [name for name, tensor in model.named_parameters() if tensor.requires_grad]


def _bare_with(folder: str, frozen: Any) -> bool:
    """Whether a parameter beside tower and decoder, as LLaVA-NeXT has one, is trained when a part is frozen."""
    import torch

    from anneal_trainer.models import load_model
    from anneal_trainer.parts import freeze

    model = load_model(Path(folder))
    newline = torch.nn.Parameter(torch.zeros(8))
    model.base_model.register_parameter("image_newline", newline)
    freeze(model, (frozen,))
    return newline.requires_grad


def changed_weights(before: str, after: str) -> list[str]:
    """Names of the weights in which two model folders differ."""
    import torch

    from anneal_trainer.models import load_model

    old, new = load_model(Path(before)).state_dict(), load_model(Path(after)).state_dict()
    return [name for name in old if not torch.equal(old[name], new[name])]


def _batch(folder: str, records: str) -> dict[str, Any]:
    encoder, samples = _encoder_and_samples(folder, records)
    batch: dict[str, Any] = encoder(samples)
    return batch


def _singles(folder: str, records: str) -> list[dict[str, Any]]:
    encoder, samples = _encoder_and_samples(folder, records)
    return [encoder([sample]) for sample in samples]


def _encoder_and_samples(folder: str, records: str) -> tuple[Any, Any]:
    from anneal_trainer.encoding import Sample
    from anneal_trainer.models import load_processor
    from anneal_trainer.records import read_rows
    from anneal_trainer.sft import make_encoder
    from anneal_trainer.spec import SetSpec

    rows = read_rows(SetSpec(uri=records, limit=None, phrasings=()), 1)
    return make_encoder(load_processor(Path(folder))), [Sample(row=row) for row in rows]


def _rows_of(features: Any) -> int:
    """Features as rows: one tensor, or one a picture; more than two dimensions are tiles of features."""
    if isinstance(features, (list, tuple)):
        return sum(_rows_of(one) for one in features)
    count = 1
    for size in features.shape[:-1]:
        count *= size
    return count
