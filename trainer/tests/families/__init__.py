"""Tiny random models of the families of ``docs/models.md``, each built from its own classes of transformers.

No hub is reached: configuration, processor, image processor and chat template are the family's own, the tokenizer is a
byte-level one with the family's special tokens in place of its real vocabulary. This file loads no library.
"""

import importlib
from dataclasses import dataclass
from typing import Any

LINEAR = 7
"""Linear layers in a layer of these language models: four of attention, three of the feed-forward network."""
LAYERS = 2


@dataclass(frozen=True, kw_only=True)
class Family:
    """Where a family is built, and what must come out of it, written down by hand.

    ``language`` and ``vision`` are the names of its parts as modules; ``projector`` those of what lies between.
    ``adapted`` counts the matrices that LoRA is to adapt; ``lead`` is what the template writes before an answer.
    """

    module: str
    end: str
    image_token: str
    language: str = "model.language_model"
    vision: str
    projector: tuple[str, ...]
    adapted: int = LINEAR * LAYERS
    lead: str = ""

    def build(self, name: str) -> tuple[Any, Any]:
        """The model and its processor."""
        model, processor = getattr(importlib.import_module(f"tests.families.{self.module}"), name)()
        return model, processor


FAMILIES = {
    "qwen3_vl": Family(
        module="qwen",
        end="<|im_end|>",
        image_token="<|image_pad|>",
        vision="model.visual",
        projector=("model.visual.merger", "model.visual.deepstack_merger_list"),
    ),
    "qwen3_vl_moe": Family(
        module="qwen",
        end="<|im_end|>",
        image_token="<|image_pad|>",
        vision="model.visual",
        projector=("model.visual.merger", "model.visual.deepstack_merger_list"),
        # The first layer is dense; the second has attention and all its experts in two tensors.
        adapted=LINEAR + 4 + 2,
    ),
    "qwen2_5_vl": Family(
        module="qwen",
        end="<|im_end|>",
        image_token="<|image_pad|>",
        vision="model.visual",
        projector=("model.visual.merger",),
    ),
    "internvl": Family(
        module="internvl",
        end="<|im_end|>",
        image_token="<IMG_CONTEXT>",
        vision="model.vision_tower",
        projector=("model.multi_modal_projector",),
    ),
    "gemma3": Family(
        module="gemma",
        end="<end_of_turn>",
        image_token="<image_soft_token>",
        vision="model.vision_tower",
        projector=("model.multi_modal_projector",),
    ),
    "smolvlm": Family(
        module="smolvlm",
        end="<end_of_utterance>",
        image_token="<image>",
        language="model.text_model",
        vision="model.vision_model",
        projector=("model.connector",),
        lead=" ",
    ),
}
