"""How to train: a recipe, as data. Keras is imported only when a recipe is put to use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lenet_tutorial import textbook

if TYPE_CHECKING:
    import keras

OPTIMIZERS = ("sgd", "adam")
INITIALIZATIONS = ("glorot", "normal")
PRECISIONS = ("float32", "mixed_bfloat16")

# The initial weights and biases of the textbook's earlier TensorFlow network, as standard deviations around 0.
# Source: the book's public code, PacktPublishing/Mastering-TensorFlow-1x, chapter 9.
NORMAL_WEIGHTS = 0.1
NORMAL_BIASES = 1.0


@dataclass(frozen=True)
class Recipe:
    """How to train: everything that the textbook's step 11 fixes, and a seed, which it does not.

    Attributes:
        optimizer: ``"sgd"`` or ``"adam"``.
        learning_rate: step size, greater than 0.
        epochs: passes over the training images, at least 1.
        batch_size: images per step, at least 1.
        seed: fixes the initial weights and the order of the images.
        momentum: share of the last step that SGD repeats, 0 up to but not including 1; 0 for Adam, which has its own.
        initialization: ``"glorot"``, Keras's default: weights Glorot-uniform, biases 0; or ``"normal"``: weights from
            N(0, 0.1), biases from N(0, 1), the second number being the standard deviation.
        precision: ``"float32"``, or ``"mixed_bfloat16"``: layers compute in bfloat16, weights and output stay float32.

    Raises:
        ValueError: a value is outside what is said above.
    """

    optimizer: str = "sgd"
    learning_rate: float = textbook.LEARNING_RATE
    epochs: int = textbook.N_EPOCHS
    batch_size: int = textbook.BATCH_SIZE
    seed: int = 0
    momentum: float = 0.0
    initialization: str = "glorot"
    precision: str = "float32"

    def __post_init__(self) -> None:
        _among(OPTIMIZERS, "an optimizer", self.optimizer)
        _among(INITIALIZATIONS, "an initialization", self.initialization)
        _among(PRECISIONS, "a precision", self.precision)
        if not self.learning_rate > 0:
            raise ValueError(f"expected a learning rate greater than 0, got {self.learning_rate!r}")
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(
                f"expected at least 1 epoch and 1 image a batch, got epochs={self.epochs}, batch_size={self.batch_size}"
            )
        if not 0 <= self.momentum < 1:
            raise ValueError(f"expected a momentum from 0 to less than 1, got {self.momentum!r}")
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(f"expected a momentum with sgd only, got {self.momentum!r} with {self.optimizer!r}")

    def compile(self, model: "keras.Model") -> None:
        """Give the model this recipe's optimizer, the textbook's loss and its metric."""
        from lenet_tutorial.backend import keras

        if self.optimizer == "sgd":
            optimizer = keras.optimizers.SGD(learning_rate=float(self.learning_rate), momentum=self.momentum)
        else:
            optimizer = keras.optimizers.Adam(learning_rate=float(self.learning_rate))
        model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])


def _among(known: tuple[str, ...], what: str, value: Any) -> None:
    if value not in known:
        raise ValueError(f"expected {what} out of {', '.join(known)}, got {value!r}")
