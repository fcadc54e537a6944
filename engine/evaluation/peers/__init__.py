"""What others do, on the same rows and the same split: the yardsticks of the benchmark.

A peer is a function from :class:`PeerInput` to one or more named results; ``PEERS`` holds them.
"""

from engine.evaluation.peers.data import PeerInput, PeerResult, read_peer_input
from engine.evaluation.peers.registry import PEERS

__all__ = ["PEERS", "PeerInput", "PeerResult", "read_peer_input"]
