"""Pretrain the tiny model on made scenes: ``python -m tiny_vlm.pretrain --work DIR``, then copy DIR/model.

Samples are drawn from the step number, so a run that was killed goes on from its last checkpoint with the same
samples. The loss is on the answer only: with the loss on the whole conversation the tiny model learnt nothing.
"""

import argparse
import json
import math
import os
import random
import time
from pathlib import Path

import torch
from transformers import Qwen3VLForConditionalGeneration, Qwen3VLProcessor

from tiny_vlm.build import build_model, build_processor, train_tokenizer
from tiny_vlm.scenes import Item, letter_item, scene_item

LETTER_SHARE = 0.15
KINDS = ("caption", "caption", "caption", "count", "colour", "colour", "shape", "shape")
HELD_OUT_SEED = 10_000_019


def encode(processor: Qwen3VLProcessor, items: list[Item]) -> dict[str, torch.Tensor]:
    """A right-padded batch; ``labels`` holds -100 everywhere but on the answer and its end token."""
    prompts, texts = [], []
    for item in items:
        question = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": item.question}]}]
        prompt = processor.apply_chat_template(question, add_generation_prompt=True)
        prompts.append(prompt)
        texts.append(f"{prompt}{item.answer}<|im_end|>")
    batch = processor(text=texts, images=[[item.image] for item in items], return_tensors="pt", padding=True)
    ids = batch["input_ids"]
    image_token = processor.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    labels = ids.clone()
    labels[batch["attention_mask"] == 0] = -100
    for row, prompt in enumerate(prompts):
        plain = len(processor.tokenizer(prompt)["input_ids"]) - 1
        labels[row, : plain + int((ids[row] == image_token).sum())] = -100
    batch["labels"] = labels
    encoded: dict[str, torch.Tensor] = batch
    return encoded


def items_of(step: int, batch_size: int, seed: int) -> list[Item]:
    """The samples of one step, a function of the seed and the step alone."""
    rng = random.Random(seed * 1_000_003 + step)
    return [letter_item(rng) if rng.random() < LETTER_SHARE else scene_item(rng, KINDS) for _ in range(batch_size)]


@torch.no_grad()
def exact_share(
    model: Qwen3VLForConditionalGeneration, processor: Qwen3VLProcessor, items: list[Item]
) -> dict[str, float]:
    """Share of items whose whole answer is the teacher-forced argmax, by kind (a quick lower-cost figure)."""
    hits: dict[str, list[float]] = {}
    for start in range(0, len(items), 64):
        chunk = items[start : start + 64]
        batch = encode(processor, chunk)
        labels = batch.pop("labels")[:, 1:]
        guess = model(**batch).logits[:, :-1].argmax(-1)
        right = ((guess == labels) | (labels == -100)).all(-1)
        for item, ok in zip(chunk, right.tolist(), strict=True):
            hits.setdefault(item.kind, []).append(float(ok))
    return {kind: round(sum(oks) / len(oks), 3) for kind, oks in sorted(hits.items())}


def main() -> None:
    """Train, evaluate every ``--every`` steps, checkpoint there, and write the model as bf16 safetensors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints and the finished model")
    parser.add_argument("--steps", type=int, default=3600)
    parser.add_argument("--batch-size", type=int, default=48)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    tokenizer = train_tokenizer()
    processor = build_processor(tokenizer)
    model: Qwen3VLForConditionalGeneration = build_model(tokenizer)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    other = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": other, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=options.learning_rate, betas=(0.9, 0.98))
    warmup = 100

    def rate(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, options.steps - warmup)
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, progress)))

    checkpoint, first = options.work / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    rng = random.Random(HELD_OUT_SEED)
    held_out = [scene_item(rng) for _ in range(400)] + [letter_item(rng) for _ in range(100)]
    started = time.time()
    for step in range(first, options.steps):
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * rate(step)
        batch = encode(processor, items_of(step, options.batch_size, options.seed))
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % options.every == 0 or step + 1 == options.steps:
            model.eval()
            line = {
                "step": step + 1,
                "loss": round(loss.item(), 4),
                "minutes": round((time.time() - started) / 60, 1),
                "exact": exact_share(model, processor, held_out),
            }
            model.train()
            print(json.dumps(line), flush=True)
            partial = checkpoint.with_suffix(".partial")
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(state, partial)
            os.replace(partial, checkpoint)
    model.to(torch.bfloat16).save_pretrained(options.work / "model")
    processor.save_pretrained(options.work / "model")


if __name__ == "__main__":
    main()
