"""Train the textbook's network, and keep trained networks on disk so that later lessons open in seconds."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import Timeout
from numpy.typing import NDArray

from lenet_tutorial import backend, data, files
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet
from lenet_tutorial.recipe import NORMAL_BIASES, NORMAL_WEIGHTS, Recipe

__all__ = ["KernelHistory", "Recipe", "Trained", "build", "store", "train", "trained_lenet"]


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network and how its training went.

    Attributes:
        model: the compiled, trained ``keras.Sequential``.
        history: ``{"loss": [...], "accuracy": [...]}``, one number an epoch: Keras's running averages over it. If the
            network comes from lesson 4's ``fit``, also ``val_loss`` and ``val_accuracy``.
        recipe: the recipe that it was trained with.
        kernels: the first convolution's kernels, float32 (epochs + 1, 4, 4, 1, 32):
            before training, and after each epoch.
    """

    model: keras.Model
    history: dict[str, list[float]]
    recipe: Recipe
    kernels: NDArray[np.float32]


class KernelHistory(keras.callbacks.Callback):
    """Keeps a layer's kernels: as they are before training, and after each epoch.

    Args:
        layer: the layer's name.

    Attributes:
        kernels: float32 (epochs + 1, ...), with the shape of the layer's kernels; [0] is before training.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> kept, model = KernelHistory("conv1"), build_lenet()
    >>> model.compile("sgd", "categorical_crossentropy")
    >>> _ = model.fit(np.zeros((2, 784)), np.eye(10)[:2], epochs=3, verbose=0, callbacks=[kept])
    >>> kept.kernels.shape
    (4, 4, 4, 1, 32)
    """

    def __init__(self, layer: str = "conv1"):
        super().__init__()
        self.layer = layer
        self._kept: list[NDArray[np.float32]] = []

    @property
    def kernels(self) -> NDArray[np.float32]:
        return np.stack(self._kept)

    def _keep(self):
        self._kept.append(self.model.get_layer(self.layer).get_weights()[0])

    def on_train_begin(self, logs=None):
        self._kept.clear()
        self._keep()

    def on_epoch_end(self, epoch, logs=None):
        self._keep()


def build(recipe: Recipe) -> keras.Model:
    """Build and compile the textbook's network with a recipe's initialization, precision and optimizer.

    Args:
        recipe: a :class:`Recipe`. Its seed is not set here: ``keras.utils.set_random_seed`` before the call does.

    Returns:
        A compiled ``keras.Sequential``, untrained.
    """
    model = build_lenet()
    if (recipe.initialization, recipe.precision) != ("glorot", "float32"):
        model = keras.models.clone_model(model, clone_function=lambda layer: _adapted(layer, recipe))
    recipe.compile(model)
    return model


def _adapted(layer: keras.layers.Layer, recipe: Recipe) -> keras.layers.Layer:
    """The same layer, with the recipe's initialization and precision."""
    settings = layer.get_config()
    if recipe.initialization == "normal" and "kernel_initializer" in settings:
        settings["kernel_initializer"] = keras.initializers.RandomNormal(0.0, NORMAL_WEIGHTS)
        settings["bias_initializer"] = keras.initializers.RandomNormal(0.0, NORMAL_BIASES)
    if layer.name != "output":  # bfloat16 holds three digits: too few for probabilities and their logarithm
        settings["dtype"] = recipe.precision
    return type(layer).from_config(settings)


def train(
    digits: data.Digits,
    recipe: Recipe | None = None,
    *,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
) -> Trained:
    """Train the textbook's network with a recipe, on the training images only.

    Args:
        digits: a :class:`lenet_tutorial.data.Digits`.
        recipe: a :class:`Recipe`; by default the textbook's.
        callbacks: Keras callbacks.
        verbose: as in ``keras.Model.fit``.

    Returns:
        A :class:`Trained`.
    """
    recipe = recipe or Recipe()
    keras.utils.set_random_seed(recipe.seed)
    model, kept = build(recipe), KernelHistory()
    history = model.fit(
        digits.train.images,
        digits.train.onehot,
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        callbacks=[kept, *callbacks],
        verbose=verbose,
    )
    return Trained(model, history.history, recipe, kept.kernels)


def trained_lenet(recipe: Recipe | None = None, digits: data.Digits | None = None) -> Trained:
    """Give the textbook's network, trained: from the disk if it is there, else by training it now.

    Training shows a progress bar, takes minutes, and is stored. If another process is training the same network, you
    get a message, and this one waits and opens the result. If a stored network is damaged, you get a message, the file
    is renamed, and the network is trained again. If the cache folder cannot be written to, you get a message, and the
    network lives in this process only.

    Args:
        recipe: a :class:`Recipe`; by default the textbook's.
        digits: a :class:`lenet_tutorial.data.Digits`; loaded by default.

    Returns:
        A :class:`Trained`.
    """
    recipe = recipe or Recipe()
    digits = digits or data.load_digits()
    wanted = _wanted(recipe, digits)
    path = _path(wanted)
    with suppress(Exception):  # there is none, or it is damaged: looked at again when it is our turn
        return _load(path, wanted, recipe)
    with _our_turn(path):
        trained = _stored(path, wanted, recipe)  # another process may have been quicker
        if trained is None:
            trained = train(digits, recipe, callbacks=[_EpochBar(recipe.epochs)], verbose=0)
            store(trained.model, digits, seed=recipe.seed, kernels=trained.kernels)
        return trained


