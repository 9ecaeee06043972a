"""Train the textbook's network, and keep trained networks on disk so that later lessons open in seconds."""

import hashlib
import json
import zipfile
from dataclasses import dataclass

from lenet_tutorial import data, files
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.model import build_lenet
from lenet_tutorial.recipe import NORMAL_BIASES, NORMAL_WEIGHTS, Recipe

__all__ = ["Recipe", "Trained", "build", "store", "train", "trained_lenet"]


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network and how its training went.

    Attributes:
        model: the compiled, trained ``keras.Sequential``.
        history: ``{"loss": [...], "accuracy": [...]}``, one number an epoch: Keras's running averages over it.
        recipe: the recipe that it was trained with.
    """

    model: object
    history: dict
    recipe: Recipe


def build(recipe):
    """Build and compile the textbook's network as a recipe wants it: its first weights, its precision, its optimizer.

    Args:
        recipe: a :class:`Recipe`. Its seed is not set here: ``keras.utils.set_random_seed`` before the call does.

    Returns:
        A compiled ``keras.Sequential``. Its configuration tells initialization and precision.
    """
    model = build_lenet()
    if (recipe.initialization, recipe.precision) != ("glorot", "float32"):
        model = keras.models.clone_model(model, clone_function=lambda layer: _adapted(layer, recipe))
    recipe.compile(model)
    return model


def _adapted(layer, recipe):
    """The same layer, with the recipe's first weights and precision."""
    settings = layer.get_config()
    if recipe.initialization == "normal" and "kernel_initializer" in settings:
        settings["kernel_initializer"] = keras.initializers.RandomNormal(0.0, NORMAL_WEIGHTS)
        settings["bias_initializer"] = keras.initializers.RandomNormal(0.0, NORMAL_BIASES)
    if layer.name != "output":  # bfloat16 holds three digits: too few for probabilities and their logarithm
        settings["dtype"] = recipe.precision
    return type(layer).from_config(settings)


def train(digits, recipe=None, *, callbacks=(), verbose="auto"):
    """Train the textbook's network with a recipe, on the training images only.

    Args:
        digits: a :class:`lenet_tutorial.data.Digits`.
        recipe: a :class:`Recipe`; the textbook's, if none is given.
        callbacks: Keras callbacks.
        verbose: as in ``keras.Model.fit``.

    Returns:
        A :class:`Trained`.
    """
    recipe = recipe or Recipe()
    keras.utils.set_random_seed(recipe.seed)
    model = build(recipe)
    history = model.fit(
        digits.train.images,
        digits.train.onehot,
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        callbacks=list(callbacks),
        verbose=verbose,
    )
    return Trained(model, history.history, recipe)


def trained_lenet(recipe=None, digits=None):
    """Give the textbook's network, trained: from the disk if it is there, else by training it now.

    Args:
        recipe: a :class:`Recipe`; the textbook's, if none is given.
        digits: a :class:`lenet_tutorial.data.Digits`; loaded, if none are given.

    Returns:
        A :class:`Trained`. Training shows a progress bar, takes minutes, and is stored. A stored network that turns
        out to be damaged is told, set aside and trained again. A folder that cannot be written to is told; the
        network then lives in this process only.
    """
    recipe = recipe or Recipe()
    digits = digits or data.load_digits()
    wanted = _wanted(recipe, digits)
    path = _path(wanted)
    if path.exists():
        try:
            model, history = _load(path, wanted)
            return Trained(model, history, recipe)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            print(f"The stored network {path.name} is damaged ({_brief(error)}).")
            print(f"It is {files.rename_damaged(path)}, and the network is trained again.")
    trained = train(digits, recipe, callbacks=[_EpochBar(recipe.epochs)], verbose=0)
    store(trained.model, digits, seed=recipe.seed)
    return trained


def store(model, digits, *, seed):
    """Keep a trained network for the later lessons, under a key read off the network itself.

    The key holds the layers, the optimizer and its settings, how many steps were really taken, the data, the seed and
    the library versions. So a network trained with another learning rate is stored beside the textbook's, and
    never in its place.

    Args:
        model: a network that ``fit`` has trained in this process, in one call.
        digits: the :class:`lenet_tutorial.data.Digits` that it was trained on.
        seed: the seed that was set before the model was built.

    Returns:
        The file's path, or None if it could not be written, which is told.

    Raises:
        ValueError: the model was never trained in this process.
    """
    history = getattr(model, "history", None)
    if getattr(history, "epoch", None) is None or not history.epoch:
        raise ValueError(f"the model {model.name!r} has not been trained here: call model.fit before store")
    key = _key(model, digits, seed, steps=history.params["steps"], iterations=int(model.optimizer.iterations))
    path = _path(key)
    try:
        with files.atomic_write(path) as place:
            model.save(place)
            with zipfile.ZipFile(place, "a") as archive:  # .keras is a zip, so that one file holds both
                archive.writestr("lesson.json", json.dumps({"key": key, "history": history.history}))
    except OSError as error:
        print(f"The trained network could not be stored ({_brief(error)}): the next lesson will train it again.")
        print(f"Set {data.CACHE_VARIABLE} to a folder that can be written to.")
        return None
    return path


def _wanted(recipe, digits):
    """The key that a network trained with this recipe will have."""
    model = build(recipe)
    steps = -(-len(digits.train.images) // recipe.batch_size)
    return _key(model, digits, recipe.seed, steps=steps, iterations=recipe.epochs * steps)


def _key(model, digits, seed, *, steps, iterations):
    content = hashlib.sha256(digits.train.images)
    content.update(digits.train.onehot)
    settings = model.optimizer.get_config()
    del settings["name"]  # Keras counts: sgd, sgd_1, ...
    return {
        "model": model.get_config(),
        "optimizer": type(model.optimizer).__name__,
        "settings": settings,
        "loss": model.loss if isinstance(model.loss, str) else repr(model.loss),
        "steps_per_epoch": steps,
        "steps_taken": iterations,
        "data": digits.name,
        "data_sha256": content.hexdigest(),
        "seed": seed,
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
    }


def _path(key):
    digest = hashlib.sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()
    return data.cache_folder() / "networks" / f"lenet-{digest[:16]}.keras"


def _load(path, wanted):
    """Read a stored network; anything unexpected in the file raises."""
    with zipfile.ZipFile(path) as archive:
        if (damaged := archive.testzip()) is not None:
            raise ValueError(f"its part {damaged} does not match its checksum")
        lesson = json.loads(archive.read("lesson.json"))
    if lesson["key"] != json.loads(json.dumps(wanted, default=str)):
        raise ValueError("it holds another network than its name says")
    return keras.models.load_model(path, safe_mode=True), lesson["history"]


def _brief(error):
    """An error in one line, without the machine's paths."""
    return f"{type(error).__name__}: {getattr(error, 'strerror', None) or str(error).splitlines()[0]}"


class _EpochBar(keras.callbacks.Callback):
    """A progress bar over all the steps of a training, gone when it ends."""

    def __init__(self, epochs):
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
