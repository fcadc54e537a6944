"""Words of the program for typologies, roles, types, and innocent explanations."""

from __future__ import annotations

#: Name of a typology, and what it means in a clause.
TYPOLOGIES: dict[str, tuple[str, str]] = {
    "fan_in": ("fan-in", "many accounts pay the same account within a short time"),
    "fan_out": ("fan-out", "an account pays many others within a short time"),
    "gather_scatter": (
        "gather-scatter", "an account collects money from several others and then pays it out again"
    ),
    "scatter_gather": (
        "scatter-gather",
        "money is spread over several accounts, which pay it on to the same collector",
    ),
    "cycle": ("cycle", "money goes round and comes back to the account where it began"),
    "chain": ("chain", "money is passed on from account to account, nearly whole"),
    "inferred_chain": (
        "inferred chain",
        "the same amount moves on under other names at about the same time; no account ties the "
        "steps together",
    ),
    "bipartite": ("bipartite", "several senders all pay the same several receivers"),
    "stack": ("stack", "the receivers of a layer of payments are the senders of the next layer"),
    "structuring": (
        "structuring", "a sum is split into amounts that stay just below a reporting threshold"
    ),
    "community": (
        "community", "accounts are tied together by unusual transactions, in no known shape"
    ),
    "transaction": ("single transaction", "a transaction stands out by itself"),
}  # fmt: skip

#: Of a role: what it does, of an account and of several, in the order of the money.
ROLES: dict[str, tuple[str, str]] = {
    "source": ("is where the money starts", "are where the money starts"),
    "mule": ("receives and passes money on", "receive and pass money on"),
    "hub": ("collects and pays out again", "collect and pay out again"),
    "collector": ("is where the money comes together", "are where the money comes together"),
    "exit": ("is the last that the money reached", "are the last that the money reached"),
    "member": ("takes part without a role of its own", "take part without a role of their own"),
}

#: Known types of transactions in words; others are text of the data and stay unnamed.
TYPES: dict[str, str] = {
    "TRANSFER": "transfer", "CASH_OUT": "cash withdrawal", "CASH_IN": "cash deposit",
    "PAYMENT": "payment", "DEBIT": "debit",
}  # fmt: skip

#: Of an innocent explanation: its name, and what its figure is.
CHECKS: dict[str, tuple[str, str]] = {
    "payroll": ("payroll", "payees that get like amounts from the same account at other times"),
    "standing_orders": ("rent or standing orders", "payments that belong to a regular series"),
    "own_accounts": (
        "own accounts", "pairs of accounts that send money both ways at other times"
    ),
    "known_circle": (
        "shared bills or gifts among acquaintances",
        "accounts that deal with several others of the ring at other times",
    ),
    "shared_bill": ("a shared bill", "payments that are equal shares of a sum paid before"),
    "merchant": ("a merchant", "other customers outside of the period"),
    "marketplace": ("a marketplace or escrow", "other customers outside of the period"),
    "refunds": ("refunds", "payments to accounts that paid as much or more before"),
    "fixed_dates": ("periodic payments", "regular dates of payment"),
    "ordinary_amounts": (
        "amounts that are ordinary for the account", "other amounts of the account in that range"
    ),
}  # fmt: skip
#: Checks whose figure is a count; that of the others is a share.
COUNTED_CHECKS = frozenset({"merchant", "marketplace", "fixed_dates"})


def typology(name: str) -> str:
    """Return the name of a typology in a sentence."""
    return TYPOLOGIES[name][0] if name in TYPOLOGIES else name.replace("_", "-")
