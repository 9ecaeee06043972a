"""Which recipes are tried, with which seeds, in which order."""

from dataclasses import dataclass, replace

from lenet_tutorial import textbook
from lenet_tutorial.recipe import Recipe

SGD = tuple(Recipe(learning_rate=rate) for rate in (0.003, 0.01, 0.03, 0.1, 0.3))
MOMENTUM = tuple(Recipe(learning_rate=rate, momentum=0.9) for rate in (0.001, 0.01, 0.1))
ADAM = tuple(Recipe("adam", rate) for rate in (0.0001, 0.0003, 0.001, 0.003))
FAMILIES = {"SGD": SGD, "SGD with momentum": MOMENTUM, "Adam": ADAM}

# The four combinations of what differed between the textbook's two networks: the optimizer with its learning rate, and
# the initialization. Its Keras network is the first of them, its earlier TensorFlow network the last.
SGD_GLOROT, ADAM_GLOROT = Recipe(), Recipe("adam", 0.001)
SGD_NORMAL, ADAM_NORMAL = (replace(recipe, initialization="normal") for recipe in (SGD_GLOROT, ADAM_GLOROT))
CORNERS = (SGD_GLOROT, ADAM_GLOROT, SGD_NORMAL, ADAM_NORMAL)

RECIPES = tuple(dict.fromkeys((*CORNERS, *SGD, *MOMENTUM, *ADAM)))
# SGD's best learning rate turned out to be the largest of these; two more tell whether a larger one is better still.
BEYOND = tuple(Recipe(learning_rate=rate) for rate in (0.5, 1.0))


@dataclass(frozen=True)
class Grid:
    """Recipes, each with its seeds.

    Attributes:
        recipes: :class:`Recipe`; their seed does not matter.
        seeds: runs of each recipe.
        epochs, batch_size, precision: the same for all runs; one comparison never mixes them.
    """

    recipes: tuple[Recipe, ...] = RECIPES
    seeds: int = 3
    epochs: int = textbook.N_EPOCHS
    batch_size: int = textbook.BATCH_SIZE
    precision: str = "float32"

    def adapt(self, recipe: Recipe, seed: int = 0) -> Recipe:
        """A recipe as this grid runs it."""
        return replace(recipe, seed=seed, epochs=self.epochs, batch_size=self.batch_size, precision=self.precision)

    def planned(self) -> list[Recipe]:
        """The recipes to run, seeds included: every recipe once, before any again."""
        return [self.adapt(each, seed) for seed in range(self.seeds) for each in self.recipes]

    def families(self) -> dict[str, list[Recipe]]:
        """The candidates of each family that this grid holds: ``{name: recipes}``, as this grid runs them."""
        kept = {
            name: [self.adapt(each) for each in family if each in self.recipes] for name, family in FAMILIES.items()
        }
        return {name: family for name, family in kept.items() if family}


# The two files of records that come with the package: ten seeds on a GPU, and a few of our own program on a CPU.
ON_GPU = Grid(seeds=10)
ON_CPU = Grid(recipes=(SGD_GLOROT, ADAM_GLOROT, *BEYOND))


def name(recipe: Recipe) -> str:
    """A recipe in words, without its seed and what a whole grid shares.

    Example:

    >>> name(Recipe(learning_rate=0.01, momentum=0.9))
    'SGD 0.01, momentum 0.9'
    >>> name(ADAM_NORMAL)
    'Adam 0.001, N(0, 0.1)'
    """
    words = f"{'SGD' if recipe.optimizer == 'sgd' else 'Adam'} {recipe.learning_rate:g}"
    words += f", momentum {recipe.momentum:g}" if recipe.momentum else ""
    return words + (", N(0, 0.1)" if recipe.initialization == "normal" else "")


def find(words: str) -> Recipe:
    """The grid's recipe of that name.

    Raises:
        ValueError: none has it.
    """
    known = (*RECIPES, *BEYOND)
    for recipe in known:
        if name(recipe).lower() == words.strip().lower():
            return recipe
    raise ValueError(f"expected a recipe out of {'; '.join(map(name, known))}, got {words!r}")
