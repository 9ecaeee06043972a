"""The table's classifiers that are not networks, from scikit-learn, and the cost of each."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures
from sklearn.svm import SVC

from lenet_tutorial.data import Digits
from lenet_tutorial.studies.digits import all_training

N_PIXELS, N_CLASSES = 784, 10


@dataclass(frozen=True)
class Fitted:
    """A trained classifier.

    Attributes:
        predict: from images (n, 784) to classes (n,).
        parameters: numbers that it keeps.
        operations: multiplications with an addition that it takes for one digit, about.
    """

    predict: Callable[[NDArray], NDArray]
    parameters: int
    operations: int


def linear(images: NDArray, labels: NDArray, seed: int) -> Fitted:
    """Weigh the pixels: least squares towards +1 for the true class and -1 for the others."""
    n = (N_PIXELS + 1) * N_CLASSES
    return Fitted(RidgeClassifier(alpha=1).fit(images, labels).predict, n, n)


def logistic(images: NDArray, labels: NDArray, seed: int) -> Fitted:
    """Weigh the pixels: softmax and cross-entropy, as the last layer of today's networks."""
    n = (N_PIXELS + 1) * N_CLASSES
    return Fitted(LogisticRegression(C=0.1, max_iter=200).fit(images, labels).predict, n, n)


def neighbors(images: NDArray, labels: NDArray, seed: int) -> Fitted:
    """Keep all training digits; the majority of the three nearest is the prediction."""
    n = len(images) * N_PIXELS
    return Fitted(KNeighborsClassifier(3, algorithm="brute").fit(images, labels).predict, n, n)


def quadratic(images: NDArray, labels: NDArray, seed: int, *, degrees: tuple[int, int] = (1, 2)) -> Fitted:
    """40 principal components, the 820 products of two of them, and a linear classifier on all of these.

    Args:
        images, labels, seed: as for the others.
        degrees: (2, 2) leaves the components themselves out. The paper counts 821 inputs of the linear classifier,
            which are the products and the bias, and calls it a polynomial of the second degree, which has both.
    """
    n_components = 40
    model = make_pipeline(
        PCA(n_components, random_state=seed),
        PolynomialFeatures(degrees, include_bias=False),
        RidgeClassifier(alpha=1),
    ).fit(images, labels)
    n_terms = model[1].n_output_features_
    weights = n_components * N_PIXELS + (n_terms + 1) * N_CLASSES
    return Fitted(model.predict, weights + N_PIXELS, weights + n_terms)


def rbf(images: NDArray, labels: NDArray, seed: int) -> Fitted:
    """1,000 Gaussian units, 100 centers a class from k-means, and a linear classifier on them.

    In a trial with few digits, a class has a center for every two of its digits.

    The paper does not give the units' width. Ours is one for all: the square root of the mean squared distance of a
    training digit to its center.
    """
    classes = [images[labels == each] for each in range(N_CLASSES)]
    clusters = [KMeans(min(100, -(-len(own) // 2)), n_init=1, random_state=seed).fit(own) for own in classes]
    centers = np.concatenate([each.cluster_centers_ for each in clusters])
    variance = sum(each.inertia_ for each in clusters) / len(images)

    def units(pixels):
        return np.exp(-pairwise_distances(pixels, centers, "sqeuclidean") / (2 * variance))

    model = make_pipeline(FunctionTransformer(units), RidgeClassifier(alpha=1e-3)).fit(images, labels)
    weights = len(centers) * N_PIXELS + (len(centers) + 1) * N_CLASSES
    return Fitted(model.predict, weights, weights)


def svm(images: NDArray, labels: NDArray, seed: int) -> Fitted:
    """45 support vector machines with a polynomial kernel of degree 4, one for each pair of classes."""
    model = SVC(kernel="poly", degree=4, gamma="scale", coef0=1, C=10, cache_size=2000).fit(images, labels)
    n = len(model.support_) * (N_PIXELS + N_CLASSES - 1)
    return Fitted(model.predict, n, n)


def deslanted(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shear digits so that their ink stands upright on the average.

    Args:
        images: float32 (n, 784).

    Returns:
        float32 (n, 784). Each row of an image is moved sideways in proportion to its distance from the center of the
        ink, until the covariance of the ink's rows and columns is 0. (The paper took ink as 0 or 1 for that, and cut
        the digits to 20×20 pixels.)
    """
    rows, columns = np.mgrid[:28, :28].reshape(2, -1)
    upright = np.empty_like(images)
    for image, result in zip(images, upright, strict=True):
        row, column = np.average([rows, columns], axis=1, weights=image + 1e-9)
        shear = np.average((rows - row) * (columns - column), weights=image + 1e-9)
        shear /= np.average((rows - row) ** 2, weights=image + 1e-9)
        moved = affine_transform(
            image.reshape(28, 28), [[1, 0], [shear, 1]], [0, -shear * row], order=1, mode="grid-constant"
        )
        result[:] = moved.reshape(-1)
    return upright


FIT = {
    "linear": linear,
    "logistic": logistic,
    "linear deslanted": linear,
    "neighbors": neighbors,
    "neighbors deslanted": neighbors,
    "quadratic": quadratic,
    "quadratic products": partial(quadratic, degrees=(2, 2)),
    "rbf": rbf,
    "svm": svm,
    "svm deslanted": svm,
}


def train(row: str, seed: int, digits: Digits) -> dict:
    """Train a classifier of the table on all training digits, and test it.

    Args:
        row: a name of :data:`FIT`.
        seed: where chance plays.
        digits: what to train and to test on.

    Returns:
        The results of a :class:`run.Run`.
    """
    prepare = deslanted if row.endswith("deslanted") else np.asarray
    training = all_training(digits)
    images, test = prepare(training.images), prepare(digits.test.images)
    start = time.perf_counter()
    fitted = FIT[row](images, training.labels, seed)
    seconds = time.perf_counter() - start
    return {
        "misread": np.flatnonzero(fitted.predict(test) != digits.test.labels).tolist(),
        "parameters": fitted.parameters,
        "operations": fitted.operations,
        "training_seconds": round(seconds, 1),
    }
