"""Look inside a network: a built model and arrays in, plain arrays out.

Images are floats (n, 784) from 0 (background) to 1 (ink); maps over the page are (n, 28, 28). Explanations speak of
the logit, not of the probability. Everything runs in batches through passes that are compiled once a model.
"""

from lenet_tutorial.inspection.faithfulness import DeletionCurve, deletion_curve
from lenet_tutorial.inspection.features import embedding, flat_view
from lenet_tutorial.inspection.fooling import Fooled, loss_direction, sign_step, smallest_step
from lenet_tutorial.inspection.gradcam import grad_cam
from lenet_tutorial.inspection.gradients import integrated_gradients, saliency_map
from lenet_tutorial.inspection.maps import Patches, feature_maps, kernels, strongest_patches
from lenet_tutorial.inspection.maximization import Ascent, Wanted, maximize_activation
from lenet_tutorial.inspection.occlusion import occlusion_map
from lenet_tutorial.inspection.passes import logits
from lenet_tutorial.inspection.receptive import ReceptiveField, receptive_field

__all__ = [
    "Ascent",
    "DeletionCurve",
    "Fooled",
    "Patches",
    "ReceptiveField",
    "Wanted",
    "deletion_curve",
    "embedding",
    "feature_maps",
    "flat_view",
    "grad_cam",
    "integrated_gradients",
    "kernels",
    "logits",
    "loss_direction",
    "maximize_activation",
    "occlusion_map",
    "receptive_field",
    "saliency_map",
    "sign_step",
    "smallest_step",
    "strongest_patches",
]
