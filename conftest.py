"""How the lessons are collected, compared and shared out among workers: plugins of the tests' own."""

pytest_plugins = ["tests.plugins.lessons", "tests.plugins.workers"]
