"""What a page asks for where account ids are hidden."""

from __future__ import annotations

from typing import Any

import pytest

from app.ui.pseudonyms import asked, original
from engine.errors import InputError
from engine.explorer import scene
from engine.explorer.view import Start, Step, View
from engine.query import ledger, rings
from engine.query.ring_detail import get_ring
from engine.query.ring_list import RingFilter, count_rings
from engine.query.search import Search, find
from engine.workbench import notes, queue, staff, suppressions
from engine.workbench.masking import Masker
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.suppressions import Scope

MASKER = Masker(bytes(32))
PSEUDONYM = MASKER.account("C100")


def test_accounts_are_found_by_their_pseudonyms() -> None:
    found = asked(suppressions.suppress, (Scope(account=PSEUDONYM), "payroll"), {}, MASKER, after=2)
    assert found.args == (Scope(account="C100"), "payroll")
    assert found.accounts == {"C100"}
    found = asked(rings.ring_transactions, ("R00001",), {"account": PSEUDONYM}, MASKER, after=1)
    assert found.kwargs == {"account": "C100"}
    body = original({"sender": PSEUDONYM, "receiver": "C5", "type": PSEUDONYM}, MASKER)
    assert body.kwargs == {"sender": "C100", "receiver": "C5", "type": PSEUDONYM}


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (notes.add_note, (3, PSEUDONYM)),
        (staff.create_user, ("login", PSEUDONYM, "analyst")),
        (get_ring, (PSEUDONYM,)),
    ],
)
def test_what_only_reads_like_a_pseudonym_stays_as_it_was_typed(function: Any, args: Any) -> None:
    found = asked(function, args, {}, MASKER, after=1 if function is get_ring else 2)
    assert found.args == args
    assert not found.accounts


@pytest.mark.parametrize("named", ["C100", "nobody", "acct-aaaaaaaa", PSEUDONYM + " "])
def test_an_account_is_asked_for_by_a_pseudonym_that_was_given_out_and_by_nothing_else(
    named: str,
) -> None:
    view = View(Start(accounts=(PSEUDONYM,)), steps=(Step("expand", named),))
    for function, args, kwargs in (
        (rings.ring_transactions, ("R00001",), {"account": named}),
        (ledger.account_facts, ((PSEUDONYM, named),), {}),
        (scene, (view,), {}),
        (count_rings, (RingFilter(search="acct-aaaaaaaa"),), {}),
    ):
        with pytest.raises(InputError) as refused:
            asked(function, args, kwargs, MASKER, after=1)
        told = str(refused.value).replace("acct-aaaaaaaa", named)
        assert told == (
            "while account ids are hidden, an account is asked for by a pseudonym that a page has "
            f"shown (acct-…), not by {named!r}; open it from a list or a search"
        )


def test_no_account_and_a_step_about_none_are_as_they_were() -> None:
    view = View(Start("R00001"), steps=(Step("arrange"),))
    assert asked(scene, (view,), {}, MASKER, after=1).args == (view,)
    found = asked(rings.ring_transactions, ("R00001",), {"account": None}, MASKER, after=1)
    assert found.kwargs == {"account": None}


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [(f" {PSEUDONYM} ", "C100"), ("al-12", "AL-12"), ("012", "AL-12"), ("r00012", "r00012"),
     ("tx 7", "tx 7")],
)  # fmt: skip
def test_a_search_looks_for_a_whole_pseudonym_or_a_number(typed: str, looked_for: str) -> None:
    for function, after, filled in (
        (queue.count, 2, QueueFilter), (count_rings, 1, RingFilter), (find, 1, Search)
    ):  # fmt: skip
        found = asked(function, (filled(search=typed),), {}, MASKER, after=after)
        is_account = looked_for == "C100"
        chosen = filled(search=looked_for, whole=True, names_account=is_account)
        assert found.args == (chosen,)


@pytest.mark.parametrize("typed", ["C", "C100", "fan in", "acct-", "C100 ", PSEUDONYM + "!"])
def test_a_search_does_not_tell_ids_by_and_by(typed: str) -> None:
    with pytest.raises(InputError, match="while account ids are hidden, the search takes"):
        asked(queue.count, (QueueFilter(search=typed),), {}, MASKER, after=2)
    with pytest.raises(InputError, match="a whole pseudonym"):
        asked(count_rings, (RingFilter(search=typed),), {}, MASKER, after=1)


def test_who_sees_the_ids_searches_as_they_like() -> None:
    chosen = QueueFilter(search="C1")
    assert asked(queue.count, (chosen,), {}, None, after=2).args == (chosen,)
    assert original({"sender": PSEUDONYM}, None).kwargs == {"sender": PSEUDONYM}
