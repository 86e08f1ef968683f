"""Patches of pictures projected by a product of matrices: a convolution whose kernel covers its whole input is one."""

from torch import Tensor, nn
from torch.nn import functional


class PatchProduct(nn.Conv3d):
    """A convolution of one patch at a time, computed as a product; whole pictures are left to the convolution."""

    def forward(self, input: Tensor) -> Tensor:
        """Of patches of the kernel's size, and what torch's takes."""
        if tuple(input.shape[2:]) != tuple(self.kernel_size):
            return super().forward(input)
        rows = functional.linear(input.flatten(1), self.weight.flatten(1), self.bias)
        return rows[:, :, None, None, None]


def multiply_patches(model: nn.Module) -> None:
    """Have the patch embeddings of Qwen-VL's family, which see one patch at a time, computed as products.

    The weights stay where they are, under their names. What it brings is in docs/benchmarks.md, Throughput.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv3d) and _takes_whole_patches(module):
            module.__class__ = PatchProduct


def _takes_whole_patches(module: nn.Conv3d) -> bool:
    plain = (1, 1, 1)
    pads = module.padding not in ((0, 0, 0), "valid")
    return module.stride == module.kernel_size and module.dilation == plain and module.groups == 1 and not pads
