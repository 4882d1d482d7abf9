"""Bring a store to the present form, with a copy of the former one beside it."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, inspect, select, text

from explorer.core.errors import StoreError
from explorer.core.folders import data_folder
from explorer.review.tables import HEAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from explorer.review.database import Database

__all__ = ["migrate"]

logger = logging.getLogger(__name__)

_LOCK = 7_368_901  # any number of ours: two servers that start at once take turns


def migrate(database: Database) -> None:
    """Make or renew the tables of a store; a former form is copied first, and the copy is kept.

    Raises
    ------
    StoreError
        A store of a newer version, another program's database, or a copy that cannot be written:
        nothing has changed then.
    """
    if database.read(_form) == HEAD:
        return

    def renew(connection: Connection) -> None:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        form = _form(connection)  # another process may have been first
        if form == HEAD:
            return
        _check(database, connection, form)
        if form is not None:
            _copy(database, connection, form)
        _upgrade(connection)

    database.write(renew)


def _form(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _check(database: Database, connection: Connection, form: str | None) -> None:
    from alembic.script import ScriptDirectory

    forms = {revision.revision for revision in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if form is not None and form not in forms:
        raise StoreError(
            f"the store {database.name} was made by a newer Explorer "
            f"(form {form}, this one knows {HEAD}): update, or "
            "name another with --store"
        )
    if form is None and (others := inspect(connection).get_table_names()):
        clash = {"sets", "evidence", "verdicts", "approvals", "reviews"}.intersection(others)
        if clash:
            raise StoreError(
                f"{database.name} has tables of another program ({', '.join(sorted(clash))}): "
                "name another with --store"
            )


def _copy(database: Database, connection: Connection, form: str) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    file = database.file
    folder = file.parent if file is not None else data_folder() / "copies"
    name = file.name if file is not None else f"{database.url.host}-{database.url.database}.json"
    target = folder / f"{name}.form-{form}.{stamp}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file is not None:
            # a second connection reads what was last committed
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        else:
            target.write_text(json.dumps(_rows(connection), default=str), encoding="utf-8")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"the store {database.name} is to be renewed, "
            f"but its copy {target} cannot be written: {error}"
        ) from error
    logger.warning("the store %s is renewed; a copy of the former one is %s", database.name, target)


def _rows(connection: Connection) -> dict[str, list[dict[str, object]]]:
    present = MetaData()
    present.reflect(connection)
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(table))]
        for table in present.sorted_tables
    }


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


_FOLDER = Path(__file__).parent / "migrations"
