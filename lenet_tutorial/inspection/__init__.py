"""Look inside a network: a built model and arrays in, plain arrays out.

Images are floats (n, 784) from 0 (background) to 1 (ink), and may come as (n, 28, 28) or (n, 28, 28, 1) too; maps over
them are (n, 28, 28). Attributions explain the logit, not the probability. Everything runs in batches through passes
that are compiled once for each model, on TensorFlow: its gradients are needed.

The model may be any Keras model that takes one square gray image, flat or not, and gives class scores: Sequential,
functional, subclassed, nested, with branches, in any precision. If it divides its pixels by about 255 itself, it gets
them from 0 to 255; the images that you give, and the maps, are those of pixels from 0 to 1 all the same. A layer inside
a nested model goes by its own name, or, where two have the same, by its path, such as ``left/conv``; the second call of
a layer is ``pool:2``. An unknown name raises a ValueError that lists them all.
"""

from lenet_tutorial.inspection.ablation import ablated_logits
from lenet_tutorial.inspection.activation_maximization import ActivationMaximum, Ascent, maximize_activation
from lenet_tutorial.inspection.activations import (
    Patches,
    embedding,
    feature_maps,
    kernels,
    patches_at_percentile,
    top_activating_patches,
)
from lenet_tutorial.inspection.adversarial import fgsm, loss_gradient_sign, pgd
from lenet_tutorial.inspection.attribution import (
    attributions,
    baseline_maps,
    grad_cam,
    integrated_gradients,
    occlusion_map,
    saliency_map,
)
from lenet_tutorial.inspection.faithfulness import DeletionCurve, deletion_curve, rank_similarity, share_inside
from lenet_tutorial.inspection.forward import logits
from lenet_tutorial.inspection.probes import Probe, linear_probe
from lenet_tutorial.inspection.projection import project_2d
from lenet_tutorial.inspection.receptive_field import ReceptiveField, receptive_field

__all__ = [
    "ActivationMaximum",
    "Ascent",
    "DeletionCurve",
    "Patches",
    "Probe",
    "ReceptiveField",
    "ablated_logits",
    "attributions",
    "baseline_maps",
    "deletion_curve",
    "embedding",
    "feature_maps",
    "fgsm",
    "grad_cam",
    "integrated_gradients",
    "kernels",
    "linear_probe",
    "logits",
    "loss_gradient_sign",
    "maximize_activation",
    "occlusion_map",
    "patches_at_percentile",
    "pgd",
    "project_2d",
    "rank_similarity",
    "receptive_field",
    "saliency_map",
    "share_inside",
    "top_activating_patches",
]
