"""InternVL 3 in transformers' own form (``-HF``): a picture becomes tiles, and a tile a fixed number of tokens."""

from typing import Any

import torch
from transformers import (
    GotOcr2ImageProcessor,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLProcessor,
    InternVLVideoProcessor,
)

from tests.families.tokens import byte_tokenizer, settled, text_sizes

END = "<|im_end|>"
SIDE, PATCH = 32, 8
SPECIALS = ("<|endoftext|>", "<|im_start|>", END, "<img>", "</img>", "<IMG_CONTEXT>", "<video>")
NAMED = {
    "start_image_token": "<img>",
    "end_image_token": "</img>",
    "context_image_token": "<IMG_CONTEXT>",
    "video_token": "<video>",
}
TEMPLATE = (
    "{%- for message in messages -%}{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{%- if message['content'] is string -%}{{ message['content'] }}"
    "{%- else -%}{%- for part in message['content'] -%}"
    "{%- if part['type'] == 'image' -%}{{ '<IMG_CONTEXT>\\n' }}"
    "{%- elif part['type'] == 'text' -%}{{ part['text'] }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{{ '<|im_end|>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)


def internvl() -> tuple[Any, Any]:
    tokenizer = byte_tokenizer(SPECIALS, end=END, pad="<|endoftext|>", named=NAMED)
    tile = {"size": {"height": SIDE, "width": SIDE}}
    tokens = (SIDE // PATCH) ** 2 // 4
    processor = InternVLProcessor(
        image_processor=GotOcr2ImageProcessor(**tile, crop_to_patches=True, min_patches=1, max_patches=4),
        tokenizer=tokenizer,
        video_processor=InternVLVideoProcessor(**tile),
        image_seq_length=tokens,
        chat_template=TEMPLATE,
    )
    torch.manual_seed(1)
    config = InternVLConfig(
        text_config={"model_type": "qwen2", **text_sizes(tokenizer)},
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": [SIDE, SIDE],
            "patch_size": [PATCH, PATCH],
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=tokens,
        tie_word_embeddings=False,
    )
    return settled(InternVLForConditionalGeneration(config), tokenizer, end=END), processor
