"""Arrays in, one Picture out. The only part of the package that imports matplotlib.

A :class:`Picture` is a matplotlib figure that carries its words: alternative text and a caption, both computed from the
same arrays as the drawing. :func:`show` displays a picture and its caption.
"""

from lenet_tutorial.figures.architecture import (
    kernel_at_work,
    network_volumes,
    parameter_shares,
    receptive_fields,
    same_padding,
)
from lenet_tutorial.figures.digits import class_balance, digit_sheet, flattening, pixel_values
from lenet_tutorial.figures.experiment import (
    differences,
    over_learning_rates,
    runs_over_epochs,
    single_pairs,
    step_lengths,
)
from lenet_tutorial.figures.explanations import deletion_curves, explained, similarity_bars
from lenet_tutorial.figures.maps import (
    change_by_layer,
    digit_journey,
    kernel_sheets,
    map_sheet,
    over_digits,
    stroke_answers,
)
from lenet_tutorial.figures.own import fooled, readings, shares_fooled, sign_step
from lenet_tutorial.figures.picture import Picture, as_png, show
from lenet_tutorial.figures.results import answers, confusion, training_curves
from lenet_tutorial.figures.wanted import (
    cluster_views,
    flat_views,
    kernel_slices,
    patch_origin,
    patch_sheet,
    wanted_pages,
)

__all__ = [
    "Picture",
    "answers",
    "as_png",
    "change_by_layer",
    "class_balance",
    "cluster_views",
    "confusion",
    "deletion_curves",
    "differences",
    "digit_journey",
    "digit_sheet",
    "explained",
    "flat_views",
    "flattening",
    "fooled",
    "kernel_at_work",
    "kernel_sheets",
    "kernel_slices",
    "map_sheet",
    "network_volumes",
    "over_digits",
    "over_learning_rates",
    "parameter_shares",
    "patch_origin",
    "patch_sheet",
    "pixel_values",
    "readings",
    "receptive_fields",
    "runs_over_epochs",
    "same_padding",
    "shares_fooled",
    "show",
    "sign_step",
    "similarity_bars",
    "single_pairs",
    "step_lengths",
    "stroke_answers",
    "training_curves",
    "wanted_pages",
]
