"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", Big, nullable=False),
        sa.Column("language", sa.String(2), server_default="id", nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("village", sa.String(13)),
        sa.Column("consent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.Column("erased_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("apologies", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_table(
        "addresses",
        sa.Column("id", Big, nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("last_in_at", sa.BigInteger()),
        sa.Column("refused", sa.Text()),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_addresses_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_addresses_channel")),
    )
    op.create_index("ix_addresses_contact_id", "addresses", ["contact_id"])
    op.create_table(
        "consents",
        sa.Column("id", Big, nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("text_version", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_consents_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_contact_id", "consents", ["contact_id"])
    op.create_table(
        "staff",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("village", sa.String(13)),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(role = 'village') = (village IS NOT NULL)", name=op.f("ck_staff_village")),
        sa.CheckConstraint("role IN ('admin', 'officer', 'inspector', 'village')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_staff_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_staff")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", Big, nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("flow", sa.String(48), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_conversations_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    op.create_index("ix_conversations_contact_id", "conversations", ["contact_id"])
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
    op.create_index("ux_conversations_open", "conversations", ["contact_id"], unique=True, **_where("NOT parked"))
    op.create_table(
        "contents",
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("flow", sa.String(48), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_contents")),
    )
    op.create_table(
        "inbound",
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("contact_id", Big),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.PrimaryKeyConstraint("channel", "message_id", name=op.f("pk_inbound")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_inbound_contact_id", "inbound", ["contact_id", "received_at"], **_where("body IS NOT NULL"))
    op.create_index("ix_inbound_received_at", "inbound", ["received_at"])
    op.create_table(
        "outbox",
        sa.Column("id", Big, nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("payload", sa.Text()),
        sa.Column("about_id", Big),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("vendor_id", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'sent', 'delivered', 'read', 'failed', 'skipped', 'unknown')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_outbox_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_about_id", "outbox", ["about_id"], **_where("about_id IS NOT NULL"))
    op.create_index("ix_outbox_contact_id", "outbox", ["contact_id", "id"])
    op.create_index("ix_outbox_vendor_id", "outbox", ["channel", "vendor_id"], **_where("vendor_id IS NOT NULL"))
    op.create_index(
        "ix_outbox_waiting", "outbox", ["channel", "lane", "due_at", "id"], **_where("state IN ('queued', 'claimed')")
    )
    op.create_table(
        "requests",
        sa.Column("id", Big, nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("contact_id", Big),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("assignee_id", Big),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'checked', 'needs_more', 'in_progress', 'ready', 'done', 'declined')",
            name=op.f("ck_requests_state"),
        ),
        sa.CheckConstraint("NOT anonymous OR contact_id IS NULL", name=op.f("ck_requests_anonymous")),
        sa.ForeignKeyConstraint(["assignee_id"], ["contacts.id"], name=op.f("fk_requests_assignee_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_requests_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("code", name=op.f("uq_requests_code")),
    )
    op.create_index("ix_requests_contact_id", "requests", ["contact_id"])
    op.create_index("ix_requests_state", "requests", ["state", "created_at"])
    op.create_table(
        "reporters",
        sa.Column("request_id", Big, autoincrement=False, nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_reporters_contact_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_reporters_request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_reporters")),
        comment="Who sent an anonymous complaint: read only to deliver the answer, never shown.",
    )
    op.create_index("ix_reporters_contact_id", "reporters", ["contact_id"])
    op.create_table(
        "request_events",
        sa.Column("id", Big, nullable=False),
        sa.Column("request_id", Big, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", Big),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("media", sa.Text()),
        sa.ForeignKeyConstraint(["actor_id"], ["contacts.id"], name=op.f("fk_request_events_actor_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_events_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_events")),
    )
    op.create_index("ix_request_events_request_id", "request_events", ["request_id", "id"])
    op.create_table(
        "handovers",
        sa.Column("id", Big, nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("officer_id", Big),
        sa.Column("about", sa.Text()),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_handovers_contact_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["contacts.id"], name=op.f("fk_handovers_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(
        "ux_handovers_officer",
        "handovers",
        ["officer_id"],
        unique=True,
        **_where("closed_at IS NULL AND officer_id IS NOT NULL"),
    )
    op.create_index("ux_handovers_open", "handovers", ["contact_id"], unique=True, **_where("closed_at IS NULL"))
    op.create_table(
        "media",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("contact_id", Big, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("vendor_ref", sa.Text()),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("mime", sa.String(80), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'stored', 'refused')", name=op.f("ck_media_state")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_media_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index("ix_media_contact_id", "media", ["contact_id"])
    op.create_index("ix_media_waiting", "media", ["channel", "due_at"], **_where("state = 'waiting'"))
    op.create_table(
        "audit",
        sa.Column("id", Big, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", Big),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["contacts.id"], name=op.f("fk_audit_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "marks",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
        comment="Small durable marks of the process: a poller's offset, ids of vendor templates.",
    )


def _where(condition: str) -> dict[str, Any]:
    """Make an index partial, on either database."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
