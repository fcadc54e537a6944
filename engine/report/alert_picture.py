"""Who paid whom as a picture, and as frames of a replay."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from engine import formats as fmt
from engine.explorer.scene import Scene
from engine.report import figure
from engine.report.blocks import Block, frames, heading
from engine.report.blocks import figure as drawn
from engine.report.content import Content
from engine.report.figure_words import MOST_NAMED

#: A picture of more accounts takes a page: the frames go before it, where there is room.
_WHOLE_PAGE = 60


def numbers_of(content: Content) -> dict[str, int]:
    """Return each account's number in the table of members."""
    return {str(one): i for i, one in enumerate(content.evidence.members["account"], start=1)}


def picture(content: Content) -> Iterator[Block]:
    """Draw who paid whom, and the frames of a replay."""
    scene = content.evidence.scene
    if scene is None:
        return
    yield heading("Who paid whom")
    shown = [list(_whole(content, scene)), list(_replay(content, scene))]
    for blocks in reversed(shown) if len(scene.nodes) > _WHOLE_PAGE else shown:
        yield from blocks


def _whole(content: Content, scene: Scene) -> Iterator[Block]:
    currency, style = content.ledger.currency, content.style
    sums = {
        (str(sender), str(receiver)): fmt.compact_amount(amount, currency, style)
        for sender, receiver, amount in zip(
            *(scene.edges[one] for one in ("sender", "receiver", "amount")), strict=True
        )
    }
    roles = figure.legend(scene)
    counted = ", ".join(f"{one.count} {one.name.lower()}" for one in roles)
    alt = (
        f"{len(scene.nodes)} accounts ({counted}) and {len(scene.edges)} links between them; the "
        "tables of members and transactions say the same in words."
    )
    caption = f"Numbers are those of the table of members. {_marks(scene)} " + " ".join(scene.notes)
    legend = [
        {"svg": one.svg, "name": one.name, "told": f"{one.name} {one.count}"} for one in roles
    ]
    yield drawn(figure.ring_picture(scene, numbers_of(content), sums), alt, caption.strip(), legend)


def _marks(scene: Scene) -> str:
    if len(scene.nodes) > MOST_NAMED:
        return "The larger a mark, the riskier; lines are darker where the money arrives."
    return "The larger a mark, the riskier; the thicker a line, the larger the sum."


def _replay(content: Content, scene: Scene) -> Iterator[Block]:
    # Of one moment there is nothing to play.
    if scene.moments is None or scene.events["time"].nunique() < 2:
        return
    style, told = content.style, []
    moments = scene.moments.before, scene.moments.peak, scene.moments.exit
    for word, moment in zip(("Before", "Peak", "Exit"), moments, strict=True):
        at = pd.Timestamp(moment)
        paid = scene.events.loc[scene.events["time"] <= at, "amount"]
        sum_ = fmt.compact_amount(float(paid.sum()), content.ledger.currency, style)
        so_far = f"{fmt.count(len(paid))} paid, {sum_}" if len(paid) else "nothing paid yet"
        caption = f"{word}: {fmt.moment(moment, style)}; {so_far}"
        told.append((figure.frame_picture(scene, at), caption))
    passes_on = bool(set(scene.events["sender"]) & set(scene.events["receiver"]))
    peak, exit_ = (
        ("when those who pass money on held the most", "when the last of them paid")
        if passes_on
        else ("at the largest one, since nobody passes money on", "at the last one")
    )
    yield frames(
        told, "The same picture at three moments.",
        f"Replay: before the first transfer; {peak}; {exit_}.",
    )  # fmt: skip
