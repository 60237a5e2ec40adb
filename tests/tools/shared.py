"""Programmes of tests with their ledger on a server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psycopg

from tests.tools.postgresql import Server
from tests.tools.programme import SmallProgramme
from xl_addin.model.folder import ARCHIVE, PROGRAMME, SHARED_LEDGER
from xl_addin.store.place import read_pointer, schema_of, write_pointer


def schema_in(made: SmallProgramme) -> str:
    """The schema of a programme's ledger."""
    kept = json.loads((made.folder / ARCHIVE / PROGRAMME).read_bytes())
    return schema_of(kept["programme"])


def drop_schema(made: SmallProgramme, server: Server) -> None:
    """Have a server know nothing of a programme: those of tests are copies."""
    with psycopg.connect(server.url, autocommit=True) as db:
        db.execute(f"DROP SCHEMA IF EXISTS {schema_in(made)} CASCADE")


def share(made: SmallProgramme, server: Server) -> SmallProgramme:
    """Move its ledger to a server, where no test before has left anything."""
    drop_schema(made, server)
    made.run("move-ledger", "", server.url)
    return made


def ask(made: SmallProgramme, server: Server, query: str):
    """The rows of a question of ours to the server."""
    with psycopg.connect(server.url, autocommit=True) as db:
        db.execute(f"SET search_path TO {schema_in(made)}")
        done = db.execute(query)
        return done.fetchall() if done.description else []


def second_office(made: SmallProgramme, folder: Path) -> SmallProgramme:
    """Another master of the same programme: the folder copied, as a colleague would."""
    shutil.copytree(made.folder, folder)
    other = SmallProgramme(folder)
    other.clock = made.clock
    return other


def lead_through(made: SmallProgramme, url: str) -> None:
    """Have a folder's ledger be asked by another way."""
    path = made.folder / SHARED_LEDGER
    write_pointer(path, read_pointer(path)._replace(url=url))
