"""The README's picture, drawn as lesson 5 draws it."""

from lenet_tutorial import figures, files
from lenet_tutorial.data import load_digits
from lenet_tutorial.tools.lessons import NOTEBOOKS, LessonError


def draw() -> int:
    """Draw the picture anew and print its caption.

    Returns:
        The exit status.

    Raises:
        LessonError: MNIST, which the picture shows, was not found.
    """
    from lenet_tutorial.inspection import feature_maps  # here, because TensorFlow takes seconds to import
    from lenet_tutorial.training import trained_lenet

    digits = load_digits()
    if not digits.is_mnist:
        raise LessonError(f"the data are the {digits.name}, and the README shows MNIST")
    layers = ("conv1", "pool1", "conv2", "pool2", "output")
    maps = {
        name: each[0]
        for name, each in feature_maps(trained_lenet(digits=digits).model, digits.test.images[:1], layers).items()
    }
    probabilities = maps.pop("output")
    image = digits.test.images[0].reshape(28, 28)
    drawn = figures.digit_journey(image, {"": (maps, probabilities)}, title="A digit on its way through the network")
    files.write_bytes(NOTEBOOKS / "lenet.png", figures.as_png(drawn))
    print(drawn.caption)
    return 0
