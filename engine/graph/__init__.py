"""The account graph: who paid whom, how central, in which community."""

from engine.graph.build import Edges, account_table, fold_edges

__all__ = ["Edges", "account_table", "fold_edges"]
