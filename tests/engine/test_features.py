"""The features of a transaction, each checked by hand, and what must never reach them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from engine.backend import CPU
from engine.config import BalanceUse, FeatureConfig
from engine.errors import RunError
from engine.features import FeatureMatrix, build_features, causal_names
from engine.features.build import KNOWN_TYPES, epoch_seconds, minor_units
from engine.lake import write_json
from tests.engine.rows import accounts_of, features_of, matrix, transactions, values_of

#: Time in hours, sender, receiver, amount. A pays B twice, then C; C pays A back.
STORY = [
    (0.0, "A", "B", 100.10),
    (0.5, "A", "B", 50.20),
    (0.5, "C", "B", 0.30),
    (24.0, "A", "C", 30.00),
    (24.5, "C", "A", 7.07),
    (168.5, "A", "B", 1000.00),
]


def column(name: str, table: pa.Table | None = None) -> list[float]:
    values = features_of(transactions(STORY) if table is None else table).column(name)
    return [round(float(v), 4) for v in values]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # A's payments at 0, 0.5, 24, 168.5 h; C's at 0.5 and 24.5 h.
        ("sender_out_n_1h", [0, 1, 0, 0, 0, 0]),
        ("sender_out_n_24h", [0, 1, 0, 2, 1, 0]),
        ("sender_out_n_168h", [0, 1, 0, 2, 1, 2]),
        ("sender_out_n_all", [0, 1, 0, 2, 1, 3]),
        ("sender_out_sum_24h", [0, 100.10, 0, 150.30, 0.30, 0]),
        ("sender_out_sum_168h", [0, 100.10, 0, 150.30, 0.30, 80.20]),
        ("sender_out_sum_all", [0, 100.10, 0, 150.30, 0.30, 180.30]),
        # B was paid at 0, 0.5, 0.5; C at 24; A at 24.5.
        ("receiver_in_n_1h", [0, 1, 2, 0, 0, 0]),
        ("receiver_in_n_168h", [0, 1, 2, 0, 0, 2]),
        ("receiver_in_sum_all", [0, 100.10, 150.30, 0, 0, 150.60]),
        # What the sender had received: C got 30 from A, then A got 7.07 from C.
        ("sender_in_n_all", [0, 0, 0, 0, 1, 1]),
        ("sender_in_sum_1h", [0, 0, 0, 0, 30.00, 0]),
        ("sender_in_sum_all", [0, 0, 0, 0, 30.00, 7.07]),
        # What the receiver had sent: C once before 24 h, A three times before 24.5 h; B never.
        ("receiver_out_n_all", [0, 0, 0, 1, 3, 0]),
        ("receiver_out_sum_24h", [0, 0, 0, 0.30, 80.20, 0]),
        ("sender_gap_hours", [-1, 0.5, -1, 23.5, 24, 144.5]),
        ("receiver_gap_hours", [-1, 0.5, 0, -1, -1, 168]),
        ("sender_counterparties", [0, 1, 0, 1, 1, 2]),
        ("receiver_counterparties", [0, 1, 1, 0, 0, 2]),
        ("pair_n", [0, 1, 0, 0, 0, 2]),
        ("amount_to_sender_mean", [-1, 0.5015, -1, 0.3992, 23.5667, 16.6389]),
        ("amount_to_receiver_mean", [-1, 0.5015, 0.004, -1, -1, 19.9203]),
    ],
)
def test_history_counts_only_what_was_before(name: str, expected: list[float]) -> None:
    assert column(name) == pytest.approx(expected, abs=1e-4)


def test_a_window_begins_exactly_its_hours_before() -> None:
    on_the_hour = transactions([(0, "A", "B", 1), (1, "A", "B", 1)])
    a_second_late = transactions([(0, "A", "B", 1), (1 + 1 / 3600, "A", "B", 1)])
    assert column("sender_out_n_1h", on_the_hour) == [0, 1]
    assert column("sender_out_n_1h", a_second_late) == [0, 0]


def test_rows_of_the_same_moment_are_before_one_another_in_the_order_of_the_input() -> None:
    table = transactions([(5, "A", "B", 1), (5, "A", "B", 2), (5, "A", "B", 4)])
    assert column("sender_out_sum_1h", table) == [0, 1, 3]
    assert column("sender_gap_hours", table) == [-1, 0, 0]


def test_a_transfer_to_itself_is_not_in_its_own_history() -> None:
    table = transactions([(0, "A", "A", 5), (1, "A", "A", 7)])
    for side in ("sender_out", "sender_in", "receiver_in", "receiver_out"):
        assert column(f"{side}_sum_all", table) == [0, 5]


def test_sums_are_exact_in_cents() -> None:
    table = transactions([(h, "A", "B", 0.10) for h in range(11)])
    sums = features_of(table).column("sender_out_sum_all")
    assert sums.tolist() == [np.float32(cents / 100) for cents in range(0, 110, 10)]
    assert minor_units(transactions([(0, "A", "B", 0.29), (0, "A", "B", 1e13)])).tolist() == [
        29,
        10**15,
    ]


def test_windows_are_those_of_the_settings() -> None:
    features = features_of(transactions(STORY), FeatureConfig(windows_hours=(2,)))
    assert [n for n in features.names if n.startswith("sender_out_n")] == [
        "sender_out_n_2h",
        "sender_out_n_all",
    ]


def test_hour_and_weekday_are_those_of_the_clock() -> None:
    table = transactions([(0, "A", "B", 1), (23.99, "A", "B", 1), (6 * 24 + 7, "A", "B", 1)])
    assert column("hour", table) == [0, 23, 7]
    assert column("weekday", table) == [0, 0, 6]  # Monday, Monday, Sunday


def test_times_before_1970_have_an_hour_and_a_weekday_too() -> None:
    moon_landing = transactions([(0, "A", "B", 1)]).set_column(
        1, "time", pa.array([np.datetime64("1969-07-20T20:17:40", "us")])
    )
    assert epoch_seconds(moon_landing).tolist() == [-14182940]
    assert (column("hour", moon_landing), column("weekday", moon_landing)) == ([20], [6])


def test_round_amounts_are_multiples_of_a_thousand_to_the_cent() -> None:
    table = transactions([(0, "A", "B", a) for a in (1000, 999.99, 1000.01, 25_000, 500)])
    assert column("is_round", table) == [1, 0, 0, 1, 0]
    assert column("log_amount", table)[0] == pytest.approx(np.log(1001), abs=1e-4)


def test_a_known_type_has_the_same_code_in_every_input() -> None:
    one = transactions([(0, "A", "B", 1)], type=["TRANSFER"])
    other = transactions([(0, "A", "B", 1)] * 2, type=["PAYMENT", "TRANSFER"])
    assert column("type_code", one) == [KNOWN_TYPES.index("TRANSFER")]
    assert column("type_code", other)[1] == KNOWN_TYPES.index("TRANSFER")


def test_other_types_follow_as_they_first_appear_and_none_is_minus_one() -> None:
    table = transactions([(0, "A", "B", 1)] * 3, type=["zelle", "giro", None])
    features = features_of(table)
    assert features.types == (*KNOWN_TYPES, "zelle", "giro")
    assert features.column("type_code").tolist() == [
        len(KNOWN_TYPES),
        len(KNOWN_TYPES) + 1,
        -1,
    ]


def test_the_vocabulary_of_a_model_replaces_the_inputs_own() -> None:
    table = transactions([(0, "A", "B", 1)] * 2, type=["giro", "PAYMENT"])
    features = build_features(table, None, FeatureConfig(), CPU, types=("PAYMENT", "wire"))
    assert features.types == ("PAYMENT", "wire")
    assert features.column("type_code").tolist() == [-1, 0]


def test_without_a_type_there_is_no_type_code() -> None:
    assert "type_code" not in features_of(transactions(STORY)).names


BALANCES = {
    "sender_balance_before": [100.0, 100.0, 0.0, None],
    "sender_balance_after": [0.0, 60.0, 0.0, None],
    "receiver_balance_before": [0.0, 5.0, None, 5.0],
    "receiver_balance_after": [100.0, 45.5, None, 5.0],
}


def with_balances(use: BalanceUse) -> FeatureMatrix:
    table = transactions(
        [(0, "A", "B", 100.0), (1, "A", "B", 40.0), (2, "C", "B", 10.0), (3, "D", "B", 1.0)],
        **BALANCES,
    )
    return features_of(table, FeatureConfig(balances=use))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sender_balance_before", [100, 100, 0, -1]),
        ("sender_balance_left", [0, 60, -10, -1]),
        ("empties_sender", [1, 0, 0, 0]),
        ("amount_to_sender_balance", [1, 0.4, -1, -1]),
        ("receiver_balance_before", [0, 5, -1, 5]),
    ],
)
def test_balances_before_are_what_a_bank_knows(name: str, expected: list[float]) -> None:
    assert with_balances("before").column(name).tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sender_balance_after", [0, 60, 0, -1]),
        ("sender_balance_error", [0, 0, 10, -1]),
        ("receiver_balance_after", [100, 45.5, -1, 5]),
        ("receiver_balance_error", [0, -0.5, -1, 1]),
    ],
)
def test_balances_after_come_only_when_asked_for(name: str, expected: list[float]) -> None:
    assert with_balances("all").column(name).tolist() == pytest.approx(expected)
    assert name not in with_balances("before").names


def test_balances_can_be_left_out() -> None:
    assert not [n for n in with_balances("none").names if "balance" in n or "empties" in n]


def test_an_account_is_emptied_to_the_cent_or_not_at_all() -> None:
    table = transactions(
        [(0, "A", "B", 0.30), (1, "A", "B", 0.30), (2, "A", "B", 0.0)],
        sender_balance_before=[0.1 + 0.2, 0.31, 0.0],
    )
    assert column("empties_sender", table) == [1, 0, 0]
    assert column("sender_balance_left", table) == [0, 0.01, 0]


def test_further_columns_of_the_input_are_features_and_nothing_is_minus_one() -> None:
    table = transactions([(0, "A", "B", 1)] * 2, x_V1=[0.25, None])
    assert column("x_V1", table) == [0.25, -1]


def test_without_accounts_there_is_no_history() -> None:
    table = transactions(STORY).drop(["sender", "receiver"])
    assert features_of(table).names == ("amount", "log_amount", "is_round", "hour", "weekday")


def labelled(label: list[int]) -> pa.Table:
    return transactions(STORY, label=label)


def test_labels_enter_no_feature() -> None:
    without = features_of(transactions(STORY))
    for label in ([0] * 6, [1, 0, 1, 0, 1, 0], [1] * 6):
        features = features_of(labelled(label))
        assert features.names == without.names
        assert np.array_equal(values_of(features), values_of(without))


def test_the_names_of_accounts_change_no_feature() -> None:
    renamed = {"A": "zz9", "B": "1", "C": "Ä"}
    other = transactions([(h, renamed[s], renamed[r], a) for h, s, r, a in STORY])
    assert np.array_equal(
        values_of(features_of(other)), values_of(features_of(transactions(STORY)))
    )


def test_strangers_in_the_same_input_change_no_feature() -> None:
    strangers = [(h, f"S{i}", f"T{i}", 5.0) for i, (h, *_) in enumerate(STORY)]
    mixed = [row for pair in zip(STORY, strangers, strict=True) for row in pair]
    values = values_of(features_of(transactions(mixed)))[::2]
    assert np.array_equal(values, values_of(features_of(transactions(STORY))))


def test_every_column_is_causal_unless_its_name_says_batch() -> None:
    features = matrix(amount=[1], batch_degree=[2], hour=[3])
    assert causal_names(features) == ("amount", "hour")
    assert causal_names(features_of(transactions(STORY))) == features_of(transactions(STORY)).names


def test_the_matrix_is_float32_column_by_column() -> None:
    features = features_of(transactions(STORY))
    assert len(features.columns) == len(features.names)
    assert {column.dtype for column in features.columns} == {np.dtype(np.float32)}
    assert {column.shape for column in features.columns} == {(len(STORY),)}


def test_chosen_rows_come_with_chosen_columns_in_the_order_asked() -> None:
    features = matrix(a=[1, 2, 3], b=[4, 5, 6], c=[7, 8, 9])
    assert features.rows(np.array([2, 0]), ("c", "a")).tolist() == [[9, 3], [7, 1]]
    parts = list(features.chunks(("b",), size=2))
    assert [(part.start, part.stop) for part, _ in parts] == [(0, 2), (2, 3)]
    assert np.concatenate([values for _, values in parts]).ravel().tolist() == [4, 5, 6]


def test_a_saved_matrix_reads_back_the_same(tmp_path: Path) -> None:
    features = features_of(transactions(STORY, type=["giro"] * 6))
    features.save(tmp_path)
    back = FeatureMatrix.load(tmp_path)
    assert (back.names, back.types) == (features.names, features.types)
    assert np.array_equal(values_of(back), values_of(features))


def test_a_checkpoint_that_does_not_fit_its_names_is_refused(tmp_path: Path) -> None:
    matrix(a=[1], b=[2]).save(tmp_path)
    write_json(tmp_path / "features.json", {"names": ["a"], "types": []})
    with pytest.raises(RunError, match="checkpoint is damaged"):
        FeatureMatrix.load(tmp_path)


def test_each_step_is_told_with_a_rising_share() -> None:
    told: list[float] = []
    table = transactions(STORY)
    build_features(
        table, accounts_of(table), FeatureConfig(), CPU,
        lambda share, _: told.append(share),
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_type_that_comes_later_changes_no_earlier_code() -> None:
    now = transactions([(0, "A", "B", 1)], type=["zelle"])
    later = transactions([(0, "A", "B", 1), (1, "A", "B", 1)], type=["zelle", "giro"])
    assert column("type_code", later)[0] == column("type_code", now)[0]
