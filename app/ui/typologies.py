"""What an analyst should know of each typology and role: name, colours, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from engine.explorer.picture import OUTSIDE


@dataclass(frozen=True, slots=True)
class Typology:
    """A kind of ring.

    ``light`` and ``dark`` are its colours by theme; ``meaning`` is a sentence for those who do
    not know the word.
    """

    name: str
    light: str
    dark: str
    meaning: str

    def colour(self, dark: bool) -> str:
        """Return the colour for the theme."""
        return self.dark if dark else self.light


#: Colours were searched by computer to stay apart for every kind of colour vision; a test keeps
#: them so. The name is written wherever a colour stands, since no one tells twelve by heart.
TYPOLOGIES: dict[str, Typology] = {
    "fan_in": Typology(
        "Fan-in", "#837cff", "#5184c2",
        "Many accounts pay one account within a short time: money is collected.",
    ),
    "fan_out": Typology(
        "Fan-out", "#0175a9", "#49e5fc",
        "One account pays many accounts within a short time: money is spread.",
    ),
    "gather_scatter": Typology(
        "Gather-scatter", "#7b3aed", "#7b61d7",
        "One account collects from several and then pays several others.",
    ),
    "scatter_gather": Typology(
        "Scatter-gather", "#cf2a56", "#ce5184",
        "One source pays several mules, and each pays on to the same collector.",
    ),
    "cycle": Typology(
        "Cycle", "#4d1d95", "#e584ff",
        "Money goes round: it comes back to the account where it began.",
    ),
    "chain": Typology(
        "Chain", "#8b1b1e", "#ef9141",
        "Money is passed on from account to account, nearly whole.",
    ),
    "inferred_chain": Typology(
        "Inferred chain", "#c97f51", "#e3ed6f",
        "The same amount, to the cent, moves on under other names at about the same time. No "
        "account ties the steps together: the chain is inferred.",
    ),
    "bipartite": Typology(
        "Bipartite", "#00a781", "#2ebf7e",
        "Several senders all pay the same several receivers.",
    ),
    "stack": Typology(
        "Stack", "#64a300", "#a0e110",
        "Two layers or more: the receivers of one layer are the senders of the next.",
    ),
    "structuring": Typology(
        "Structuring", "#b50106", "#e95956",
        "A sum is cut into amounts that stay just below the reporting threshold.",
    ),
    "community": Typology(
        "Community", "#34465f", "#e6c0c0",
        "Accounts tied together by suspicious transactions, in no known shape.",
    ),
    "transaction": Typology(
        "Transaction", "#64748b", "#94a3b8",
        "A single transaction outside of every ring.",
    ),
}  # fmt: skip

#: What an account does inside a ring, after the name of its role.
ROLES: dict[str, str] = {
    "source": "only sends: the money enters the ring here",
    "mule": "receives and passes on",
    "hub": "collects and pays out again, in the middle of the ring",
    "collector": "only receives: the money comes together here",
    "exit": "the last account of a chain: the money leaves the ring here",
    "member": "takes part without a role of its own",
}


#: What an account does in a whole run, by its role in the lake; rings have roles of their own.
RUN_ROLES: dict[str, str] = {role: style.name for role, style in OUTSIDE.items()}


def run_role(role: str) -> str:
    """Return the word for what an account does in a whole run, e.g. ``Payer`` of ``source``."""
    return RUN_ROLES.get(role, role.capitalize())


def find(name: str) -> Typology:
    """Return the typology of a name in the lake; one that is not known here is grey."""
    known = TYPOLOGIES.get(name)
    if known is not None:
        return known
    return Typology(name.replace("_", "-").capitalize(), "#475569", "#cbd5e1", "")
