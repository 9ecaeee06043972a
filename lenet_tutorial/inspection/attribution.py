"""Attribution: which pixels a prediction rests on, by four methods, and two baselines that ask no network.

Each method takes images (n, 784) and one class for each image, and gives a map (n, 28, 28) of that class's logit.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import (
    check_classes,
    check_count,
    check_images,
    check_layer,
    is_spatial,
)
from lenet_tutorial.inspection.forward import (
    CLASSES,
    batches,
    class_scores,
    compile_pass,
    in_batches,
    logit_function,
    logit_pass,
    pick_class,
    scores_of_variants,
    unflattened,
    with_gradient,
)
from lenet_tutorial.inspection.network import float32, network
from lenet_tutorial.inspection.receptive_field import receptive_field
from lenet_tutorial.interface import cached_per_model


def attributions(
    model: keras.Model, images: ArrayLike, classes: ArrayLike, *, stride: int = 1, steps: int = 64
) -> dict[str, NDArray[np.float32]]:
    """Explain the same predictions by all four methods.

    Args:
        model: a built Keras model with a layer ``conv2``.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        stride: of :func:`occlusion_map`.
        steps: of :func:`integrated_gradients`.

    Returns:
        A dict from each method's name to its maps, float32 (n, 28, 28).

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> list(attributions(build_lenet(), np.zeros((1, 784), "float32"), 3, stride=5, steps=1))
    ['occlusion', 'gradient', 'integrated gradients', 'Grad-CAM']
    """
    return {
        "occlusion": occlusion_map(model, images, classes, stride=stride),
        "gradient": saliency_map(model, images, classes),
        "integrated gradients": integrated_gradients(model, images, classes, steps=steps),
        "Grad-CAM": grad_cam(model, images, classes),
    }


def baseline_maps(images: ArrayLike, seed: int = 0) -> dict[str, NDArray]:
    """Make maps that ask no network: the image's own gray levels, and noise. What a test is worth shows in their score.

    Args:
        images: floats (n, 784) or (n, 28, 28).
        seed: of the noise.

    Returns:
        A dict from each baseline's name to its maps (n, 28, 28), in [0, 1].

    Example:

    >>> {name: maps.shape for name, maps in baseline_maps(np.ones((5, 784))).items()}
    {'gray levels': (5, 28, 28), 'noise': (5, 28, 28)}
    """
    images = np.asarray(images)
    gray = unflattened(images.reshape(len(images), -1))
    return {"gray levels": gray, "noise": np.random.default_rng(seed).random(gray.shape)}


def occlusion_map(
    model: keras.Model,
    images: ArrayLike,
    classes: ArrayLike,
    *,
    size: int = 5,
    stride: int = 1,
    fill: float = 0.0,
) -> NDArray[np.float32]:
    """Measure by how much occluding a part of the image lowers a class's logit.

    A square slides over the image, wholly inside it. For each of its positions, the drop is the class's logit of the
    whole image minus that of the occluded one. A pixel's value is the mean drop of all the squares that cover it.
    Source: Zeiler and Fergus (2014), Visualizing and understanding convolutional networks, ECCV,
    doi:10.1007/978-3-319-10590-1_53, section 4.2, which maps the positions and the probability instead.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        size: side of the square in pixels.
        stride: pixels from one position to the next, at most ``size``, so that every pixel is covered; the last
            position of a row and of a column is always taken.
        fill: what the square shows, 0 (background) to 1 (ink).

    Returns:
        float32 (n, 28, 28), in logits: above 0 where occlusion lowers the logit, so that the pixels there are evidence
        for the class; below 0 where they are evidence against it.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> occlusion_map(build_lenet(), np.zeros((1, 784), "float32"), 3, stride=5).max()  # nothing to occlude
    np.float32(0.0)
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    side = network(model).side
    check_count("size", size, 1, side)
    check_count("stride", stride, 1, size)
    if not 0 <= fill <= 1:
        raise ValueError(f"expected fill from 0 to 1, got {fill!r}")
    starts = np.unique(np.append(np.arange(0, side - size + 1, stride), side - size))
    covers = (np.arange(side) >= starts[:, None]) & (np.arange(side) < starts[:, None] + size)  # (positions, side)
    squares = (covers[:, None, :, None] & covers[None, :, None, :]).reshape(len(starts) ** 2, -1)
    forward = logit_pass(model)
    whole = scores_of_variants(forward, classes, 1, lambda image, _: images[image])
    occluded = scores_of_variants(
        forward, classes, len(squares), lambda image, square: np.where(squares[square], np.float32(fill), images[image])
    )
    drops = (whole - occluded).reshape(-1, len(starts), len(starts))
    covers = covers.astype(np.float32)
    total = np.einsum("nij,ir,jc->nrc", drops, covers, covers, optimize=True)
    return total / np.outer(covers.sum(axis=0), covers.sum(axis=0))


