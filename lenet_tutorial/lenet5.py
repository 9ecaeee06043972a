"""LeNet-5 as it was published in 1998, layer for layer, with its loss.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
IEEE 86 (1998), 2278-2324, doi:10.1109/5.726791, sections II.B and II.C, appendix A.
"""

import numpy as np
from numpy.typing import NDArray

from lenet_tutorial.backend import keras
from lenet_tutorial.layers import RBF, FanInUniform, Subsampling, TableConv2D, registered, scaled_tanh

PAPER, INK = -0.1, 1.175  # what the network sees of white and of black: mean about 0, variance about 1

# Table I of the paper: the maps of S2 that each of C3's sixteen maps sees.
C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)

# The digits of the paper's figure 3, 7 wide and 12 high: what F6 should show for each class. A bar tells 0 from O.
_CODES = """
.#####.  ...##..  .#####.  #######  .#####.  .#####.  ..####.  #######  .#####.  .#####.
.......  ..###..  .......  .....##  .......  .......  .##....  .....##  ##...##  ##..###
..###..  .####..  .#####.  ....##.  .......  #######  ##.....  .....##  ##...##  ##...##
.##.##.  ...##..  ##...##  ...##..  .##..##  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  #....##  ..####.  .##..##  ##.....  ######.  ...##..  .#####.  ##..###
##...##  ...##..  ....##.  .....##  ###..##  .####..  ###..##  ...##..  ##...##  .######
##...##  ...##..  ..###..  .....##  ##...##  ..####.  ##...##  ..##...  ##...##  .....##
##...##  ...##..  .##....  .....##  ##...##  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ##..###  ##...##  ###..##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  .######  .#####.  .#####.  ..##...  .#####.  .####..
.......  .......  .......  .......  .....##  .......  .......  .......  .......  .......
.......  .......  .......  .......  .....##  .......  .......  .......  .......  .......
"""


def codes() -> NDArray[np.float32]:
    """The stylized digits that LeNet-5 compares its last hidden layer with.

    Returns:
        float32 (10, 12, 7): 1 for ink, -1 for paper. The paper has them as a picture (figure 3), of which this is a
        transcription.
    """
    rows = [line.split() for line in _CODES.split("\n") if line]
    return np.array([[[1 if dot == "#" else -1 for dot in row[digit]] for row in rows] for digit in range(10)], "f4")


@registered
class CompetitiveLoss(keras.losses.Loss):
    """The loss of equation 9: draw near the true code, and push the other codes away.

    For a digit of class d with distances y, it is y[d] + log(exp(-j) + Σ exp(-y[i])): cross-entropy with one more
    class, *rubbish*, which always stands at distance j. Without a digit near any code, rubbish wins.

    Args:
        rubbish: j, greater than 0. The paper does not say which it used.
    """

    def __init__(self, rubbish: float, name: str = "competitive_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        self.rubbish = rubbish

    def call(self, y_true, y_pred):
        others = keras.ops.concatenate([-y_pred, keras.ops.full_like(y_pred[:, :1], -self.rubbish)], axis=1)
        return keras.ops.sum(y_true * y_pred, axis=1) + keras.ops.logsumexp(others, axis=1)

    def get_config(self):
        return super().get_config() | {"rubbish": self.rubbish}


@registered
def nearest_code(y_true, y_pred):
    """Whether the nearest code is the true class's: the metric that goes with distances, as numbers (n,), 0 or 1."""
    same = keras.ops.equal(keras.ops.argmax(y_true, axis=1), keras.ops.argmin(y_pred, axis=1))
    return keras.ops.cast(same, "float32")


def build_lenet5() -> keras.Sequential:
    """Build LeNet-5 as published, untrained and not compiled.

    Returns:
        A ``keras.Sequential`` from float32 (n, 784) in [0, 1] to float32 distances (n, 10), the smallest of which is
        the prediction. Its layers are ``image``, ``border``, ``levels``, then the paper's ``C1``, ``S2``, ``C3``,
        ``S4``, ``C5``, ``F6`` (with ``flatten`` before it) and ``output``. ``keras.utils.set_random_seed`` fixes the
        initial weights.

    Example:

    >>> model = build_lenet5()
    >>> sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    60000
    """
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((784,), name="pixels"),
            layers.Reshape((28, 28, 1), name="image"),
            layers.ZeroPadding2D(2, name="border"),
            layers.Rescaling(INK - PAPER, offset=PAPER, name="levels"),
            layers.Conv2D(6, 5, activation=scaled_tanh, kernel_initializer=FanInUniform(25), name="C1"),
            Subsampling(name="S2"),
            TableConv2D(C3_TABLE, 5, name="C3"),
            Subsampling(name="S4"),
            layers.Conv2D(120, 5, activation=scaled_tanh, kernel_initializer=FanInUniform(400), name="C5"),
            layers.Flatten(name="flatten"),
            layers.Dense(84, activation=scaled_tanh, kernel_initializer=FanInUniform(120), name="F6"),
            RBF(codes().reshape(10, 84), name="output"),
        ],
        name="lenet5",
    )
