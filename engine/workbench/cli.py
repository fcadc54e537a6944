"""The command line of the workbench: prove the audit, upgrade the database, people.

Exit status: 0 done, 2 bad input or arguments (the message is on stderr), 1 failure, or an audit
that was tampered with.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from engine.errors import EngineError, InputError
from engine.storage import is_address
from engine.workbench import audit
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.permissions import ROLES
from engine.workbench.staff import enlist, list_people, renew_password

#: Who acts in the audit where a command does: it takes the database's address, no sign-in.
_BY = "command line"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    command: Callable[[Workbench, argparse.Namespace], int] = arguments.command
    try:
        workbench = _open(arguments)
        try:
            return command(workbench, arguments)
        finally:
            workbench.close()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except EngineError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.workbench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    verify = commands.add_parser("verify", help="prove that the audit was not tampered with")
    verify.add_argument("--head", metavar="HASH", help="one that was printed before and kept")
    _add_database(verify).set_defaults(command=_verify, makes=False)

    tables = commands.add_parser("upgrade", help="bring the tables to this version")
    _add_database(tables).set_defaults(command=_upgrade, makes=True)

    people = commands.add_parser("people", help="list or make users, give new passwords")
    actions = people.add_subparsers(required=True, metavar="ACTION")
    shown = actions.add_parser("list", help="all users")
    _add_database(shown).set_defaults(command=_list, makes=False)
    added = actions.add_parser("add", help="make a user; their first password is printed")
    added.add_argument("login", metavar="LOGIN")
    added.add_argument("--role", required=True, choices=ROLES)
    added.add_argument("--name", default="", help="to show; default: the login")
    _add_database(added).set_defaults(command=_add, makes=True)
    renewed = actions.add_parser("reset", help="a new password for somebody, and no lock")
    renewed.add_argument("login", metavar="LOGIN")
    _add_database(renewed).set_defaults(command=_reset, makes=False)
    return parser


def _add_database(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--database", metavar="URL",
        help="sqlite:////PATH or postgresql://…; default: DATABASE_URL, else the lake's file",
    )  # fmt: skip
    place.add_argument("--lake", help="folder with the file; default: RINGLEADER_LAKE, else lake")
    return parser


def _open(arguments: argparse.Namespace) -> Workbench:
    """Open the database that is named; one that is not there is made where ``makes`` says so."""
    url = _url(arguments)
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if file is not None and not arguments.makes and not file.exists():
        raise InputError(
            f"there is no workbench at {file}; start the app once, or name it with --database"
        )
    return Workbench.open(url)


def _url(arguments: argparse.Namespace) -> str:
    given = arguments.database or (None if arguments.lake else os.environ.get("DATABASE_URL"))
    if given:
        return str(given)
    lake = arguments.lake or os.environ.get("RINGLEADER_LAKE") or "lake"
    if is_address(lake):
        raise InputError(
            f"the lake {lake} is on S3, where no database can lie; name the database with "
            "--database or DATABASE_URL"
        )
    return default_url(Path(lake))


def _verify(workbench: Workbench, arguments: argparse.Namespace) -> int:
    _require_tables(workbench)
    verdict = workbench.read(audit.verify, arguments.head)
    print(f"database  {workbench.url}")
    print(f"entries   {verdict.entries}")
    print(f"head      {verdict.head}")
    for problem in verdict.problems:
        print(f"TAMPERED  {problem}")
    if verdict.problems:
        return 1
    print("the chain holds")
    return 0


def _upgrade(workbench: Workbench, arguments: argparse.Namespace) -> int:
    upgrade(workbench)
    print(f"the tables of {workbench.url} are those of this version")
    return 0


def _list(workbench: Workbench, arguments: argparse.Namespace) -> int:
    _require_tables(workbench)
    found = workbench.read(list_people)
    width = max((len(person.login) for person in found), default=5)
    print(f"{'login':<{width}}  role      active  comes in by  last sign-in")
    for one in found:
        last = f"{one.last_login_at:%Y-%m-%d %H:%M} UTC" if one.last_login_at else "never"
        active = "yes" if one.is_active else "no"
        print(f"{one.login:<{width}}  {one.role:<8}  {active:<6}  {one.signs_in_by:<11}  {last}")
    return 0


def _add(workbench: Workbench, arguments: argparse.Namespace) -> int:
    upgrade(workbench)
    password = workbench.write(enlist, _BY, arguments.login, arguments.name, arguments.role)
    _tell(arguments.login, password)
    return 0


def _reset(workbench: Workbench, arguments: argparse.Namespace) -> int:
    _require_tables(workbench)
    _tell(arguments.login, workbench.write(renew_password, _BY, arguments.login))
    return 0


def _tell(login: str, password: str) -> None:
    print(f"{login} signs in with this password once, and then chooses one: {password}")


def _require_tables(workbench: Workbench) -> None:
    if not workbench.read(_has_tables):
        raise InputError(
            f"{workbench.url} has no tables of the workbench; make them with "
            "`python -m engine.workbench upgrade`"
        )


def _has_tables(session: Session) -> bool:
    return inspect(session.connection()).has_table("audit_head")
