"""A network as the inspection sees it: what it takes and gives, and the calls of its layers in one pass."""

from dataclasses import dataclass
from typing import Any

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.interface import Call, Interface, cached_per_model, interface, listen, named


@dataclass(frozen=True, eq=False)
class Network:
    """A model, and one symbolic pass through it.

    Attributes:
        model: the model.
        interface: what it takes and gives.
        inputs: symbolic tensor, what the model took in the pass.
        calls: the layers' calls in the pass by name, in order.
        graph: TensorFlow's, in which the tensors of the calls lie.
    """

    model: keras.Model
    interface: Interface
    inputs: Any
    calls: dict[str, Call]
    graph: Any

    @property
    def side(self) -> int:
        """Side of an image in pixels."""
        return self.interface.side

    def run(self, pixels: Any) -> tuple[Any, dict[str, Call]]:
        """Run a pass on pixels (n, 784): the model's output, and the calls of its layers by name.

        The model as a whole is called. Not a ``keras.Model`` of the layers' own ``output`` tensors: in a Sequential
        read from a file these belong to different calls of the layers, and such a model would compute the first layers
        several times over.
        """
        output, calls = listen(self.model, self.interface.enter(pixels))
        return output, named(calls)


def network(model: keras.Model) -> Network:
    """Look at a model, once: what it takes and gives, and which layers it calls.

    Raises:
        ValueError: the model cannot be inspected; see :func:`lenet_tutorial.interface.interface`.
    """
    interface(model)
    return _network(model)


@cached_per_model
def _network(model):
    known, heard = interface(model), []

    def listened(inputs):
        output, calls = listen(model, inputs)
        heard[:] = [inputs, calls]
        return output

    graph = tf.function(listened, autograph=False).get_concrete_function(tf.TensorSpec((None, *known.shape))).graph
    inputs, calls = heard
    # What a layer computes in a loop, or in a function compiled by itself, cannot be had from outside.
    calls = {name: each for name, each in named(calls).items() if each.output.graph is graph}
    return Network(model, known, inputs, calls, graph)


def float32(tensor: Any) -> Any:
    """Give a tensor as float32, in whatever precision a layer computed it."""
    return tf.cast(tensor, tf.float32)
