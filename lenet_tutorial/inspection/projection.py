"""Projections of high-dimensional features into two dimensions."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.inspection.checks import check_choice


def project_2d(features: ArrayLike, *, method: Literal["pca", "tsne"] = "pca") -> NDArray[np.float32]:
    """Project features into two dimensions.

    PCA is linear: the two directions in which the features spread most, so that distances are true distances seen from
    one side. t-SNE keeps neighbors together and nothing else: the distances between clusters, their sizes and their
    empty spaces mean nothing. It looks at the features' first 50 principal components and takes some 10 seconds for
    2,000 digits. It starts from PCA's projection, not from chance: the same features give the same result.

    Sources: van der Maaten and Hinton (2008), Visualizing data using t-SNE, JMLR 9, 2579; Kobak and Berens (2019), The
    art of using t-SNE for single-cell transcriptomics, doi:10.1038/s41467-019-13056-x, for the start; Wattenberg,
    Viégas and Johnson (2016), How to use t-SNE effectively, Distill, doi:10.23915/distill.00002. Both methods are
    scikit-learn's.

    Args:
        features: floats (n, units), n at least 3.
        method: ``"pca"`` or ``"tsne"``.

    Returns:
        float32 (n, 2): horizontal, vertical. PCA's are centered on 0, in the features' own units.

    Raises:
        ValueError: the features have another shape or hold NaN, or the method is unknown.

    Example:

    >>> project_2d([[1, 2, 2], [3, 2, 2], [8, 2, 2]])[:, 0].round(2).tolist()
    [-3.0, -1.0, 4.0]
    """
    check_choice("method", method, ("pca", "tsne"))
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or len(features) < 3 or features.shape[1] < 2:
        raise ValueError(f"expected features of shape (n, units), at least (3, 2), got {features.shape}")
    if not np.isfinite(features).all():
        raise ValueError(f"expected finite features, got {np.sum(~np.isfinite(features))} that are NaN or infinite")
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    n_components = 2 if method == "pca" else min(50, *features.shape)
    # One thread: on busy cores the threads of such small sums wait for one another many times as long as they work.
    with threadpool_limits(1):
        components = PCA(n_components, svd_solver="covariance_eigh").fit_transform(features)
        if method == "tsne":
            perplexity = min(30, (len(features) - 1) / 3)
            components = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(components)
    return components.astype(np.float32)
