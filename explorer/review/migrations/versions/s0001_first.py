"""The first form: sets, evidence, verdicts, approvals, quorum."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sets",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("time", sa.String(40), nullable=False),
    )
    op.create_table(
        "evidence",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "verdicts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("set_name", sa.String(200), nullable=False),
        sa.Column("feature", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.UniqueConstraint("id", name="verdict_once"),
    )
    op.create_index("verdicts_of_a_set", "verdicts", ["set_name", "feature"])
    op.create_index("verdicts_of_a_table", "verdicts", ["fingerprint", "feature"])
    op.create_table(
        "approvals",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("set_id", sa.String(220), nullable=False),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.UniqueConstraint("id", name="approval_once"),
    )
    op.create_index("approvals_of_a_set", "approvals", ["set_id"])
    op.create_table(
        "reviews",
        sa.Column("set_name", sa.String(200), primary_key=True),
        sa.Column("quorum", sa.Integer, nullable=False),
    )