def _stored(path: Path, wanted: dict, recipe: Recipe) -> Trained | None:
    """The network stored there; None if there is none, or if it is damaged: then it is renamed, with a message."""
    if not path.exists():
        return None
    try:
        return _load(path, wanted, recipe)
    except Exception as error:  # zipfile, zlib, h5py and Keras each have errors of their own for damaged bytes
        print(f"The stored network {path.name} is damaged ({_brief(error)}).")
        print(f"It is {files.rename_damaged(path)}, and the network is trained again.")
        return None


@contextmanager
def _our_turn(path: Path) -> Iterator[None]:
    """Wait while another process trains the network that belongs there."""
    lock = files.lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another notebook is training this network: waiting until it ends.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def store(model: keras.Model, digits: data.Digits, *, seed: int, kernels: NDArray[np.float32]) -> Path | None:
    """Keep a trained network for the later lessons, under a key that is computed from the network itself.

    The key holds the layers, the optimizer and its settings, how many steps were taken, the data, the seed and the
    library versions. So a network trained with another learning rate never takes the place of the textbook's.

    Args:
        model: a network that ``fit`` has trained in this process, in one call.
        digits: the :class:`lenet_tutorial.data.Digits` that it was trained on.
        seed: the seed that was set before the model was built.
        kernels: what a :class:`KernelHistory` has kept of its first convolution.

    Returns:
        The file's path, or None if it could not be written, which is printed.

    Raises:
        ValueError: the model was never trained in this process, or the kernels are not its own.
    """
    history = getattr(model, "history", None)
    if getattr(history, "epoch", None) is None or not history.epoch:
        raise ValueError(f"the model {model.name!r} has not been trained here: call model.fit before store")
    if not np.array_equal(kernels[-1], model.get_layer("conv1").get_weights()[0]):
        raise ValueError(
            "expected kernels that end in the model's own: give model.fit the KernelHistory, and train again"
        )
    key = _key(model, digits, seed, steps=history.params["steps"], iterations=int(model.optimizer.iterations))
    path = _path(key)
    try:
        with files.atomic_write(path) as place:
            model.save(place)
            with zipfile.ZipFile(place, "a") as archive:  # .keras is a zip, so that one file holds both
                archive.writestr("lesson.json", json.dumps({"key": key, "history": history.history}))
                archive.writestr("kernels.npy", _npy(kernels))
    except OSError as error:
        print(f"The trained network could not be stored ({_brief(error)}): the next lesson will train it again.")
        print(f"Set {data.CACHE_VARIABLE} to a folder that can be written to.")
        return None
    return path


def _wanted(recipe: Recipe, digits: data.Digits) -> dict:
    """The key that a network trained with this recipe will have."""
    model = build(recipe)
    steps = -(-len(digits.train.images) // recipe.batch_size)
    return _key(model, digits, recipe.seed, steps=steps, iterations=recipe.epochs * steps)


def _key(model: keras.Model, digits: data.Digits, seed: int, *, steps: int, iterations: int) -> dict:
    content = hashlib.sha256(digits.train.images)
    content.update(digits.train.onehot)
    settings = model.optimizer.get_config()
    del settings["name"]  # Keras counts: sgd, sgd_1, ...
    return {
        "holds": ["history", "kernels"],
        "model": model.get_config(),
        "optimizer": type(model.optimizer).__name__,
        "settings": settings,
        "loss": model.loss if isinstance(model.loss, str) else repr(model.loss),
        "steps_per_epoch": steps,
        "steps_taken": iterations,
        "data": digits.name,
        "data_sha256": content.hexdigest(),
        "seed": seed,
        "versions": {"keras": keras.__version__, "backend": backend.version()},
    }


def _path(key: dict) -> Path:
    digest = hashlib.sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()
    return data.cache_folder() / "networks" / f"lenet-{digest[:16]}.keras"


def _npy(array: NDArray) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def _load(path: Path, wanted: dict, recipe: Recipe) -> Trained:
    """Read a stored network; anything unexpected in the file raises."""
    with zipfile.ZipFile(path) as archive:
        if (damaged := archive.testzip()) is not None:
            raise ValueError(f"its part {damaged} does not match its checksum")
        lesson = json.loads(archive.read("lesson.json"))
        kernels = np.load(io.BytesIO(archive.read("kernels.npy")), allow_pickle=False)
    if lesson["key"] != json.loads(json.dumps(wanted, default=str)):
        raise ValueError("it holds another network than its name says")
    return Trained(keras.models.load_model(path, safe_mode=True), lesson["history"], recipe, kernels)


def _brief(error: Exception) -> str:
    """An error in one line, without the machine's paths."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {getattr(error, 'strerror', None) or lines[0]}"


class _EpochBar(keras.callbacks.Callback):
    """A progress bar over all the steps of a training, gone when it ends."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_train_begin(self, logs=None):
        from tqdm.auto import tqdm

        total = self.epochs * self.params["steps"]
        self.bar = tqdm(total=total, desc="Training the network, once", unit="step", leave=False)

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()

    def on_train_end(self, logs=None):
        self.bar.close()
