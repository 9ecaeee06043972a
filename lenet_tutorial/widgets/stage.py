"""The convolution stage: drag a window over a digit, and see the products, their sum, ReLU and the map."""

from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial import figures
from lenet_tutorial.widgets.modules import joined, styles
from lenet_tutorial.widgets.pictured import PicturedWidget

LARGEST_IMAGE, LARGEST_KERNEL = 64, 7  # pixels of a side: more cannot be seen
EDGE = [1, 1, -1, -1]
PRESETS = {
    "horizontal edge": np.outer(EDGE, np.ones(4)),
    "vertical edge": np.outer(np.ones(4), EDGE),
    "falling diagonal": 4 * np.eye(4) - 1,
    "rising diagonal": 4 * np.eye(4)[::-1] - 1,
    "blur": np.full((4, 4), 0.06),
    "unchanged": np.outer([0, 1, 0, 0], [0, 1, 0, 0]),
}


class ConvolutionStage(PicturedWidget):
    """One kernel on one image, step by step, in the browser: no kernel of Jupyter's is needed once it is shown.

    Args:
        image: floats (height, width) in [0, 1], at most 64×64, such as a digit of 28×28; or flat, (784,).
        kernel: floats (rows, columns), at most 7×7; a horizontal edge of 4×4 if not given.
        presets: dict from a name to a kernel, to choose from besides the built-in ones.

    Attributes:
        kernel: the kernel as it is now, float64 (rows, columns).
        bias: a number that is added to every sum.
        row, column: the window's position in the map, from 0.
        padding: "same" or "valid", as Keras has them.
        stride: by how many pixels the window moves, 1 to 3.
        relu, pooling: whether the map goes through ReLU, and whether max pooling over 2×2 is shown beside it.
        shift: by how many pixels the image is moved to the right, 0 to 6.
        whole: whether the whole map is shown, or what the window has visited.

    Raises:
        ValueError: the image or the kernel has another shape or range.

    Example:

    >>> stage = ConvolutionStage(np.eye(28), [[1, 0], [0, 1]])
    >>> stage.kernel.tolist(), stage.padding
    ([[1.0, 0.0], [0.0, 1.0]], 'same')
    """

    _esm = joined("stage", "renderStage")
    _css = styles("widgets", "stage")
    image = traitlets.Bytes().tag(sync=True)  # float32, row by row
    height = traitlets.Int().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    weights = traitlets.List().tag(sync=True)
    presets = traitlets.Dict().tag(sync=True)
    bias = traitlets.Float(0).tag(sync=True)
    row = traitlets.Int(0, min=0).tag(sync=True)
    column = traitlets.Int(0, min=0).tag(sync=True)
    padding = traitlets.Enum(("same", "valid"), "same").tag(sync=True)
    stride = traitlets.Int(1, min=1, max=3).tag(sync=True)
    relu = traitlets.Bool(False).tag(sync=True)
    pooling = traitlets.Bool(False).tag(sync=True)
    shift = traitlets.Int(0, min=0, max=6).tag(sync=True)
    whole = traitlets.Bool(False).tag(sync=True)

    def __init__(self, image: ArrayLike, kernel: ArrayLike | None = None, *, presets: dict[str, Any] | None = None):
        image = _checked_image(image)
        named = {name: _checked_kernel(each) for name, each in (PRESETS | (presets or {})).items()}
        super().__init__(
            image=image.tobytes(),
            height=image.shape[0],
            width=image.shape[1],
            weights=named["horizontal edge"] if kernel is None else _checked_kernel(kernel),
            presets=named,
            row=image.shape[0] // 3,
            column=image.shape[1] // 3,
        )

    @property
    def kernel(self) -> NDArray[np.float64]:
        return np.array(self.weights, float)

    @kernel.setter
    def kernel(self, kernel: ArrayLike) -> None:
        self.weights = _checked_kernel(kernel)

    @property
    def pixels(self) -> NDArray[np.float32]:
        """The image, or the digit that was drawn instead: float32 (height, width), not shifted."""
        return np.frombuffer(self.image, "<f4").reshape(self.height, self.width)

    def static_picture(self) -> figures.Picture:
        """Draw the image with the window, the kernel and the map."""
        return figures.convolution(self.pixels, self.kernel, row=self.row, column=self.column)

    @traitlets.validate("weights")
    def _check_weights(self, proposal: Any) -> list[list[float]]:
        return _checked_kernel(proposal["value"])


def _checked_image(image: ArrayLike) -> NDArray[np.float32]:
    image = np.asarray(image)
    if image.shape == (784,):
        image = image.reshape(28, 28)
    if image.ndim != 2 or not 1 <= min(image.shape) <= max(image.shape) <= LARGEST_IMAGE:
        raise ValueError(
            f"expected one image of shape (height, width), at most {LARGEST_IMAGE} each, got {image.shape}: "
            "of several images choose one, such as images[0]"
        )
    low, high = image.min(), image.max()
    if not (low >= 0 and high <= 1):  # so written, NaN is caught too
        raise ValueError(f"expected pixels from 0 to 1, got {low:g} to {high:g}: divide pixels up to 255 by 255")
    return np.ascontiguousarray(image, "<f4")


def _checked_kernel(kernel: ArrayLike) -> list[list[float]]:
    try:
        array = np.asarray(kernel, float)
    except (TypeError, ValueError):
        raise ValueError(f"expected a kernel as rows of numbers, all of one length, got {kernel!r}") from None
    if array.ndim != 2 or not 1 <= min(array.shape) <= max(array.shape) <= LARGEST_KERNEL:
        raise ValueError(
            f"expected one kernel of shape (rows, columns), at most {LARGEST_KERNEL} each, got {array.shape}: "
            "of a layer's kernels choose one, such as kernels[:, :, 0, 7]"
        )
    if not np.isfinite(array).all():
        raise ValueError("expected finite weights, got NaN or infinity")
    return array.tolist()
