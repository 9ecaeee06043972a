"""What the textbook says, as data.

The textbook is the section "LeNet CNN for MNIST with Keras" of Armando Fandango, *Mastering TensorFlow 1.x*
(Packt, 2018), chapter 9. Every comparison that a lesson draws with the textbook reads its numbers from here,
so each of them has one home. Nothing is computed here, and nothing but the standard library is imported.
"""

from dataclasses import dataclass

CITATION = "Fandango, A. (2018). Mastering TensorFlow 1.x, chapter 9. Packt Publishing."

# Steps 2 and 3: the hyperparameters.
N_FILTERS = (32, 64)
KERNEL_SIZE = 4
N_DENSE = 1024
LEARNING_RATE = 0.01
N_EPOCHS = 10
BATCH_SIZE = 100

# Names that the section uses and never defines; its public code (PacktPublishing/Mastering-TensorFlow-1x) does.
N_WIDTH, N_HEIGHT, N_DEPTH = 28, 28, 1
N_INPUTS = N_WIDTH * N_HEIGHT * N_DEPTH
N_OUTPUTS = 10

# Its training log counts 55,000 images: its loader held out the first 5,000 of the 60,000 for validation.
N_TRAIN = 55_000
N_VALIDATION = 5_000
N_TEST = 10_000


@dataclass(frozen=True)
class Layer:
    """One row of the textbook's model summary (step 10).

    Attributes:
        name: the layer's name as the textbook prints it.
        kind: the Keras class of the layer.
        output_shape: shape of the output for one image, without the batch axis.
        parameters: number of trainable parameters.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


LAYERS = (
    Layer("reshape_1", "Reshape", (28, 28, 1), 0),
    Layer("conv2d_1", "Conv2D", (28, 28, 32), 544),
    Layer("max_pooling2d_1", "MaxPooling2D", (14, 14, 32), 0),
    Layer("conv2d_2", "Conv2D", (14, 14, 64), 32_832),
    Layer("max_pooling2d_2", "MaxPooling2D", (7, 7, 64), 0),
    Layer("flatten_1", "Flatten", (3136,), 0),
    Layer("dense_1", "Dense", (1024,), 3_212_288),
    Layer("dense_2", "Dense", (10,), 10_250),
)
PARAMETERS = 3_255_914


@dataclass(frozen=True)
class Epoch:
    """One line of the textbook's training log (step 11).

    Attributes:
        number: the epoch, counted from 1.
        loss: categorical cross-entropy in nats, Keras's running average over the epoch.
        accuracy: share of images read correctly, 0 to 1, the same running average.
        seconds: duration of the epoch on the author's machine.
    """

    number: int
    loss: float
    accuracy: float
    seconds: int


LOG = (
    Epoch(1, 0.8854, 0.7631, 267),
    Epoch(2, 0.2406, 0.9272, 272),
    Epoch(3, 0.1712, 0.9488, 267),
    Epoch(4, 0.1339, 0.9604, 295),
    Epoch(5, 0.1112, 0.9667, 278),
    Epoch(6, 0.0957, 0.9714, 279),
    Epoch(7, 0.0842, 0.9744, 316),
    Epoch(8, 0.0758, 0.9773, 317),
    Epoch(9, 0.0693, 0.9790, 285),
    Epoch(10, 0.0630, 0.9804, 217),
)
TEST_LOSS = 0.0628845927377
TEST_ACCURACY = 0.9785
