"""The lessons' comparison is a plugin of its own, and so can be loaded over copies of lessons, too."""

pytest_plugins = ["tests.plugins.lesson_check", "tests.plugins.budget"]
