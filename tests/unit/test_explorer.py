"""The explorer as Python sees it: what is sent to the browser, once."""

import numpy as np
import pytest

from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.explorer import MOST_IMAGES, NetworkExplorer
from tests.unit import networks


@pytest.fixture(scope="module")
def images():
    return networks.sample()[0]


def test_the_whole_network_is_sent_and_of_the_untrained_one_what_is_drawn(images):
    explorer = NetworkExplorer(networks.trained(), images, untrained=build_lenet())
    names = [layer["name"] for layer in explorer.description["layers"]]
    assert names[1:] == ["conv1", "pool1", "conv2", "pool2", "flatten", "dense", "output"]
    assert [layer["name"] for layer in explorer.untrained_description["layers"]] == names[:5]
    n_convolutions = 4 * (32 * 16 + 32 + 64 * 32 * 16 + 64)  # bytes of float32
    assert len(explorer.untrained_data) == n_convolutions
    assert len(explorer.data) == 4 * networks.trained().count_params()
    sent = np.frombuffer(explorer.images, "<f4").reshape(-1, 784)
    np.testing.assert_array_equal(sent, images[:MOST_IMAGES])


def test_bad_input_is_told(images):
    with pytest.raises(ValueError, match=r"images of shape \(n, 784\), got \(10, 9\)"):
        NetworkExplorer(networks.trained(), np.zeros((10, 9)))
    with pytest.raises(ValueError, match="from 0 to 1, got 0 to 255: divide by 255"):
        NetworkExplorer(networks.trained(), 255 * np.round(images))
    with pytest.raises(ValueError, match=r"to ten classes, .* to outputs of shape \(3,\)"):
        NetworkExplorer(networks.linear(28, 3), images)
    other = keras.Sequential([keras.Input((784,)), keras.layers.Reshape((28, 28, 1)), keras.layers.Conv2D(3, 3)])
    other.add(keras.layers.GlobalAveragePooling2D())
    other.add(keras.layers.Dense(10, activation="softmax"))
    with pytest.raises(ValueError, match="an untrained model of the same layers"):
        NetworkExplorer(other, images, untrained=build_lenet())
