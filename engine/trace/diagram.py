"""A trace as layers of accounts with bands of money between them: what a Sankey diagram draws."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.trace.result import Trace


@dataclass(frozen=True, slots=True)
class Diagram:
    """The parts of a Sankey diagram, left to right in time.

    Attributes
    ----------
    nodes
        ``layer`` (0 at the left), ``account``, ``kind`` and ``part`` (int64, minor units). ``kind``
        is ``account``, or that of an end (see ``engine.trace.result.End``), which stands beside
        its account, in the next layer, so that bands of ends cross no others.
    links
        ``source, target`` (positions of nodes), ``part`` (int64, minor units), ``transfers``,
        ``hop, sender, receiver`` (missing for money that ended) and ``kind``.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame


def diagram_of(trace: Trace) -> Diagram:
    """Fold parallel transfers of a step into one band, and ends of an account and kind into one.

    An account that the money reached in one step and again in three stands in two layers: so no
    band leads back.
    """
    forward = trace.direction == "forward"
    near, far = ("sender", "receiver") if forward else ("receiver", "sender")
    bands = trace.flows.groupby(["hop", "sender", "receiver"], as_index=False, sort=False).agg(
        part=("part", "sum"), transfers=("tx_id", "count")
    )
    ends = trace.ends.groupby(["hop", "account", "kind"], as_index=False, sort=False).agg(
        part=("part", "sum"), transfers=("transfers", "sum")
    )
    last = int(trace.flows["hop"].max()) + 2
    nodes = _nodes(bands, ends, near, far)
    place = {key: at for at, key in enumerate(_keys(nodes))}
    first = _places(place, bands["hop"], bands[near])
    second = _places(place, bands["hop"] + 1, bands[far])
    ended = _places(place, ends["hop"] + 2, ends["account"], ends["kind"])
    links = pd.concat(
        [
            bands.assign(source=first, target=second, kind="transfer"),
            ends.assign(source=_places(place, ends["hop"] + 1, ends["account"]), target=ended)
            .drop(columns="account")
            .assign(sender=None, receiver=None),
        ],
        ignore_index=True,
    )
    if forward:
        return Diagram(nodes, links)
    turned = links.rename(columns={"source": "target", "target": "source"})
    return Diagram(nodes.assign(layer=last - nodes["layer"]), turned)


def _nodes(bands: pd.DataFrame, ends: pd.DataFrame, near: str, far: str) -> pd.DataFrame:
    """Return the nodes by their distance from the chosen transfer, the largest first."""
    start = bands[bands["hop"] == 0]
    reached = [
        pd.DataFrame({"layer": 0, "account": start[near], "part": start["part"]}),
        pd.DataFrame({"layer": bands["hop"] + 1, "account": bands[far], "part": bands["part"]}),
    ]
    accounts = pd.concat(reached).groupby(["layer", "account"], as_index=False)["part"].sum()
    marks = ends.assign(layer=ends["hop"] + 2)[["layer", "account", "kind", "part"]]
    nodes = pd.concat([accounts.assign(kind="account"), marks], ignore_index=True)
    ordered: pd.DataFrame = nodes.sort_values(
        ["layer", "part"], ascending=[True, False], kind="stable", ignore_index=True
    )
    return ordered


def _keys(nodes: pd.DataFrame) -> list[tuple[int, str, str]]:
    return list(zip(nodes["layer"], nodes["account"], nodes["kind"], strict=True))


def _places(
    place: dict[tuple[int, str, str], int],
    layers: pd.Series,
    accounts: pd.Series,
    kinds: pd.Series | None = None,
) -> list[int]:
    names = ["account"] * len(layers) if kinds is None else kinds.tolist()
    return [place[key] for key in zip(layers, accounts, names, strict=True)]
