"""The tables of a store. Rows are added and never changed, but for the quorum of a review."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

__all__ = ["HEAD", "METADATA", "approvals", "evidence", "reviews", "sets", "verdicts"]

# The newest step in migrations/versions.
HEAD = "0001"

METADATA = MetaData()

sets = Table(
    "sets", METADATA,
    Column("name", String(200), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("time", String(40), nullable=False),
)  # fmt: skip

evidence = Table(
    "evidence", METADATA,
    Column("key", String(64), primary_key=True),
    Column("document", Text, nullable=False),
)  # fmt: skip

verdicts = Table(
    "verdicts", METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False),
    Column("set_name", String(200), nullable=False),
    Column("feature", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("time", String(40), nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("id", name="verdict_once"),
    Index("verdicts_of_a_set", "set_name", "feature"),
    Index("verdicts_of_a_table", "fingerprint", "feature"),
)  # fmt: skip

approvals = Table(
    "approvals", METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False),
    Column("set_id", String(220), nullable=False),
    Column("time", String(40), nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("id", name="approval_once"),
    Index("approvals_of_a_set", "set_id"),
)  # fmt: skip

reviews = Table(
    "reviews", METADATA,
    Column("set_name", String(200), primary_key=True),
    Column("quorum", Integer, nullable=False),
)  # fmt: skip
