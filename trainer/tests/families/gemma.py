"""Gemma 3: every picture becomes the same number of tokens, and a turn ends with a token that is not ``eos``."""

from typing import Any

import torch
from transformers import Gemma3Config, Gemma3ForConditionalGeneration, Gemma3ImageProcessor, Gemma3Processor

from tests.families.tokens import HEADS, HIDDEN, byte_tokenizer, settled, text_sizes

END = "<end_of_turn>"
SIDE, PATCH, TOKENS = 32, 8, 4
SPECIALS = (
    "<pad>",
    "<eos>",
    "<bos>",
    "<start_of_turn>",
    END,
    "<start_of_image>",
    "<end_of_image>",
    "<image_soft_token>",
)
NAMED = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
TEMPLATE = (
    "{{ '<bos>' }}{%- set first = namespace(system='') -%}"
    "{%- if messages[0]['role'] == 'system' -%}"
    "{%- set first.system = messages[0]['content'][0]['text'] + '\\n\\n' -%}{%- set turns = messages[1:] -%}"
    "{%- else -%}{%- set turns = messages -%}{%- endif -%}"
    "{%- for message in turns -%}"
    "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\\n' }}"
    "{%- if loop.first -%}{{ first.system }}{%- endif -%}"
    "{%- if message['content'] is string -%}{{ message['content'] | trim }}"
    "{%- else -%}{%- for part in message['content'] -%}"
    "{%- if part['type'] == 'image' -%}{{ '<start_of_image>' }}"
    "{%- elif part['type'] == 'text' -%}{{ part['text'] | trim }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{{ '<end_of_turn>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}"
)


def gemma3() -> tuple[Any, Any]:
    tokenizer = byte_tokenizer(SPECIALS, end="<eos>", pad="<pad>", named=NAMED)
    processor = Gemma3Processor(
        image_processor=Gemma3ImageProcessor(size={"height": SIDE, "width": SIDE}, image_seq_length=TOKENS),
        tokenizer=tokenizer,
        image_seq_length=TOKENS,
        chat_template=TEMPLATE,
    )
    torch.manual_seed(1)
    text = {**text_sizes(tokenizer), "head_dim": HIDDEN // HEADS, "query_pre_attn_scalar": HIDDEN // HEADS}
    config = Gemma3Config(
        text_config={**text, "sliding_window": 64, "layer_types": ["sliding_attention", "full_attention"]},
        vision_config={
            "model_type": "siglip_vision_model",
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": SIDE,
            "patch_size": PATCH,
            "vision_use_head": False,
        },
        mm_tokens_per_image=TOKENS,
        boi_token_index=tokenizer.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tokenizer.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=tokenizer.convert_tokens_to_ids("<image_soft_token>"),
    )
    model = Gemma3ForConditionalGeneration(config)
    # It begins as zero, and nothing would reach the vision tower.
    torch.nn.init.normal_(model.model.multi_modal_projector.mm_input_projection_weight, std=0.1)
    return settled(model, tokenizer, end=END), processor
