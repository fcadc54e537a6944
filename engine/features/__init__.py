"""Features of transactions: everything the scores may look at, and never the label."""

from engine.features.build import build_features, causal_names
from engine.features.matrix import FeatureMatrix

__all__ = ["FeatureMatrix", "build_features", "causal_names"]
