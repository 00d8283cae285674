"""Visits, as volunteers report them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", Big, nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("contact_id", Big),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_visits_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("code", name=op.f("uq_visits_code")),
    )
    op.create_index("ix_visits_contact_id", "visits", ["contact_id"])
    op.create_index("ix_visits_village", "visits", ["village", "day"])
