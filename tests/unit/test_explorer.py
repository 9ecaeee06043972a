"""The explorer shows the maps of the digit and the layer that are picked."""

import io

import numpy as np
import pytest
from PIL import Image

from lenet_tutorial import inspection
from lenet_tutorial.widgets.explorer import feature_map_explorer
from tests.unit import networks


@pytest.fixture(scope="module")
def explorer():
    images, labels = networks.sample()
    return feature_map_explorer(networks.trained(), images[:5], labels[:5])


def test_what_is_picked_is_what_is_told(explorer):
    images, _ = networks.sample()
    for digit, layer in ((0, "conv1"), (3, "conv1"), (3, "pool2"), (0, "conv1")):
        explorer.digit.value, explorer.layer.value = digit, layer
        maps = inspection.feature_maps(networks.trained(), images[digit : digit + 1], [layer])[layer][0]
        assert f"Brightest: map {maps.max(axis=(0, 1)).argmax()}." in explorer.caption.value
        assert f"bright is {maps.max():.2f}" in explorer.caption.value
        with Image.open(io.BytesIO(explorer.picture.value)) as picture:
            assert picture.width == 720


def test_another_digit_is_another_picture(explorer):
    explorer.layer.value = "conv2"
    seen = set()
    for digit in range(5):
        explorer.digit.value = digit
        seen.add(explorer.picture.value)
    assert len(seen) == 5


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="one label for each of at least one image, got 2 and 1"):
        feature_map_explorer(networks.trained(), np.zeros((2, 784), np.float32), [1])
    with pytest.raises(ValueError, match="conv9"):
        feature_map_explorer(networks.trained(), np.zeros((1, 784), np.float32), [1], layers=["conv9"])
