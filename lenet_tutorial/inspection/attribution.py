"""Attribution: which pixels a prediction rests on, by four methods.

Each takes images (n, 784) and one class an image, and gives a map (n, 28, 28) of that class's logit.
"""

import numpy as np

from lenet_tutorial.backend import tf
from lenet_tutorial.inspection.checks import check_classes, check_count, check_images, check_layer, is_spatial
from lenet_tutorial.inspection.forward import (
    CLASSES,
    apply_layers,
    as_images,
    batches,
    cached_per_model,
    compile_pass,
    logit_function,
    logit_head,
    logit_pass,
    pick_class,
    split_at,
)
from lenet_tutorial.inspection.receptive_field import receptive_field


def occlusion_map(model, images, classes, *, size=5, stride=1, fill=0.0):
    """Measure by how much covering a place lowers a class's logit.

    A square slides over the page, wholly inside it. For each of its positions the covered page is read, and the drop
    is the class's logit of the whole page minus that of the covered one. A pixel's value is the mean drop of all the
    squares that cover it. Source: Zeiler and Fergus (2014), Visualizing and understanding convolutional networks,
    ECCV, doi:10.1007/978-3-319-10590-1_53, section 4.2, which maps the positions and the probability instead.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        size: side of the square in pixels.
        stride: pixels from one position to the next, at most ``size``, so that every pixel is covered; the last
            position of a row and of a column is always taken.
        fill: what the square shows, 0 (background) to 1 (ink).

    Returns:
        float32 (n, 28, 28), in logits: above 0 where covering lowers the logit, so where what is there speaks for the
        class; below 0 where it speaks against.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> occlusion_map(build_lenet(), np.zeros((1, 784), "float32"), 3, stride=5).max()  # nothing to cover
    np.float32(0.0)
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    side = int(np.sqrt(images.shape[1]))
    check_count("size", size, 1, side)
    check_count("stride", stride, 1, size)
    if not 0 <= fill <= 1:
        raise ValueError(f"expected fill from 0 to 1, got {fill!r}")
    starts = np.unique(np.append(np.arange(0, side - size + 1, stride), side - size))
    covers = (np.arange(side) >= starts[:, None]) & (np.arange(side) < starts[:, None] + size)  # (positions, side)
    squares = (covers[:, None, :, None] & covers[None, :, None, :]).reshape(len(starts) ** 2, -1)
    drops = _drops(model, images, classes, squares, np.float32(fill)).reshape(-1, len(starts), len(starts))
    covers = covers.astype(np.float32)
    total = np.einsum("nij,ir,jc->nrc", drops, covers, covers, optimize=True)
    return total / np.outer(covers.sum(axis=0), covers.sum(axis=0))


def _drops(model, images, classes, squares, fill):
    """The drop of each image's class for each square, (n, squares): all pages of all images in full batches."""
    forward = logit_pass(model)
    whole = np.concatenate([np.asarray(forward(images[cut])) for cut in batches(len(images))])
    whole = whole[np.arange(len(images)), classes]
    drops = np.empty(len(images) * len(squares), np.float32)
    for cut in batches(len(drops)):
        image, square = np.divmod(np.arange(cut.start, cut.stop), len(squares))
        pages = np.where(squares[square], fill, images[image])
        drops[cut] = whole[image] - np.asarray(forward(pages))[np.arange(len(image)), classes[image]]
    return drops.reshape(len(images), len(squares))


