"""Which pixels the answer hangs on, by the slope of a class's logit."""

import numpy as np

from lenet_tutorial.inspection.checks import check_classes, check_count, check_images
from lenet_tutorial.inspection.passes import CLASSES, as_pages, batches, chosen, compiled, kept, to_logits
from lenet_tutorial.quiet import tf


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
    return as_pages(np.concatenate(slopes))


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
    return as_pages((images - start) * total / steps)


@kept
def _slope_pass(model):
    """Compile: pixels (n, 784), classes (n,) -> the gradient of each row's own logit, (n, 784)."""
    forward = to_logits(model)

    def slope(pixels, classes):
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            score = chosen(forward(pixels), classes)
        return tape.gradient(score, pixels)

    return compiled(slope, model, CLASSES)
