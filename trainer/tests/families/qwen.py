"""Qwen2.5-VL and Qwen3-VL, dense and of experts: pictures of any size, cut into patches that are merged by fours."""

from typing import Any

import torch
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLMoeConfig,
    Qwen3VLMoeForConditionalGeneration,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
)

from tests.families.tokens import HEADS, HIDDEN, byte_tokenizer, settled, text_sizes

END = "<|im_end|>"
SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    END,
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<|vision_pad|>",
)
NAMED = {
    "image_token": "<|image_pad|>",
    "video_token": "<|video_pad|>",
    "vision_bos_token": "<|vision_start|>",
    "vision_eos_token": "<|vision_end|>",
}
TURNS = (
    "{%- for message in messages -%}{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{%- if message['content'] is string -%}{{ message['content'] }}"
    "{%- else -%}{%- for part in message['content'] -%}"
    "{%- if part['type'] == 'image' -%}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{%- elif part['type'] == 'text' -%}{{ part['text'] }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{{ '<|im_end|>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)
HELPFUL = (
    "{%- if messages[0]['role'] != 'system' -%}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{%- endif -%}"
)


def _tokenizer() -> PreTrainedTokenizerFast:
    return byte_tokenizer(SPECIALS, end=END, pad="<|endoftext|>", named=NAMED)


def _sizes(patch: int) -> dict[str, Any]:
    pixels = {"shortest_edge": (4 * patch) ** 2, "longest_edge": (8 * patch) ** 2}
    half = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    return {"size": pixels, "patch_size": patch, "merge_size": 2, "temporal_patch_size": 2, **half}


def _ids(tokenizer: PreTrainedTokenizerFast) -> dict[str, int]:
    names = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    return {name: tokenizer.convert_tokens_to_ids(token) for name, token in names.items()}


def _text(tokenizer: PreTrainedTokenizerFast, *, interleaved: bool) -> dict[str, Any]:
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1]}
    return {**text_sizes(tokenizer), "rope_parameters": rope | ({"mrope_interleaved": True} if interleaved else {})}


def _vision(patch: int) -> dict[str, Any]:
    return {
        "depth": 2,
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_heads": 2,
        "patch_size": patch,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": HIDDEN,
    }


def qwen2_5_vl() -> tuple[Any, Any]:
    tokenizer = _tokenizer()
    processor = Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**_sizes(14)),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(**_sizes(14)),
        chat_template=HELPFUL + TURNS,
    )
    torch.manual_seed(1)
    config = Qwen2_5_VLConfig(
        text_config=_text(tokenizer, interleaved=False),
        vision_config={**_vision(14), "window_size": 56, "fullatt_block_indexes": [1]},
        **_ids(tokenizer),
    )
    return settled(Qwen2_5_VLForConditionalGeneration(config), tokenizer, end=END), processor


def _qwen3_vl_parts() -> tuple[PreTrainedTokenizerFast, Any, dict[str, Any]]:
    tokenizer = _tokenizer()
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(**_sizes(16)),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(**_sizes(16)),
        chat_template=TURNS,
    )
    vision = {**_vision(16), "num_position_embeddings": 64, "deepstack_visual_indexes": [0]}
    torch.manual_seed(1)
    return tokenizer, processor, vision


def qwen3_vl() -> tuple[Any, Any]:
    tokenizer, processor, vision = _qwen3_vl_parts()
    text = {**_text(tokenizer, interleaved=True), "head_dim": HIDDEN // HEADS}
    config = Qwen3VLConfig(text_config=text, vision_config=vision, **_ids(tokenizer))
    return settled(Qwen3VLForConditionalGeneration(config), tokenizer, end=END), processor


def qwen3_vl_moe() -> tuple[Any, Any]:
    tokenizer, processor, vision = _qwen3_vl_parts()
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "mlp_only_layers": [0]}
    text = {**_text(tokenizer, interleaved=True), "head_dim": HIDDEN // HEADS, **experts}
    config = Qwen3VLMoeConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **_ids(tokenizer))
    return settled(Qwen3VLMoeForConditionalGeneration(config), tokenizer, end=END), processor
