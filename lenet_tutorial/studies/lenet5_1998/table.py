"""The paper's table: which classifiers, the test errors that it gives, and what it says that they cost.

Source: LeCun, Bottou, Bengio, Haffner (1998), doi:10.1109/5.726791, section III and figures 9, 11 and 12. The paper
calls its errors uncertain by about 0.1 points.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A classifier of the table, or a variant of one that tests an explanation.

    Attributes:
        words: what it is.
        paper: its test error in 1998, in percent; None where the paper has no such row.
        family: ``"linear"``, ``"neighbors"``, ``"kernel"``, ``"dense"`` or ``"convolutional"``.
        chance: whether two seeds give two results.
        short: what a figure writes at its dot, if anything.
        paper_costs: the parameters that the paper says it keeps, and the operations for one digit, rounded to
            thousands; None where we have not read them.
    """

    words: str
    paper: float | None
    family: str
    chance: bool = False
    short: str = ""
    paper_costs: tuple[int, int] | None = None

    @property
    def network(self) -> bool:
        """Whether it is trained by Keras."""
        return self.family in ("dense", "convolutional")


CHANCE = True

ROWS = {
    "linear": Row("linear, least squares", 12.0, "linear"),
    "logistic": Row("linear, cross-entropy", None, "linear", short="linear"),
    "linear deslanted": Row("linear, least squares, deslanted digits", 8.4, "linear"),
    "neighbors": Row("3 nearest neighbors", 5.0, "neighbors", short="neighbors"),
    "neighbors deslanted": Row(
        "3 nearest neighbors, deslanted digits", 2.4, "neighbors", paper_costs=(24_000_000, 24_000_000)
    ),
    "quadratic": Row("40 principal components, quadratic", 3.3, "linear", short="quadratic"),
    "rbf": Row("1,000 RBF units, linear", 3.6, "kernel", CHANCE, "RBF units"),
    "svm": Row("SVM, polynomial of degree 4", 1.4, "kernel", short="SVM", paper_costs=(14_000_000, 14_000_000)),
    "svm deslanted": Row("SVM, polynomial of degree 4, deslanted digits", 1.1, "kernel"),
    "300": Row("dense 784-300-10", 4.7, "dense", CHANCE, "dense"),
    "1000": Row("dense 784-1000-10", 4.5, "dense", CHANCE),
    "300-100": Row("dense 784-300-100-10", 3.05, "dense", CHANCE),
    "500-150": Row("dense 784-500-150-10", 2.95, "dense", CHANCE),
    "lenet1": Row("LeNet-1", 1.7, "convolutional", CHANCE, "LeNet-1", (3_000, 100_000)),
    "lenet5": Row("LeNet-5", 0.95, "convolutional", CHANCE, "LeNet-5", (60_000, 401_000)),
    "lenet5 distorted": Row("LeNet-5, distorted digits", 0.8, "convolutional", CHANCE),
    "textbook": Row("the textbook's network, as it trains it", None, "convolutional", CHANCE, "textbook"),
}

# Rows that are not run again: their description leaves too much open, or they would be another project.
NOT_RUN = {
    "lenet4": Row("LeNet-4", 1.1, "convolutional", short="LeNet-4", paper_costs=(17_000, 260_000)),
    "reduced svm": Row("reduced-set SVM", 1.0, "kernel", short="reduced SVM", paper_costs=(650_000, 650_000)),
    "boosted": Row(
        "three LeNet-4, boosted, distorted digits",
        0.7,
        "convolutional",
        short="boosted LeNet-4",
        paper_costs=(51_000, 460_000),
    ),
}

# Each changes something, to find out what an error depends on.
VARIANTS = {
    "quadratic products": Row("40 principal components, their products only", 3.3, "linear"),
    "300 squared": Row("dense 784-300-10, squared error", 4.7, "dense", CHANCE),
    "lenet5 squared": Row("LeNet-5, distance to the true code as the loss", None, "convolutional", CHANCE),
    "lenet5 softmax": Row("LeNet-5, softmax instead of codes", None, "convolutional", CHANCE),
    "lenet5 full": Row("LeNet-5, every map of C3 sees all of S2", None, "convolutional", CHANCE),
    "lenet5 modern": Row(
        "LeNet-5, with ReLU, max pooling, softmax and Keras's first weights", None, "convolutional", CHANCE
    ),
    "lenet5 momentum": Row("LeNet-5, SGD with momentum instead of Adam", None, "convolutional", CHANCE),
}

ALL = ROWS | VARIANTS