def saliency_map(model: keras.Model, images: ArrayLike, classes: ArrayLike) -> NDArray[np.float32]:
    """Compute the gradient of a class's logit with respect to the pixels.

    Source: Simonyan, Vedaldi and Zisserman (2013), Deep inside convolutional networks, arXiv:1312.6034, section 3,
    which shows the absolute value; the sign is kept here.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.

    Returns:
        float32 (n, 28, 28), in logits per unit of ink: above 0 where more ink raises the logit. It predicts the effect
        of a small change, not how much the ink that is there contributes.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> saliency_map(build_lenet(), np.zeros((2, 784), "float32"), [3, 5]).shape
    (2, 28, 28)
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    return unflattened(in_batches(_gradient_pass(model), images, classes))


def integrated_gradients(
    model: keras.Model, images: ArrayLike, classes: ArrayLike, *, steps: int = 64, baseline: ArrayLike = 0.0
) -> NDArray[np.float32]:
    """Attribute a class's logit to the pixels, along the straight path from a baseline to the image.

    Each pixel gets (image - baseline) times the mean gradient on the path, at the middles of ``steps`` equal parts. The
    attributions add up to the logit of the image minus that of the baseline (completeness), up to the error of that
    sum.
    Source: Sundararajan, Taly and Yan (2017), Axiomatic attribution for deep networks, ICML, arXiv:1703.01365.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        steps: gradients an image.
        baseline: the image to compare with: one number for a uniform image, one image or one each, in the images' shape
            and in [0, 1]. A pixel that equals its baseline gets 0: with the default, the background gets nothing.

    Returns:
        float32 (n, 28, 28), in logits.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> integrated_gradients(build_lenet(), np.zeros((1, 784), "float32"), 3).max()  # the image is the baseline
    np.float32(0.0)
    """
    shape, images = np.shape(images), check_images(model, images)
    classes = check_classes(model, images, classes)
    check_count("steps", steps, 1)
    baseline = np.asarray(baseline, np.float32)
    if baseline.shape not in ((), shape[1:], shape):
        raise ValueError(f"expected a baseline as one number, of shape {shape[1:]} or {shape}, got {baseline.shape}")
    start = check_images(model, np.broadcast_to(baseline, shape))
    path = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    gradient = _gradient_pass(model)
    total = np.zeros_like(images)
    for cut in batches(len(images) * steps):
        image, step = np.divmod(np.arange(cut.start, cut.stop), steps)
        between = start[image] + path[step, None] * (images - start)[image]
        np.add.at(total, image, np.asarray(gradient(between, classes[image])))
    return unflattened((images - start) * total / steps)


@cached_per_model
def _gradient_pass(model):
    """Compile: pixels (n, 784), classes (n,) -> the gradient of each row's own logit, (n, 784)."""
    forward = logit_function(model)

    def gradient(pixels, classes):
        return with_gradient(lambda values: pick_class(forward(values), classes), pixels)[1]

    return compile_pass(gradient, model, CLASSES)


def grad_cam(
    model: keras.Model, images: ArrayLike, classes: ArrayLike, *, layer: str = "conv2", average: bool = True
) -> NDArray[np.float32]:
    """Compute Grad-CAM: a layer's feature maps, each weighted by the mean gradient of the class's logit.

    The weighted sum, (14, 14) for ``conv2``, goes through a ReLU and is then enlarged to the image. The unit at
    position i belongs to the middle of its receptive field, pixel 2 i + 2 for ``conv2``, not 2 i + 0.5 as a plain
    enlargement would have it: even kernels reach further right and down than left and up. Between these middles the map
    is interpolated linearly; beyond the first and the last it stays as it is there. Source: Selvaraju et al. (2017),
    Grad-CAM, ICCV, doi:10.1109/ICCV.2017.74, equations 1 and 2.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        layer: the name of a layer before the Flatten layer.
        average: whether a map has one weight, the mean of its gradient over all positions. Otherwise each position is
            weighted by its own gradient: HiResCAM, Draelos and Carin (2020), arXiv:2011.08891.

    Returns:
        float32 (n, 28, 28), 0 or above; only the ratios within one image mean something. All zeros where nothing in the
        layer is evidence for the class.

    Raises:
        ValueError: the layer is unknown or has no feature maps, or another argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> grad_cam(build_lenet(), np.zeros((1, 784), "float32"), 3).shape
    (1, 28, 28)
    """
    units = check_layer(model, layer, fits=is_spatial, kind="layer with feature maps").shape[1]
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    middles = receptive_field(model, layer).center(np.arange(units))
    coarse = in_batches(_cam_pass(model, layer, average), images, classes)
    pixels = np.arange(network(model).side)
    stretch = np.stack([np.interp(pixels, middles, one) for one in np.eye(units)], axis=1).astype(np.float32)
    return stretch @ coarse @ stretch.T


@cached_per_model
def _cam_pass(model, layer, average):
    """Compile: pixels (n, 784), classes (n,) -> the weighted sum of the layer's maps after ReLU, one a row."""
    net = network(model)

    def weighted_sum(pixels, classes):
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            output, calls = net.run(pixels)
            score = pick_class(class_scores(net, output, calls), classes)
        maps = calls[layer].output
        weights = float32(tape.gradient(score, maps, unconnected_gradients="zero"))
        if average:
            weights = tf.reduce_mean(weights, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * float32(maps), axis=-1))

    return compile_pass(weighted_sum, model, CLASSES)
