"""The peers by the name under which the bench starts them."""

from __future__ import annotations

from engine.evaluation.peers.communities import leiden, louvain
from engine.evaluation.peers.components import components
from engine.evaluation.peers.data import Peer
from engine.evaluation.peers.snap_ml import snap_ml

PEERS: dict[str, Peer] = {
    "louvain": louvain,
    "leiden": leiden,
    "components": components,
    "snap_ml": snap_ml,
}
#: Peers that learn from labels and say nothing without them.
NEED_LABELS = frozenset({"snap_ml"})
