"""Learning: what people have learned, how lessons go, and certificates."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "learned",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("box", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("due_on", sa.String(10)),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_learned_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "lesson", name=op.f("pk_learned")),
        comment="What a person has learned: lessons begun and finished, and when a question is asked again (flows/spacing.py).",
    )
    op.create_index(
        "ix_learned_due_on",
        "learned",
        ["contact_id", "due_on"],
        sqlite_where=sa.text("due_on IS NOT NULL"),
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )
    op.create_table(
        "lesson_counts",
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("started", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("finished", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("answers_right", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("answers_wrong", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("lesson", "village", "month", name=op.f("pk_lesson_counts")),
        comment="How lessons go, by village ('' where it is not known) and month: numbers that name nobody.",
    )
    op.create_table(
        "certificates",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("pillar", sa.String(12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_certificates_contact_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_certificates")),
    )
    op.create_index("ix_certificates_contact_id", "certificates", ["contact_id", "pillar"])