def saliency_map(model, images, classes):
    """Compute the gradient of a class's logit with respect to the pixels.

    Source: Simonyan, Vedaldi and Zisserman (2013), Deep inside convolutional networks, arXiv:1312.6034, section 3,
    which shows the absolute value; the sign is kept here.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.

    Returns:
        float32 (n, 28, 28), in logits per unit of ink: above 0 where more ink raises the logit. It says what a small
        change would do, not what the ink that is there has done.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> saliency_map(build_lenet(), np.zeros((2, 784), "float32"), [3, 5]).shape
    (2, 28, 28)
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    slope = _slope_pass(model)
    slopes = [np.asarray(slope(images[cut], classes[cut])) for cut in batches(len(images))]
    return as_images(np.concatenate(slopes))


def integrated_gradients(model, images, classes, *, steps=64, baseline=0.0):
    """Share a class's logit out among the pixels, along the straight way from a baseline to the image.

    Each pixel gets (image - baseline) times the mean gradient on the way, at the middles of ``steps`` equal parts. The
    shares add up to the logit of the image minus that of the baseline (completeness), but for the error of that sum.
    Source: Sundararajan, Taly and Yan (2017), Axiomatic attribution for deep networks, ICML, arXiv:1703.01365.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        steps: gradients an image.
        baseline: the page to compare with: one number for a plain page, (784,) or (n, 784), in [0, 1]. A pixel that
            equals its baseline gets 0: with the default, the background gets nothing.

    Returns:
        float32 (n, 28, 28), in logits.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> integrated_gradients(build_lenet(), np.zeros((1, 784), "float32"), 3).max()  # the image is the baseline
    np.float32(0.0)
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    check_count("steps", steps, 1)
    baseline = np.asarray(baseline, np.float32)
    if baseline.shape not in ((), images.shape[1:], images.shape):
        raise ValueError(
            f"expected a baseline as one number, of shape {images.shape[1:]} or {images.shape}, got {baseline.shape}"
        )
    start = check_images(model, np.broadcast_to(baseline, images.shape))
    way = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    slope = _slope_pass(model)
    total = np.zeros_like(images)
    for cut in batches(len(images) * steps):
        image, step = np.divmod(np.arange(cut.start, cut.stop), steps)
        pages = start[image] + way[step, None] * (images - start)[image]
        np.add.at(total, image, np.asarray(slope(pages, classes[image])))
    return as_images((images - start) * total / steps)


@cached_per_model
def _slope_pass(model):
    """Compile: pixels (n, 784), classes (n,) -> the gradient of each row's own logit, (n, 784)."""
    forward = logit_function(model)

    def slope(pixels, classes):
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            score = pick_class(forward(pixels), classes)
        return tape.gradient(score, pixels)

    return compile_pass(slope, model, CLASSES)


def grad_cam(model, images, classes, *, layer="conv2"):
    """Compute Grad-CAM: a layer's feature maps, each weighted by the mean slope of the class's logit on it.

    The weighted sum, (14, 14) for ``conv2``, is cut at 0 and then stretched to the page. The unit at position i
    belongs to the middle of what it sees, pixel 2 i + 2 for ``conv2``, not 2 i + 0.5 as a plain enlargement would
    have it: even kernels reach further right and down than left and up. Between these middles the map is interpolated
    linearly; beyond the first and the last it stays as it is there.
    Source: Selvaraju et al. (2017), Grad-CAM, ICCV, doi:10.1109/ICCV.2017.74, equations 1 and 2.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        classes: integers (n,), the class to explain of each image, or one for all.
        layer: the name of a layer before the Flatten layer.

    Returns:
        float32 (n, 28, 28), 0 or above; only the ratios within one image mean something. All zeros where nothing in the
        layer speaks for the class.

    Raises:
        ValueError: the layer is unknown or its units have no place, or another argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> grad_cam(build_lenet(), np.zeros((1, 784), "float32"), 3).shape
    (1, 28, 28)
    """
    units = check_layer(model, layer, is_spatial, "layer with feature maps").output.shape[1]
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    weigh = _cam_pass(model, layer)
    coarse = np.concatenate([np.asarray(weigh(images[cut], classes[cut])) for cut in batches(len(images))])
    middles = receptive_field(model, layer).center(np.arange(units))
    pixels = np.arange(int(np.sqrt(images.shape[1])))
    stretch = np.stack([np.interp(pixels, middles, one) for one in np.eye(units)], axis=1).astype(np.float32)
    return stretch @ coarse @ stretch.T


@cached_per_model
def _cam_pass(model, layer):
    """Compile: pixels (n, 784), classes (n,) -> the weighted sum of the layer's maps, cut at 0, one a row."""
    before, cam_layer, after = split_at(model, layer)
    end = logit_head(model)

    def weigh(pixels, classes):
        maps = apply_layers([*before, cam_layer], pixels)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = pick_class(end(apply_layers(after[:-1], maps)), classes)
        worth = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(worth * maps, axis=-1))

    return compile_pass(weigh, model, CLASSES)
