"""Transactions whose texts attack whoever shows them, with rings so that they are shown.

``python -m tests.hostile OUT`` writes the file for a look by hand.
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.generate import generate_rings

#: What a script that ran would leave in the page.
SENTINEL = "__pwned"
#: A host that no page may name in a link, nor ask for anything.
ELSEWHERE = "evil.example"
_RUN = f"window.{SENTINEL}=1"

#: Each is shown as it stands, and does nothing.
NAMES = (
    f"<script>{_RUN}</script>",
    f"<img src=x onerror={_RUN}>",
    f'"><svg onload={_RUN}>',
    f"</script><script>{_RUN}</script>",
    f"<iframe srcdoc='<script>parent.{SENTINEL}=1</script>'>",
    f"<a href='https://{ELSEWHERE}/'>sign in again</a>",
    f"javascript:{_RUN}",
    f"[sign in again](https://{ELSEWHERE}/)",
    f"[x](javascript:{_RUN})",
    f"![picture](https://{ELSEWHERE}/p.png)",
    f"https://{ELSEWHERE}/path?q=1",
    f"www.{ELSEWHERE}",
    f"owner@{ELSEWHERE}",
    f"`code` **bold** _low_ ~~gone~~ # title | cell | <https://{ELSEWHERE}>",
    "=cmd()|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    f'=HYPERLINK("https://{ELSEWHERE}","x")',
    "\u202emoc.knab\u202c \u2067reversed\u2069",
    "zero\u200bwidth\u200d\ufeffjoined",
    "N" * 10_000,
    "two words " * 1_000 + "end",
    "👩‍👩‍👧‍👦💸🏦 ₹ é ü ß 中文 हिन्दी العربية",
    "Z̸̧̛̼͖̝͉͛̈́̽a̶̡̛l̵g̷o̸" + "\u0301" * 300,
    "control \x01\x07\x1b[31mred\x7f \x85 end",
    "it's \"quoted\" 'twice' \\ back",
    "cost $x^2$ and $$\\frac{1}{0}$$",
    ":material/home: :red[red] :smile: :blue-background[x] :streamlit:",
    "&lt;b&gt; &amp; &#106;avascript",
    "'; DROP TABLE alerts; --",
    "%{y} %s {0} {{x}} ${x} {% x %}",
    "__proto__",
    "constructor",
    "null",
    "NaN",
    "../../etc/passwd",
    "line one\nline two\n===\n\n    code",
)
TYPES = (
    "TRANSFER",
    f"<a href='https://{ELSEWHERE}/'>PAY</a><br>%{{y}}",
    f"<img src=x onerror={_RUN}>" + "T" * 3_000,
    "=1+1 [x](javascript:1) :material/home: $x$",
)
CURRENCY = f"<b>[₹](https://{ELSEWHERE})"
#: A name of the file too; a slash is no part of one.
FILE_NAME = f"=1+1 <img src=x onerror={_RUN}> [x](javascript:1) $x$ :red[r] `c` \u202e.csv"


def write_hostile(path: Path, rows: int = 6_000, seed: int = 7) -> list[str]:
    """Write the transactions as CSV with canonical columns; return the names of ring members.

    The members of planted rings, and as many accounts beside them, have hostile names. Some rows
    are rejected: their texts are hostile as well.
    """
    data = generate_rings(rows, seed, rings=max(len(NAMES) // 6, rows // 1_000))
    members = dict.fromkeys(m for ring in data.rings["members"].to_pylist() for m in ring)
    named = {str(account): hostile_name(i) for i, account in enumerate(members)}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([
            "time", "sender", "receiver", "amount", "type", "currency", "label",
            f"memo <img src=x onerror={_RUN}>",
        ])  # fmt: skip
        for position, row in enumerate(data.transactions.to_pylist()):
            writer.writerow(_cells(position, row, named))
    return list(named.values())


def hostile_name(number: int) -> str:
    """Return a hostile name that no other account has; what makes it so comes last."""
    again, kind = divmod(number, len(NAMES))
    return NAMES[kind] + (f" {again + 1}" if again else "")


def _cells(position: int, row: dict[str, Any], named: dict[str, str]) -> list[str]:
    time = datetime(2026, 1, 1) + timedelta(days=row["step"], seconds=position % 86_400)
    amount = NAMES[position % len(NAMES)] if position % 500 == 499 else f"{row['amount']:.2f}"
    sender, receiver = str(row["sender"]), str(row["receiver"])
    return [
        time.isoformat(),
        named.get(sender, sender),
        named.get(receiver, receiver),
        amount,
        TYPES[position % len(TYPES)],
        CURRENCY,
        str(row["is_laundering"]),
        NAMES[position % len(NAMES)],
    ]


if __name__ == "__main__":
    write_hostile(Path(sys.argv[1]))
