"""What the tests of experts run in a forked process, because it needs torch."""

from pathlib import Path
from typing import Any

from tests.inside_families import _batch


def router_loss(folder: str, records: str, active: int) -> float:
    """The loss that keeps the router even, of all records in one batch, as the model itself reckons it."""
    import torch

    from anneal_trainer.experts import set_active_experts
    from anneal_trainer.models import load_model

    model = load_model(Path(folder)).eval()
    set_active_experts(model, active)
    inputs = {key: value for key, value in _batch(folder, records).items() if key != "labels"}
    with torch.no_grad():
        return float(model(**inputs, output_router_logits=True).aux_loss)


def routed(folder: str, adapter: str | None, records: str) -> dict[str, Any]:
    """Experts that saw each token in a forward pass, and what the model's configuration says."""
    import torch

    from anneal_trainer.experts import active_experts
    from anneal_trainer.models import load_adapter, load_model

    model = load_model(Path(folder)).eval()
    if adapter is not None:
        model = load_adapter(model, Path(adapter)).eval()
    seen: set[int] = set()
    for module in model.modules():
        if hasattr(module, "top_k") and hasattr(module, "num_experts"):
            module.register_forward_hook(lambda _module, _inputs, out: seen.add(out[2].shape[-1]))
    inputs = {key: value for key, value in _batch(folder, records).items() if key != "labels"}
    with torch.no_grad():
        model(**inputs)
    text = model.config.get_text_config()
    return {"seen": sorted(seen), "says": text.num_experts_per_tok, "active": active_experts(model)}
