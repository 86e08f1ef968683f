"""When the steps of a training ended and what went into the first one: the same figures for every trainer.

Known to transformers' trainers as a callback, so that it stands in the environments of all of them.
"""

import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import TrainerCallback


class StepTimes(TrainerCallback):
    """Writes ``{times, device, first}`` when training ends; times are seconds since 1970, one a step."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._times: list[float] = []
        self._first: dict[str, Any] = {}
        self._device = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, model: nn.Module, **_: Any) -> None:
        """Look at the first batch that the model is given."""
        self._device = str(next(model.parameters()).device)

        def look(module: nn.Module, _: Any, inputs: dict[str, Any]) -> None:
            hook.remove()
            self._first = content_of(module, inputs)

        hook = model.register_forward_pre_hook(look, with_kwargs=True)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The weights have changed."""
        self._times.append(time.time())

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """All is known."""
        write_times(self._out, self._times, self._device, self._first)


def content_of(model: nn.Module, batch: dict[str, Any]) -> dict[str, Any]:
    """Records, tokens with padding, picture tokens and patches of a batch, and the types of weights and products."""
    ids = batch["input_ids"]
    precision = {str(weight.dtype) for weight in model.parameters()}
    if torch.is_autocast_enabled(ids.device.type):
        precision.add(str(torch.get_autocast_dtype(ids.device.type)))
    return {
        "records": len(ids),
        "tokens": ids.numel(),
        "pictureTokens": int((ids == model.config.image_token_id).sum()),
        "patches": len(batch["pixel_values"]),
        "trained": sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        "recomputes": model.is_gradient_checkpointing,
        "precision": sorted(name.removeprefix("torch.") for name in precision),
    }


def write_times(out: Path, times: list[float], device: str, first: dict[str, Any]) -> None:
    """Write what the bench reads."""
    out.write_text(json.dumps({"times": times, "device": device, "first": first}))
