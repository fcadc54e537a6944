"""Each innocent explanation fits the business it describes, and no ring that only looks like it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.generate import generate_rings
from engine.rings.candidates import Candidate, Int64, Transfers
from engine.rings.lookalikes import Check, LookalikeConfig, check_rings, innocence_factor

DAY = 86_400
HUB = 0
#: Day on which the ring under test begins, and the days of the run.
BEGIN, DAYS = 180, 360

Row = tuple[int, int, int, float]  # day, sender, receiver, amount


def transfers_of(rows: Iterable[Row]) -> Transfers:
    """Return rows in time order as the ring finders get them."""
    day, sender, receiver, amount = (np.array(c) for c in zip(*sorted(rows), strict=True))
    pairs = sender.astype(np.int64) * 1_000_000 + receiver
    _, pair, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    return Transfers(
        sender=sender.astype(np.int32),
        receiver=receiver.astype(np.int32),
        seconds=day.astype(np.int64) * DAY,
        minor_units=np.rint(amount * 100).astype(np.int64),
        risk=np.zeros(len(day), np.float32),
        pair_total=counts[pair].astype(np.int64),
        has_model=False,
    )


def checks_of(
    typology: str, ring: list[Row], others: list[Row], config: LookalikeConfig | None = None
) -> dict[str, Check]:
    """Return the checks of one ring among other transactions, by code."""
    transfers = transfers_of([*ring, *others])
    table = list(
        zip(
            (transfers.seconds // DAY).tolist(),
            transfers.sender.tolist(),
            transfers.receiver.tolist(),
            (transfers.minor_units / 100).tolist(),
            strict=True,
        )
    )
    rows = np.array(sorted(table.index(row) for row in ring), np.int64)
    candidate = Candidate(typology, rows, HUB if "fan" in typology else -1, 9.0, 1.0, 0.9)
    if typology == "gather_scatter":
        candidate = replace(candidate, hub=HUB)
    (checks,) = check_rings(transfers, [candidate], config)
    return {check.code: check for check in checks}


def fitting(checks: dict[str, Check]) -> set[str]:
    return {code for code, check in checks.items() if check.innocent}


def fan_out(day: int, amount: float = 500, payees: int = 8) -> list[Row]:
    return [(day, HUB, 1 + i, amount + i) for i in range(payees)]


def fan_in(day: int, amount: float = 500, payers: int = 8, first: int = 1) -> list[Row]:
    return [(day + i // 2, first + i, HUB, amount + i) for i in range(payers)]


#: Ordinary life among strangers, which also makes the run a year long.
LIFE: list[Row] = [(day, 500 + day % 40, 600 + day % 37, 80.0 + day) for day in range(0, DAYS, 3)]


@pytest.mark.parametrize(
    ("typology", "ring"),
    [
        ("fan_out", fan_out(BEGIN)),
        ("fan_in", fan_in(BEGIN)),
        ("gather_scatter", fan_in(BEGIN) + [(BEGIN + 6, HUB, 20 + i, 900.0) for i in range(4)]),
        ("scatter_gather", fan_out(BEGIN) + [(BEGIN + 3, 1 + i, 99, 480.0 + i) for i in range(8)]),
        ("cycle", [(BEGIN, 1, 2, 900.0), (BEGIN + 1, 2, 3, 890.0), (BEGIN + 2, 3, 1, 880.0)]),
        ("bipartite", [(BEGIN, s, r, 500.0 + r) for s in (1, 2, 3) for r in (4, 5, 6)]),
        ("structuring", [(BEGIN + i, 1, 2, 9_500.0 + i) for i in range(4)]),
    ],
)
def test_a_ring_of_accounts_without_a_past_has_no_innocent_explanation(
    typology: str, ring: list[Row]
) -> None:
    checks = checks_of(typology, ring, LIFE)
    assert fitting(checks) == set()
    assert innocence_factor(list(checks.values())) == 1.0
    assert len(checks) >= 3


def test_the_same_payees_each_month_are_a_payroll() -> None:
    others = [row for month in (1, 2, 3, 4, 5, 7, 8) for row in fan_out(month * 30)]
    check = checks_of("fan_out", fan_out(BEGIN), [*LIFE, *others])["payroll"]
    assert check.innocent
    assert check.value == 1.0
    assert check.text == (
        "8 of 8 payees get like amounts from the same account at other times as well, together on "
        "7 other dates, about every 30 days"
    )


@pytest.mark.parametrize(
    "others",
    [
        [row for month in (1, 2, 3) for row in fan_out(month * 30, amount=50)],
        [(day, HUB, 100 + day, 500.0) for day in range(0, 150, 10)],
        [row for month in (1, 2, 3) for row in fan_out(month * 30, payees=3)],
        fan_out(30),
    ],
    ids=["other amounts", "other payees", "few of the payees", "once before"],
)
def test_what_is_no_payroll(others: list[Row]) -> None:
    assert not checks_of("fan_out", fan_out(BEGIN), [*LIFE, *others])["payroll"].innocent


def test_a_series_of_the_same_pairs_is_rent() -> None:
    ring = fan_in(BEGIN, payers=4)
    others = [
        (day + 30 * month, payer, HUB, amount)
        for day, payer, _, amount in ring
        for month in (-5, -4, -3, -2, -1, 1, 2)
    ]
    check = checks_of("fan_in", ring, [*LIFE, *others])["standing_orders"]
    assert check.innocent
    assert check.text.startswith("4 of 4 payments belong to a series")
    irregular = [(day + day * day % 23, payer, HUB, amount) for day, payer, _, amount in others]
    assert not checks_of("fan_in", ring, [*LIFE, *irregular])["standing_orders"].innocent
    unlike = [(day, payer, HUB, 3 * amount) for day, payer, _, amount in others]
    assert not checks_of("fan_in", ring, [*LIFE, *unlike])["standing_orders"].innocent


def test_payments_to_others_on_each_friday_are_periodic() -> None:
    others = [
        (BEGIN + 7 * week, HUB, 100 + 10 * week + i, 500.0)
        for week in range(1, 9)
        for i in range(5)
    ]
    check = checks_of("fan_out", fan_out(BEGIN), [*LIFE, *others])["fixed_dates"]
    assert check.innocent
    assert check.value == 9
    assert "about every 7 days" in check.text
    moved = checks_of("fan_out", fan_out(BEGIN - 17), [*LIFE, *others])["fixed_dates"]
    assert moved.value == 9, "a single gap that differs among eight equal ones is forgiven"
    scattered = [(day + day * day % 11, HUB, payee, amount) for day, _, payee, amount in others]
    assert not checks_of("fan_out", fan_out(BEGIN), [*LIFE, *scattered])["fixed_dates"].innocent


def shop(customers: int) -> list[Row]:
    return [(day % DAYS, 1000 + day, HUB, 40.0) for day in range(0, customers * 7, 7)]


def test_many_payers_all_along_make_a_merchant() -> None:
    check = checks_of("fan_in", fan_in(BEGIN), [*LIFE, *shop(100)])["merchant"]
    assert check.innocent
    assert check.value == pytest.approx(100, abs=2)
    assert check.limit == 20


@pytest.mark.parametrize(
    "others",
    [
        shop(12),
        [(day, 1000 + day, HUB, 40.0) for day in range(30, 80)],
        [(day, 1000 + day % 4, HUB, 40.0) for day in range(0, DAYS, 2)],
        shop(30) + [(day, 1000 + day % 9, HUB, 40.0) for day in range(0, DAYS)],
    ],
    ids=["few customers", "a while only", "the same few payers", "mostly the same few payers"],
)
def test_what_is_no_merchant(others: list[Row]) -> None:
    assert not checks_of("fan_in", fan_in(BEGIN), [*LIFE, *others])["merchant"].innocent


def test_a_stable_share_paid_out_all_along_makes_a_marketplace() -> None:
    ring = [*fan_in(BEGIN), *[(BEGIN + 5, HUB, 200 + i, 900.0) for i in range(4)]]
    orders = [
        row
        for order in range(100)
        for row in (
            (order * 7 % DAYS, 1000 + order, HUB, 100.0),
            (order * 7 % DAYS, HUB, 2000 + order % 9, 90.0),
        )
    ]
    check = checks_of("gather_scatter", ring, [*LIFE, *orders])["marketplace"]
    assert check.innocent
    assert "90% of what it takes" in check.text
    kept = [row for row in orders if row[2] == HUB]
    assert not checks_of("gather_scatter", ring, [*LIFE, *kept])["marketplace"].innocent


@pytest.mark.parametrize("typology", ["fan_out", "gather_scatter"])
def test_money_that_goes_back_to_those_it_came_from_is_a_refund(typology: str) -> None:
    bought = [(BEGIN - 20 + i, 1 + i, HUB, 520.0) for i in range(8)]
    ring = fan_out(BEGIN)
    if typology == "gather_scatter":
        check = checks_of(typology, [*bought, *ring], LIFE)["refunds"]
    else:
        check = checks_of(typology, ring, [*LIFE, *bought])["refunds"]
    assert check.innocent
    assert check.value == 1.0
    cheaper = [(day, buyer, HUB, 100.0) for day, buyer, _, _ in bought]
    assert not checks_of("fan_out", ring, [*LIFE, *cheaper])["refunds"].innocent
    later = [(BEGIN + 20, buyer, HUB, 520.0) for _, buyer, _, _ in bought]
    assert not checks_of("fan_out", ring, [*LIFE, *later])["refunds"].innocent


CYCLE: list[Row] = [(BEGIN, 1, 2, 900.0), (BEGIN + 1, 2, 3, 890.0), (BEGIN + 2, 3, 1, 880.0)]


def test_money_back_and_forth_all_along_is_of_one_owner() -> None:
    pairs = [(1, 2), (2, 1), (2, 3), (3, 2), (3, 1), (1, 3)]
    others = [(5 + 17 * i, *pairs[i % 6], 100.0 + i) for i in range(20)]
    check = checks_of("cycle", CYCLE, [*LIFE, *others])["own_accounts"]
    assert check.innocent
    assert "the data name no owners" in check.text
    one_way = [(day, s, r, a) for day, s, r, a in others if (s, r) in pairs[::2]]
    assert not checks_of("cycle", CYCLE, [*LIFE, *one_way])["own_accounts"].innocent
    at_once = [(BEGIN + 5, s, r, a) for _, s, r, a in others]
    assert not checks_of("cycle", CYCLE, [*LIFE, *at_once])["own_accounts"].innocent


def test_friends_who_take_turns_are_acquainted() -> None:
    friends = [HUB, 1, 2, 3, 4]
    ring = [(BEGIN, payer, HUB, 25.0) for payer in friends[1:]]
    bills = [
        (30 * turn, payer, friends[turn], 20.0 + turn)
        for turn in (1, 2, 3)
        for payer in friends
        if payer != friends[turn]
    ]
    check = checks_of("fan_in", ring, [*LIFE, *bills])["known_circle"]
    assert check.innocent
    assert check.value == 1.0


SHARES = [(BEGIN + i // 3, payer, HUB, 25.0) for i, payer in enumerate((1, 2, 3, 4))]


@pytest.mark.parametrize("bill", [100.0, 125.0], ids=["of the payers", "of the collector too"])
def test_equal_shares_of_what_the_collector_paid_before_are_a_shared_bill(bill: float) -> None:
    check = checks_of("fan_in", SHARES, [*LIFE, (BEGIN - 3, HUB, 900, bill)])["shared_bill"]
    assert check.innocent
    assert check.value == 1.0


@pytest.mark.parametrize(
    ("ring", "paid"),
    [
        (SHARES, (BEGIN + 3, HUB, 900, 125.0)),
        (SHARES, (BEGIN - 40, HUB, 900, 125.0)),
        (SHARES, (BEGIN - 3, HUB, 900, 110.0)),
        ([(BEGIN, i, HUB, 10.0 * i) for i in (1, 2, 3, 4)], (BEGIN - 3, HUB, 900, 100.0)),
        (SHARES[:2], (BEGIN - 3, HUB, 900, 75.0)),
    ],
    ids=["paid on", "long ago", "another sum", "unequal shares", "two payers"],
)
def test_what_is_no_shared_bill(ring: list[Row], paid: Row) -> None:
    assert not checks_of("fan_in", ring, [*LIFE, paid])["shared_bill"].innocent


@pytest.mark.parametrize(
    "others",
    [
        [(30 * i, 1 + i, HUB, 20.0) for i in range(4)],
        [(30 * i, 1, 2 + i % 3, 20.0) for i in range(5)] + [(40, 2, 3, 9.0), (50, 3, 4, 9.0)],
    ],
    ids=["each with the hub alone", "one direction only"],
)
def test_dealings_that_make_no_circle_of_friends(others: list[Row]) -> None:
    ring = [(BEGIN, payer, HUB, 25.0) for payer in (1, 2, 3, 4)]
    assert not checks_of("fan_in", ring, [*LIFE, *others])["known_circle"].innocent


def test_amounts_below_the_threshold_are_ordinary_where_they_always_were() -> None:
    ring = [(BEGIN + i, 1, 2, 9_500.0 + i) for i in range(4)]
    others = [(3 * day, 10 + day, 2, 9_502.0) for day in range(40)]
    assert checks_of("structuring", ring, [*LIFE, *others])["ordinary_amounts"].innocent
    small = [(day, sender, 2, 200.0) for day, sender, _, _ in others]
    assert not checks_of("structuring", ring, [*LIFE, *small])["ordinary_amounts"].innocent


def test_checks_that_fit_come_first_and_say_what_was_measured() -> None:
    checks = list(checks_of("fan_in", fan_in(BEGIN), [*LIFE, *shop(100)]).values())
    assert [check.innocent for check in checks] == sorted(
        (check.innocent for check in checks), reverse=True
    )
    assert all(check.text and check.title for check in checks)


def test_a_large_hub_is_read_in_part_judged_the_same_and_that_is_said() -> None:
    crowd = [*LIFE, *shop(350)]
    whole = checks_of("fan_in", fan_in(BEGIN), crowd)
    part = checks_of("fan_in", fan_in(BEGIN), crowd, LookalikeConfig(max_rows=100))
    assert whole["merchant"].innocent
    assert part["merchant"].innocent
    assert part["merchant"].value <= 100 < whole["merchant"].value
    # 350 customers and the 8 payers of the ring: every fourth is read.
    assert part["merchant"].text.endswith(
        "(read: 90 of the account's 358 payments, spread over the run)"
    )
    assert part["fixed_dates"].text.endswith(
        "(read: the nearest 100 of the account's 358 payments)"
    )
    assert "read: " not in whole["merchant"].text + whole["fixed_dates"].text


def test_names_of_accounts_do_not_matter() -> None:
    rows = [*fan_in(BEGIN), *LIFE, *shop(100)]
    transfers = transfers_of(rows)
    ring = np.flatnonzero((transfers.receiver == HUB) & (transfers.sender < 100))
    renamed = np.random.default_rng(5).permutation(3000).astype(np.int32)
    turned = replace(
        transfers, sender=renamed[transfers.sender], receiver=renamed[transfers.receiver]
    )
    first = check_rings(transfers, [Candidate("fan_in", ring, HUB, 9.0, 1.0, 0.9)])
    second = check_rings(turned, [Candidate("fan_in", ring, int(renamed[HUB]), 9.0, 1.0, 0.9)])
    assert first == second


def test_an_explanation_takes_a_sure_ring_below_one_half() -> None:
    def check(code: str, innocent: bool) -> Check:
        return Check(code, code, innocent, "", 0.0, 0.0)

    assert innocence_factor([check("payroll", False), check("merchant", False)]) == 1.0
    one = innocence_factor([check("merchant", True), check("payroll", False)])
    both = innocence_factor([check("merchant", True), check("payroll", True)])
    assert 0 < both < one < 0.5


def test_no_rings_need_no_checks() -> None:
    assert check_rings(transfers_of(LIFE), []) == []


def test_planted_lookalikes_are_explained_and_planted_rings_are_not() -> None:
    """The busiest ten days of each planted payroll, recall and club, and all planted rings."""
    data = generate_rings(60_000, seed=21, rings=40)
    table = data.transactions.to_pandas()
    sender, receiver = table["sender"].to_numpy(), table["receiver"].to_numpy()
    transfers = Transfers(
        sender=sender,
        receiver=receiver,
        seconds=table["step"].to_numpy(np.int64) * DAY,
        minor_units=np.rint(table["amount"].to_numpy() * 100).astype(np.int64),
        risk=np.zeros(len(table), np.float32),
        pair_total=table.groupby(["sender", "receiver"])["step"].transform("size").to_numpy(),
        has_model=False,
    )
    innocent = [
        Candidate("fan_out", fan, int(sender[fan[0]]), 9.0, 1.0, 0.9)
        for fan in _busiest_fans(data.lookalikes.to_pandas(), sender, transfers.seconds // DAY)
    ]
    guilty = []
    for ring_id, typology in zip(*(data.rings[n].to_pylist() for n in ("ring_id", "typology")),
                                 strict=True):  # fmt: skip
        proof = np.flatnonzero(table["ring_id"] == ring_id)
        both = np.concatenate([sender[proof], receiver[proof]])
        guilty.append(Candidate(typology, proof, int(np.bincount(both).argmax()), 9.0, 1.0, 0.9))
    explained = [innocence_factor(c) < 1 for c in check_rings(transfers, innocent)]
    accused = [innocence_factor(c) < 1 for c in check_rings(transfers, guilty)]
    assert len(explained) >= 15
    assert np.mean(explained) >= 0.9
    assert np.mean(accused) <= 0.05


def _busiest_fans(lookalikes: pd.DataFrame, sender: Int64, day: Int64) -> Iterator[Int64]:
    for kind, rows in zip(lookalikes["kind"], lookalikes["rows"], strict=True):
        if kind not in ("payroll", "recall", "periodic"):
            continue
        hub = np.bincount(sender[rows]).argmax()
        paid = np.sort(rows[sender[rows] == hub])
        ends = np.searchsorted(day[paid], day[paid] + 10, side="right")
        first = int((ends - np.arange(len(paid))).argmax())
        fan = paid[first : ends[first]]
        if len(fan) >= 5:
            yield fan
