"""Which recipes are tried, with which seeds, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lenet_tutorial import textbook
from lenet_tutorial.recipe import Recipe

SGD = tuple(Recipe(learning_rate=rate) for rate in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0))
MOMENTUM = tuple(Recipe(learning_rate=rate, momentum=0.9) for rate in (0.001, 0.01, 0.1))
ADAM = tuple(Recipe("adam", rate) for rate in (0.0001, 0.0003, 0.001, 0.003))
FAMILIES = {"SGD": SGD, "SGD with momentum": MOMENTUM, "Adam": ADAM}

# The two recipes that the textbook's claim compares, but for their initialization; and both with the initialization
# of its earlier network, N(0, 0.1).
TEXTBOOK = Recipe()
ADAM_DEFAULT = Recipe("adam", 0.001)
TEXTBOOK_INITIALIZATION = tuple(replace(recipe, initialization="normal") for recipe in (ADAM_DEFAULT, TEXTBOOK))

DECIDING = (TEXTBOOK, ADAM_DEFAULT)
RECIPES = tuple(dict.fromkeys((*DECIDING, *TEXTBOOK_INITIALIZATION, *SGD, *MOMENTUM, *ADAM)))

SEEDS = 3
DECIDING_SEEDS = 5


@dataclass(frozen=True)
class Grid:
    """The recipes of one study, each with its seeds.

    Attributes:
        recipes: :class:`Recipe`; their seed does not matter.
        seeds: runs of each recipe.
        deciding_seeds: runs of those that decide: the two that the claim compares, and the best of each family.
        epochs, batch_size, precision: the same for all runs; one comparison never mixes them.
    """

    recipes: tuple[Recipe, ...] = RECIPES
    seeds: int = SEEDS
    deciding_seeds: int = DECIDING_SEEDS
    epochs: int = textbook.N_EPOCHS
    batch_size: int = textbook.BATCH_SIZE
    precision: str = "float32"

    def adapt(self, recipe: Recipe, seed: int = 0) -> Recipe:
        """A recipe as this grid runs it."""
        return replace(recipe, seed=seed, epochs=self.epochs, batch_size=self.batch_size, precision=self.precision)

    def planned(self, best: Sequence[Recipe] = ()) -> list[Recipe]:
        """The recipes to run, seeds included, in the order in which they are worth having.

        Args:
            best: the best recipe of each family, once the records tell; they get the deciding number of seeds too.

        Returns:
            Those that decide with all their seeds, then all others seed by seed, then what the best still lack. None
            is listed twice.
        """
        deciding = [each for each in self.recipes if each in DECIDING]
        planned = [self.adapt(each, seed) for seed in range(self.deciding_seeds) for each in deciding]
        planned += [self.adapt(each, seed) for seed in range(self.seeds) for each in self.recipes]
        planned += [self.adapt(each, seed) for seed in range(self.deciding_seeds) for each in best]
        return list(dict.fromkeys(planned))

    def families(self) -> dict[str, list[Recipe]]:
        """The candidates of each family that this grid holds: ``{name: recipes}``, as this grid runs them."""
        kept = {
            name: [self.adapt(each) for each in family if each in self.recipes] for name, family in FAMILIES.items()
        }
        return {name: family for name, family in kept.items() if family}


# The grid whose records come with the lessons, records.jsonl.
RECORDED = Grid(precision="mixed_bfloat16")


def conditions(recipe: Recipe) -> tuple[int, int, str]:
    """What two runs must share to be compared at all: epochs, batch size and precision."""
    return recipe.epochs, recipe.batch_size, recipe.precision


def name(recipe: Recipe) -> str:
    """A recipe in words, without its seed and what a whole grid shares.

    Example:

    >>> name(Recipe(learning_rate=0.01, momentum=0.9))
    'SGD 0.01, momentum 0.9'
    >>> name(TEXTBOOK_INITIALIZATION[0])
    'Adam 0.001, normal'
    """
    words = f"{'SGD' if recipe.optimizer == 'sgd' else 'Adam'} {recipe.learning_rate:g}"
    words += f", momentum {recipe.momentum:g}" if recipe.momentum else ""
    return words + (", normal" if recipe.initialization == "normal" else "")


def find(words: str) -> Recipe:
    """The grid's recipe of that name.

    Raises:
        ValueError: none has it.
    """
    for recipe in RECIPES:
        if name(recipe).lower() == words.strip().lower():
            return recipe
    raise ValueError(f"expected a recipe out of {'; '.join(map(name, RECIPES))}, got {words!r}")
