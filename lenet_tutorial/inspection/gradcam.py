"""Where a layer found what speaks for a class: its feature maps, weighted by what they are worth to that class."""

import numpy as np

from lenet_tutorial.inspection.checks import check_classes, check_images, check_layer, has_places
from lenet_tutorial.inspection.passes import CLASSES, batches, chosen, compiled, kept, logit_end, parted, through
from lenet_tutorial.inspection.receptive import receptive_field
from lenet_tutorial.quiet import tf


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
    units = check_layer(model, layer, has_places, "layer with feature maps").output.shape[1]
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    weigh = _cam_pass(model, layer)
    coarse = np.concatenate([np.asarray(weigh(images[cut], classes[cut])) for cut in batches(len(images))])
    middles = receptive_field(model, layer).centre(np.arange(units))
    pixels = np.arange(int(np.sqrt(images.shape[1])))
    stretch = np.stack([np.interp(pixels, middles, one) for one in np.eye(units)], axis=1).astype(np.float32)
    return stretch @ coarse @ stretch.T


@kept
def _cam_pass(model, layer):
    """Compile: pixels (n, 784), classes (n,) -> the weighted sum of the layer's maps, cut at 0, one a row."""
    before, cam_layer, after = parted(model, layer)
    end = logit_end(model)

    def weigh(pixels, classes):
        maps = through([*before, cam_layer], pixels)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = chosen(end(through(after[:-1], maps)), classes)
        worth = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(worth * maps, axis=-1))

    return compiled(weigh, model, CLASSES)
