"""Rings learned from labels: ``learn_rings``."""

from engine.rings.learning.learn import LearnedRings, Lesson, learn_rings

__all__ = ["LearnedRings", "Lesson", "learn_rings"]
