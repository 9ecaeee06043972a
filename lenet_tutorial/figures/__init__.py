"""Arrays in, one Picture out. The only part of the package that imports matplotlib.

A :class:`Picture` is a matplotlib figure that carries its words: alternative text and a caption, both computed from the
same arrays as the drawing. :func:`show` displays a picture and its caption.
"""

from lenet_tutorial.figures.architecture import (
    convolution,
    kernel_at_work,
    network_values,
    parameter_shares,
    receptive_fields,
)
from lenet_tutorial.figures.attribution import attribution_maps, deletion_curves, layer_curves, score_points
from lenet_tutorial.figures.confidence import highest_probabilities, rejection_curves, reliability
from lenet_tutorial.figures.digit_input import (
    adversarial_examples,
    attack_curves,
    drawn_digit,
    fgsm_step,
    reading_curves,
    reading_steps,
)
from lenet_tutorial.figures.digits import class_balance, digit_sheet, flattening, pixel_values
from lenet_tutorial.figures.learning import descents, loss_curve, slope_and_step
from lenet_tutorial.figures.lenet5 import connection_table, costs, then_and_now, wiring
from lenet_tutorial.figures.maps import (
    change_by_layer,
    digit_journey,
    map_sheet,
    paired_sheets,
    restored_layers,
)
from lenet_tutorial.figures.optimizers import (
    corners,
    differences,
    over_learning_rates,
    runs_over_epochs,
    single_pairs,
    step_lengths,
)
from lenet_tutorial.figures.picture import Picture, as_png, folded, show, table
from lenet_tutorial.figures.results import (
    confusion,
    learning_curves,
    prediction_bars,
    training_curves,
)
from lenet_tutorial.figures.shift import differences_from, shift_curves, shift_panels
from lenet_tutorial.figures.tiles import tiles
from lenet_tutorial.figures.visualization import (
    accuracy_curves,
    class_costs,
    class_visualizations,
    cluster_projections,
    kernel_slices,
    patch_origin,
    patch_sheet,
    projections,
)

__all__ = [
    "Picture",
    "accuracy_curves",
    "adversarial_examples",
    "as_png",
    "attack_curves",
    "attribution_maps",
    "change_by_layer",
    "class_balance",
    "class_costs",
    "class_visualizations",
    "cluster_projections",
    "confusion",
    "connection_table",
    "convolution",
    "corners",
    "costs",
    "deletion_curves",
    "descents",
    "differences",
    "differences_from",
    "digit_journey",
    "digit_sheet",
    "drawn_digit",
    "fgsm_step",
    "flattening",
    "folded",
    "highest_probabilities",
    "kernel_at_work",
    "kernel_slices",
    "layer_curves",
    "learning_curves",
    "loss_curve",
    "map_sheet",
    "network_values",
    "over_learning_rates",
    "paired_sheets",
    "parameter_shares",
    "patch_origin",
    "patch_sheet",
    "pixel_values",
    "prediction_bars",
    "projections",
    "reading_curves",
    "reading_steps",
    "receptive_fields",
    "rejection_curves",
    "reliability",
    "restored_layers",
    "runs_over_epochs",
    "score_points",
    "shift_curves",
    "shift_panels",
    "show",
    "single_pairs",
    "slope_and_step",
    "step_lengths",
    "table",
    "then_and_now",
    "tiles",
    "training_curves",
    "wiring",
]
