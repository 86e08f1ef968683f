"""A patch embedding computed as a product is the convolution that it was."""

import pytest
import torch
from torch import nn

from anneal_trainer.patch_products import PatchProduct, multiply_patches

PATCH = (2, 4, 4)


def embedding(**options: object) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv3d(3, 8, **{"kernel_size": PATCH, "stride": PATCH, **options}))


def outcome(model: nn.Sequential, patches: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What comes out, and the gradient of its weights."""
    model.zero_grad()
    out = model(patches)
    out.square().sum().backward()
    return out.detach(), model[0].weight.grad.clone()


@pytest.mark.parametrize("bias", [True, False])
def test_gives_the_same_numbers_and_gradients(bias: bool) -> None:
    model, patches = embedding(bias=bias), torch.randn(5, 3, *PATCH)
    before = outcome(model, patches)
    names = list(model.state_dict())
    multiply_patches(model)
    after = outcome(model, patches)
    assert list(model.state_dict()) == names
    assert isinstance(model[0], PatchProduct)
    for old, new in zip(before, after, strict=True):
        assert old.shape == new.shape
        torch.testing.assert_close(new, old, rtol=1e-5, atol=1e-5)


def test_leaves_whole_pictures_to_the_convolution() -> None:
    model, pictures = embedding(), torch.randn(2, 3, 2, 8, 8)
    before = model(pictures)
    multiply_patches(model)
    assert torch.equal(model(pictures), before)


@pytest.mark.parametrize("options", [{"stride": 1}, {"padding": 1}, {"dilation": 2}, {"padding": "same", "stride": 1}])
def test_leaves_other_convolutions_alone(options: dict[str, object]) -> None:
    model = embedding(**options)
    multiply_patches(model)
    assert not isinstance(model[0], PatchProduct)
