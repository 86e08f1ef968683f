"""The tokenizer and the sizes that the tiny models of all families share."""

from collections.abc import Sequence
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GenerationConfig, PreTrainedTokenizerFast

HIDDEN, HEADS, KEY_VALUE_HEADS, LAYERS, FEED_FORWARD = 32, 4, 2, 2, 48
CONTEXT = 1024


def byte_tokenizer(specials: Sequence[str], *, end: str, pad: str, named: dict[str, str]) -> PreTrainedTokenizerFast:
    """One token a byte, and the special tokens; ``named`` are those that the processor asks for by attribute."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: index for index, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=end,
        pad_token=pad,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
        extra_special_tokens=named,
    )
    fast.add_special_tokens({"additional_special_tokens": list(specials)}, replace_extra_special_tokens=False)
    return fast


def text_sizes(tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    """The keys that the text configurations of all families have."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": HIDDEN,
        "intermediate_size": FEED_FORWARD,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_VALUE_HEADS,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def settled(model: Any, tokenizer: PreTrainedTokenizerFast, *, end: str) -> Any:
    """The model with the generation settings that a published one has: greedy, ending at its end token."""
    model.generation_config = GenerationConfig(
        do_sample=False,
        eos_token_id=tokenizer.convert_tokens_to_ids(end),
        pad_token_id=tokenizer.pad_token_id,
        max_new_tokens=16,
    )
    return model
