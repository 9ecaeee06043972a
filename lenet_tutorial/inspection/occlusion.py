"""Cover a part of the page, and see what that does to the answer."""

import numpy as np

from lenet_tutorial.inspection.checks import check_classes, check_count, check_images
from lenet_tutorial.inspection.passes import batches, logit_pass


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
