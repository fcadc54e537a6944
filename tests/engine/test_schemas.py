"""Mappings: the built-in schemas, users' TOML files, and detection by header."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError, SchemaError
from engine.intake import (
    Mapping,
    TimeRule,
    builtin_mappings,
    detect,
    load_mapping,
    mapping_to_toml,
    parse_mapping,
    read_transactions,
)

PAYSIM = (
    "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,"
    "newbalanceDest,isFraud,isFlaggedFraud\n"
    "1,TRANSFER,181.0,C1305486145,181.0,0.0,C553264065,0.0,0.0,1,0\n"
    "25,CASH_OUT,1.0E7,C840083671,1.0E7,0.0,C38997010,21182.0,0.0,0,0\n"
)
AMLSIM_LOG = (
    "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,"
    "newbalanceDest,isSAR,alertID\n"
    "0,TRANSFER,858.77,6456,822.45,0.0,9069,0.0,858.77,0,-1\n"
    "3,TRANSFER,386.86,7516,1230.05,843.19,9543,0.0,386.86,1,17\n"
)
AMLSIM_PLAIN = (
    "step,type,amount,sender,receiver,is_laundering,ring_id\n"
    "0,TRANSFER,387.38,22934,19,0,-1\n"
    "2,TRANSFER,940.12,34944,23,1,5\n"
)
IBM_AML = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering\n"
    "2022/09/01 00:20,010,8000EBD30,010,8000EBD31,3697.34,US Dollar,3700.00,Euro,Wire,0\n"
    "2022/09/01 00:26,03208,8000F4580,001,8000F5340,0.01,US Dollar,0.01,US Dollar,Cheque,1\n"
)
CREDITCARD = '"Time","V1","V2","Amount","Class"\n0,-1.36,0.07,149.62,"0"\n1.5,1.19,-0.26,2.69,"1"\n'
CANONICAL = (
    "tx_id,time,sender,receiver,amount,type,currency,label,x_score\n"
    "7,2026-03-01T12:00:00,A,B,10.5,TRANSFER,EUR,0,0.25\n"
    "9,2026-03-01 12:00:01.5,B,C,11,PAYMENT,USD,1,\n"
)


def write(folder: Path, text: str, name: str = "input.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(path: Path, mapping: Mapping | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_transactions(
        path, mapping or detect(path)
    ).transactions.to_pylist()
    return rows


def test_paysim_step_is_an_hour_and_step_one_the_first_of_the_year(tmp_path: Path) -> None:
    path = write(tmp_path, PAYSIM)
    assert detect(path).name == "paysim"
    first, second = rows_of(path)
    assert first == {
        "tx_id": 0,
        "time": datetime(2026, 1, 1),
        "sender": "C1305486145",
        "receiver": "C553264065",
        "amount": 181.0,
        "type": "TRANSFER",
        "sender_balance_before": 181.0,
        "sender_balance_after": 0.0,
        "receiver_balance_before": 0.0,
        "receiver_balance_after": 0.0,
        "label": 1,
    }
    assert second["time"] == datetime(2026, 1, 2)
    assert second["amount"] == 10_000_000.0


def test_amlsim_log_step_is_a_day_and_its_alert_is_the_true_ring(tmp_path: Path) -> None:
    path = write(tmp_path, AMLSIM_LOG)
    assert detect(path).name == "amlsim"
    first, second = rows_of(path)
    assert (first["time"], second["time"]) == (datetime(2026, 1, 1), datetime(2026, 1, 4))
    assert (second["sender"], second["receiver"], second["label"]) == ("7516", "9543", 1)
    assert (first["ring_label"], second["ring_label"]) == (None, "17")


def test_normalised_amlsim_is_read_by_the_same_schema(tmp_path: Path) -> None:
    path = write(tmp_path, AMLSIM_PLAIN)
    assert detect(path).name == "amlsim"
    assert list(rows_of(path)[1].values()) == [
        1,
        datetime(2026, 1, 3),
        "34944",
        "23",
        940.12,
        "TRANSFER",
        1,
        "5",
    ]
    assert rows_of(path)[0]["ring_label"] is None


@pytest.mark.parametrize("second", ["Account", "Account.1"])
def test_ibm_aml_takes_the_second_account_as_receiver(tmp_path: Path, second: str) -> None:
    path = write(tmp_path, IBM_AML.replace("To Bank,Account", f"To Bank,{second}"))
    assert detect(path).name == "ibm-aml"
    assert list(rows_of(path)[0].values()) == [
        0,
        datetime(2022, 9, 1, 0, 20),
        "8000EBD30",
        "8000EBD31",
        3700.0,
        "Wire",
        "Euro",
        0,
    ]


def test_creditcard_has_features_and_no_accounts(tmp_path: Path) -> None:
    path = write(tmp_path, CREDITCARD)
    mapping = detect(path)
    assert (mapping.name, mapping.has_accounts) == ("creditcard", False)
    assert rows_of(path)[1] == {
        "tx_id": 1,
        "time": datetime(2026, 1, 1, 0, 0, 1, 500_000),
        "amount": 2.69,
        "label": 1,
        "x_V1": 1.19,
        "x_V2": -0.26,
    }


def test_canonical_numbers_rows_by_position_and_keeps_features(tmp_path: Path) -> None:
    path = write(tmp_path, CANONICAL)
    assert detect(path).name == "canonical"
    first, second = rows_of(path)
    assert (first["tx_id"], second["tx_id"]) == (0, 1)
    assert second["time"] == datetime(2026, 3, 1, 12, 0, 1, 500_000)
    assert (first["x_score"], second["x_score"]) == (0.25, None)
    assert (first["currency"], second["currency"]) == ("EUR", "USD")


def test_paysim_without_labels_is_paysim(tmp_path: Path) -> None:
    lines = [line.rsplit(",", 2)[0] for line in PAYSIM.splitlines()]
    path = write(tmp_path, "\n".join(lines) + "\n")
    assert detect(path).name == "paysim"
    assert "label" not in rows_of(path)[0]


def test_headers_match_without_case_spaces_quotes_and_byte_order_mark(tmp_path: Path) -> None:
    header, body = PAYSIM.split("\n", 1)
    odd = ",".join(f'" {name.upper()} "' for name in header.split(","))
    path = write(tmp_path, "\ufeff" + odd + "\n" + body)
    assert detect(path).name == "paysim"
    assert rows_of(path) == rows_of(write(tmp_path, PAYSIM, "plain.csv"))


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, PAYSIM.replace(",", delimiter))
    assert rows_of(path) == rows_of(write(tmp_path, PAYSIM, "comma.csv"))


def test_an_exact_header_is_preferred_to_a_similar_one(tmp_path: Path) -> None:
    text = "time,sender,receiver,AMOUNT,amount\n2026-01-01,A,B,1,2\n"
    assert rows_of(write(tmp_path, text))[0]["amount"] == 2.0


def test_unknown_headers_are_explained_with_the_nearest_ones(tmp_path: Path) -> None:
    text = PAYSIM.replace("nameOrig", "name_origin").replace("amount", "amt")
    with pytest.raises(SchemaError) as raised:
        detect(write(tmp_path, text))
    message = str(raised.value)
    assert "closest is paysim" in message
    assert "'nameOrig' is missing (for sender), nearest is 'name_origin'" in message
    assert "'amount' is missing, nearest is 'amt'" in message
    assert "step, type, amt, name_origin" in message
    assert "--schema FILE.toml" in message


def test_a_chosen_schema_that_does_not_fit_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"does not fit schema ibm-aml: column 'Timestamp'"):
        read_transactions(write(tmp_path, PAYSIM), load_mapping("ibm-aml"))


@pytest.mark.parametrize("name", builtin_mappings())
def test_a_mapping_written_as_toml_reads_back_the_same(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.name == name
    assert parse_mapping(mapping_to_toml(mapping)) == mapping


def test_a_users_mapping_reads_a_users_file(tmp_path: Path) -> None:
    toml = write(
        tmp_path,
        """
        name = "my-bank"
        delimiter = ";"
        features = ["score", "V*"]
        [columns]
        time = "Booking date"
        sender = ["Payer", "From account"]
        receiver = "To account"
        amount = "Sum"
        label = "Verdict"
        [time]
        format = "%d.%m.%Y %H:%M"
        [label]
        positive = ["fraud"]
        negative = ["fine"]
        """,
        "my-bank.toml",
    )
    text = (
        "Booking date;From account;To account;Sum;Verdict;score;v2;isFraud;note, free\n"
        "31.01.2026 23:59;A;B;5;Fraud;0.5;2;1;x\n"
    )
    assert rows_of(write(tmp_path, text), load_mapping(toml)) == [
        {
            "tx_id": 0,
            "time": datetime(2026, 1, 31, 23, 59),
            "sender": "A",
            "receiver": "B",
            "amount": 5.0,
            "label": 1,
            "x_score": 0.5,
            "x_v2": 2.0,
        }
    ]


def test_seconds_since_1970_are_a_time_rule(tmp_path: Path) -> None:
    mapping = Mapping(
        name="epoch",
        columns={n: (n,) for n in ("time", "sender", "receiver", "amount")},
        time=TimeRule(unit="second", origin="1970-01-01T00:00:00", format=None),
    )
    path = write(tmp_path, "time,sender,receiver,amount\n1767225600,A,B,1\n")
    assert rows_of(path, mapping)[0]["time"] == datetime(2026, 1, 1)
    assert parse_mapping(mapping_to_toml(mapping)) == mapping


def test_a_truth_column_is_never_a_feature(tmp_path: Path) -> None:
    mapping = parse_mapping('features = ["*"]\n[columns]\ntime = "step"\namount = "amount"\n')
    path = write(tmp_path, "step,amount,is_fraud,alertID,Ring_Id,age\n2026-01-01,1,1,4,2,30\n")
    assert set(rows_of(path, mapping)[0]) == {"tx_id", "time", "amount", "x_age"}


def test_an_unknown_schema_name_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'paysim'"):
        load_mapping("paysims")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("name = ", "not valid TOML"),
        ("colums = 1", "unknown key 'colums'; did you mean 'columns'"),
        ('[columns]\namnt = "x"', r"unknown column in \[columns\] 'amnt'; did you mean 'amount'"),
        ('[columns]\ntx_id = "x"', "tx_id is not mapped"),
        ('[columns]\ntime = "t"', r"\[columns\] amount is missing"),
        ('[columns]\ntime = 5\namount = "a"', r"\[columns\] time must be text in quotes, not 5"),
        ('[columns]\ntime = "t"\namount = "a"\nsender = "s"', "sender and receiver go together"),
        ('[columns]\ntime = "t"\namount = "a"', "needs features"),
        ("columns = 3", r"columns must be a table: write \[columns\]"),
        ('[time]\nunit = "month"\n[columns]', r"\[time\] unit 'month' is not known"),
        ('[time]\nunit = "day"\nformat = "iso"\n[columns]', "either unit or format"),
        ("[time]\nfirst = 1\n[columns]", "first is given without unit"),
        ('[time]\nunit = "day"\nfirst = "one"\n[columns]', "first must be a number"),
        ('[time]\nunit = "day"\norigin = "soon"\n[columns]', "origin 'soon' is not a moment"),
        ('[label]\npositiv = ["1"]\n[columns]', r"\[label\] 'positiv'; did you mean 'positive'"),
        (
            'delimiter = "::"\n[columns]\ntime="t"\namount="a"\nsender="s"\nreceiver="r"',
            "delimiter",
        ),
        ('features = ["isFraud"]\n[columns]\ntime="t"\namount="a"', "gives the truth away"),
    ],
)
def test_a_faulty_mapping_is_refused_with_its_file_and_key(
    tmp_path: Path, toml: str, message: str
) -> None:
    path = write(tmp_path, toml, "mine.toml")
    with pytest.raises(InputError, match=message) as raised:
        load_mapping(path)
    assert str(path) in str(raised.value)
