"""The network round a ring or some accounts, opened step by step within a budget."""

from engine.explorer.build import scene as scene
