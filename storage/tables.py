"""All tables. Constraints carry the invariants; times are UTC; JSON columns hold what the handlers put in.

Personal data stands in: contacts, addresses, conversations, inbound.body, outbox.payload, requests.answers,
request_events.note, reporters, handovers, media, volunteers, visits.answers, visit_events, guide_questions, event_guests,
link_codes. Erasure (storage/erasure.py) goes through just these.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Utc(sa.TypeDecorator[datetime]):
    """An aware UTC time, kept as microseconds since 1970: eight bytes, exact, and sorted alike on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """Refuse naive times: they would be an hour's bug in every report."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        del dialect
        return self.from_stored(value)

    @staticmethod
    def from_stored(value: int | None) -> datetime | None:
        """Read a time as the column keeps it."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite's rowid is only an INTEGER PRIMARY KEY


def _id() -> sa.Column[int]:
    return sa.Column("id", Big, primary_key=True, autoincrement=True)


def _contact(name: str = "contact_id", *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, Big, sa.ForeignKey("contacts.id"), nullable=null)


contacts = sa.Table(
    "contacts",
    metadata,
    _id(),
    sa.Column("language", sa.String(2), nullable=False, server_default="id"),
    sa.Column("name", sa.Text),
    sa.Column("village", sa.String(13)),
    sa.Column("consent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("stopped_at", Utc),
    sa.Column("erased_at", Utc),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("apologies", sa.Integer, nullable=False, server_default="0"),
    sa.Column("javanese_offered", sa.Boolean, nullable=False, server_default=sa.false()),
)

addresses = sa.Table(
    "addresses",
    metadata,
    _id(),
    _contact(),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("last_in_at", Utc),
    sa.Column("refused", sa.Text),
    sa.UniqueConstraint("channel", "address"),
    sa.Index("ix_addresses_contact_id", "contact_id"),
)

consents = sa.Table(
    "consents",
    metadata,
    _id(),
    _contact(),
    sa.Column("text_version", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_consents_contact_id", "contact_id"),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("village", sa.String(13)),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("added_at", Utc, nullable=False),
    sa.CheckConstraint("role IN ('admin', 'officer', 'inspector', 'village')", name="role"),
    sa.CheckConstraint("(role = 'village') = (village IS NOT NULL)", name="village"),
)

volunteers = sa.Table(
    "volunteers",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("skills", sa.Text, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("applied_at", Utc, nullable=False),
    sa.Column("decided_at", Utc),
    _contact("decided_by", null=True),
    sa.CheckConstraint("state IN ('applied', 'active', 'paused', 'declined', 'ended')", name="state"),
    sa.Index("ix_volunteers_state", "state"),
)

volunteer_villages = sa.Table(
    "volunteer_villages",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("volunteers.contact_id"), primary_key=True, autoincrement=False),
    sa.Column("village", sa.String(13), primary_key=True),
    sa.Index("ix_volunteer_villages_village", "village"),
)

visits = sa.Table(
    "visits",
    metadata,
    _id(),
    sa.Column("code", sa.String(12), nullable=False, unique=True),
    _contact(null=True),
    sa.Column("digest", sa.String(32)),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("village", sa.String(13), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("women", sa.Integer),
    sa.Column("flagged", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("state", sa.String(12), nullable=False, server_default="received"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.CheckConstraint("state IN ('received', 'sent_back', 'resubmitted', 'approved')", name="state"),
    sa.UniqueConstraint("contact_id", "digest"),
    sa.Index("ix_visits_contact_id", "contact_id", "day"),
    sa.Index("ix_visits_village", "village", "day", "state"),
    # Covers all that recaps count, so that they need not read the answers: a year of 50,000 visits in 10 ms, not 30.
    sa.Index("ix_visits_day", "day", "state", "kind", "village", "contact_id", "people", "women"),
    sa.Index(
        "ix_visits_to_review",
        "id",
        sqlite_where=sa.text("state IN ('received', 'resubmitted')"),
        postgresql_where=sa.text("state IN ('received', 'resubmitted')"),
    ),
)

visit_events = sa.Table(
    "visit_events",
    metadata,
    _id(),
    sa.Column("visit_id", Big, sa.ForeignKey("visits.id"), nullable=False),
    sa.Column("at", Utc, nullable=False),
    _contact("actor_id", null=True),
    sa.Column("action", sa.String(12), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("answers", sa.Text),
    sa.CheckConstraint("action IN ('send', 'amend', 'photos', 'send_back', 'approve')", name="action"),
    sa.Index("ix_visit_events_visit_id", "visit_id", "id"),
    comment="What happened to a visit, by whom; answers are those of the version that begins with the event.",
)

helps = sa.Table(
    "helps",
    metadata,
    sa.Column("request_id", Big, sa.ForeignKey("requests.id"), primary_key=True, autoincrement=False),
    _contact(null=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("offered_at", Utc, nullable=False),
    sa.Column("taken_at", Utc),
    sa.Column("heard_at", Utc, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint("state IN ('offered', 'taken', 'done', 'closed')", name="state"),
    sa.CheckConstraint("state NOT IN ('taken', 'done') OR contact_id IS NOT NULL", name="taken"),
    sa.Index("ix_helps_contact_id", "contact_id", "state"),
    sa.Index("ix_helps_state", "state", "heard_at"),
    comment="A request that volunteers are asked to help with: one row, so one volunteer has it. round counts the offers.",
)

guides = sa.Table(
    "guides",
    metadata,
    _id(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("media", sa.Text),
    sa.Column("search", sa.Text, nullable=False),
    _contact("author_id", null=True),
    sa.Column("published_at", Utc, nullable=False),
    sa.Column("withdrawn_at", Utc),
    comment="search holds title and body in the spellings that are searched.",
)

guide_readers = sa.Table(
    "guide_readers",
    metadata,
    sa.Column("guide_id", Big, sa.ForeignKey("guides.id"), primary_key=True, autoincrement=False),
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("outbox_id", Big),
    sa.Column("opened_at", Utc),
    sa.Column("confirmed_at", Utc),
    sa.Index("ix_guide_readers_contact_id", "contact_id"),
    comment="To whom a guide was sent: outbox_id tells whether it was delivered and read, opened_at when they asked for it, confirmed_at when they said that they have read it.",
)

guide_questions = sa.Table(
    "guide_questions",
    metadata,
    _id(),
    sa.Column("guide_id", Big, sa.ForeignKey("guides.id"), nullable=False),
    _contact(null=True),
    sa.Column("by_staff", sa.Boolean, nullable=False),
    _contact("author_id", null=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("answered_at", Utc),
    sa.Index("ix_guide_questions_guide_id", "guide_id", "contact_id", "id"),
    comment="The thread of one volunteer (contact_id) about one guide; answered_at is set on their questions alone.",
)

events = sa.Table(
    "events",
    metadata,
    _id(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("about", sa.Text),
    sa.Column("starts_at", Utc, nullable=False),
    sa.Column("code", sa.String(8), nullable=False, unique=True),
    sa.Column("material", sa.Text),
    sa.Column("media", sa.Text),
    sa.Column("state", sa.String(12), nullable=False),
    _contact("author_id", null=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.CheckConstraint("state IN ('announced', 'cancelled')", name="state"),
    sa.Index("ix_events_starts_at", "starts_at"),
)

event_guests = sa.Table(
    "event_guests",
    metadata,
    sa.Column("event_id", Big, sa.ForeignKey("events.id"), primary_key=True, autoincrement=False),
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("answer", sa.String(12)),
    sa.Column("answered_at", Utc),
    sa.Column("attended_at", Utc),
    sa.Column("wrong_codes", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("answer IN ('coming', 'maybe', 'not_coming')", name="answer"),
    sa.Index("ix_event_guests_contact_id", "contact_id"),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("code", sa.String(12), primary_key=True),
    sa.Column("village", sa.String(13)),
    _contact("inviter_id", null=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
    sa.Column("uses_left", sa.Integer, nullable=False),
    comment="Codes by which staff invite people to apply as volunteers.",
)

link_codes = sa.Table(
    "link_codes",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(12), nullable=False, unique=True),
    sa.Column("expires_at", Utc, nullable=False),
    comment="A short code that joins another channel's address to this contact; typed there.",
)

mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("topic", sa.String(16), primary_key=True),
    sa.Column("at", Utc, nullable=False),
)

reminded = sa.Table(
    "reminded",
    metadata,
    sa.Column("rule", sa.String(20), primary_key=True),
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("subject", Big, primary_key=True, autoincrement=False),
    sa.Column("fence", Big, primary_key=True, autoincrement=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_reminded_at", "at"),
    sa.Index("ix_reminded_contact_id", "contact_id"),
    comment="What a person was reminded of: rule, subject and the state of it (fence); the key lets each go out once.",
)

learned = sa.Table(
    "learned",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("lesson", sa.String(40), primary_key=True),
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("finished_at", Utc),
    sa.Column("box", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("due_on", sa.String(10)),
    sa.Index(
        "ix_learned_due_on",
        "contact_id",
        "due_on",
        sqlite_where=sa.text("due_on IS NOT NULL"),
        postgresql_where=sa.text("due_on IS NOT NULL"),
    ),
    comment="What a person has learned: lessons begun and finished, and when a question is asked again (flows/spacing.py).",
)

lesson_counts = sa.Table(
    "lesson_counts",
    metadata,
    sa.Column("lesson", sa.String(40), primary_key=True),
    sa.Column("village", sa.String(13), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("started", sa.Integer, nullable=False, server_default="0"),
    sa.Column("finished", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answers_right", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answers_wrong", sa.Integer, nullable=False, server_default="0"),
    comment="How lessons go, by village ('' where it is not known) and month: numbers that name nobody.",
)

suspicion_counts = sa.Table(
    "suspicion_counts",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("sign", sa.String(20), primary_key=True),
    sa.Column("village", sa.String(13), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    comment="Messages people had checked for signs of fraud, by day and village ('' where it is not known): each counts once for every sign in it, or for 'none', and once for '', all of them. Numbers that name nobody.",
)

certificates = sa.Table(
    "certificates",
    metadata,
    sa.Column("code", sa.String(12), primary_key=True),
    _contact(),
    sa.Column("pillar", sa.String(12), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_certificates_contact_id", "contact_id", "pillar"),
)

tips = sa.Table(
    "tips",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("lesson", sa.String(40), primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sqlite_with_rowid=False,
    comment="Which lessons were sent to whom as tips: each goes to a person once.",
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("period", sa.String(4), nullable=False),
    sa.Column("weekday", sa.SmallInteger, nullable=False),
    sa.Column("minute", sa.SmallInteger, nullable=False),
    sa.Column("pillar", sa.String(12), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("next_at", Utc),
    sa.Column("last_at", Utc),
    sa.Column("silent", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("window_told", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("changed_at", Utc, nullable=False),
    sa.CheckConstraint("period IN ('day', 'week')", name="period"),
    sa.CheckConstraint("state IN ('on', 'paused', 'asked', 'held')", name="state"),
    sa.CheckConstraint("(state = 'on') = (next_at IS NOT NULL)", name="next"),
    sa.Index(
        "ix_subscriptions_next_at",
        "next_at",
        "contact_id",
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_subscriptions_held",
        "contact_id",
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    ),
    comment="Who gets tips, and when: minute is the local one of the day, weekday 0 is Monday, last_at when the last tip left.",
)

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    _id(),
    sa.Column("key", sa.String(60), unique=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("text_id", sa.Text),
    sa.Column("text_jv", sa.Text),
    sa.Column("media", sa.String(20)),
    sa.Column("file_name", sa.Text),
    sa.Column("buttons", sa.Text, nullable=False, server_default="[]"),
    sa.Column("audience", sa.Text, nullable=False, server_default="{}"),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("recurrence", sa.Text),
    sa.Column("if_missed", sa.String(8), nullable=False, server_default="once_now"),
    sa.Column("parent_id", Big, sa.ForeignKey("broadcasts.id")),
    _contact("author_id", null=True),
    _contact("approver_id", null=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("start_at", Utc),
    sa.Column("started_at", Utc),
    sa.Column("ended_at", Utc),
    sa.Column("filled_to", Big, nullable=False, server_default="0"),
    sa.Column("fill_until", Big, nullable=False, server_default="0"),
    sa.Column("stopped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reason", sa.Text),
    sa.Column("sweep", sa.String(8)),
    sa.Column("swept_to", Big, nullable=False, server_default="0"),
    sa.Column("watched", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("figures", sa.Text),
    sa.Column("counted_at", Utc),
    sa.Column("progress_outbox_id", Big),
    sa.CheckConstraint("kind IN ('system', 'service', 'news', 'event', 'warning', 'tip')", name="kind"),
    sa.CheckConstraint(
        "state IN ('waiting', 'declined', 'scheduled', 'running', 'paused', 'done', 'cancelled')", name="state"
    ),
    sa.CheckConstraint("if_missed IN ('once_now', 'skip')", name="if_missed"),
    sa.CheckConstraint("sweep IN ('cancel', 'failed', 'unknown')", name="sweep"),
    sa.CheckConstraint("text_id IS NOT NULL OR text_jv IS NOT NULL", name="text"),
    sa.Index(
        "ix_broadcasts_open",
        "state",
        "start_at",
        sqlite_where=sa.text("state IN ('scheduled', 'running')"),
        postgresql_where=sa.text("state IN ('scheduled', 'running')"),
    ),
    sa.Index("ix_broadcasts_created_at", "created_at"),
    sa.Index("ix_broadcasts_started_at", "started_at"),
    sa.Index(
        "ix_broadcasts_sweep",
        "sweep",
        sqlite_where=sa.text("sweep IS NOT NULL"),
        postgresql_where=sa.text("sweep IS NOT NULL"),
    ),
    sa.Index("ix_broadcasts_watched", "id", sqlite_where=sa.text("watched"), postgresql_where=sa.text("watched")),
    comment="One message to many. Its audience was added to deliveries for contacts up to filled_to; fill_until is the last.",
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    # Numbers without foreign keys: a million rows are added in one go, and looking each up costs a third more.
    sa.Column("broadcast_id", Big, primary_key=True, autoincrement=False),
    sa.Column("contact_id", Big, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(12)),
    sa.Column("address_id", Big),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("due_at", Utc),
    sa.Column("lease_until", Utc),
    sa.Column("at", Utc, nullable=False),
    sa.Column("vendor_id", sa.Text),
    # Not IN: for that SQLite makes a table of the eight words at each row, a third of what adding a row costs.
    sa.CheckConstraint(
        "state = 'queued' OR state = 'claimed' OR state = 'sent' OR state = 'delivered' OR state = 'read'"
        " OR state = 'failed' OR state = 'skipped' OR state = 'unknown'",
        name="state",
    ),
    sa.Index(
        "ix_deliveries_waiting",
        "channel",
        "broadcast_id",
        "contact_id",
        sqlite_where=sa.text("state IN ('queued', 'claimed')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed')"),
    ),
    sa.Index(
        "ix_deliveries_vendor_id",
        "channel",
        "vendor_id",
        sqlite_where=sa.text("vendor_id IS NOT NULL"),
        postgresql_where=sa.text("vendor_id IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
    comment="One recipient of one broadcast: the key lets nobody get two. at is when it came into its state; of what is delivered or read, when it was sent.",
)

template_uses = sa.Table(
    "template_uses",
    metadata,
    sa.Column("channel", sa.String(12), primary_key=True),
    sa.Column("at", Utc, primary_key=True),
    sa.Column("contact_id", Big, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="Whom we wrote to first, outside their window: the vendor counts them over a day (handlers/beats.py).",
)

audiences = sa.Table(
    "audiences",
    metadata,
    _id(),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("filters", sa.Text, nullable=False),
    _contact("author_id", null=True),
    sa.Column("created_at", Utc, nullable=False),
)

conversations = sa.Table(
    "conversations",
    metadata,
    _id(),
    _contact(),
    sa.Column("flow", sa.String(48), nullable=False),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("journal", sa.Text, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("parked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Index(
        "ux_conversations_open",
        "contact_id",
        unique=True,
        sqlite_where=sa.text("NOT parked"),
        postgresql_where=sa.text("NOT parked"),
    ),
    sa.Index("ix_conversations_updated_at", "updated_at"),
    sa.Index("ix_conversations_contact_id", "contact_id"),
)

contents = sa.Table(
    "contents",
    metadata,
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("flow", sa.String(48), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)

inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("channel", sa.String(12), primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("contact_id", Big),
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("body", sa.Text),
    sa.Index("ix_inbound_received_at", "received_at"),
    sa.Index(
        "ix_inbound_contact_id",
        "contact_id",
        "received_at",
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    _contact(),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("lane", sa.SmallInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("payload", sa.Text),
    sa.Column("about_id", Big),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("lease_until", Utc),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_at", Utc),
    sa.Column("vendor_id", sa.Text),
    sa.Column("reason", sa.Text),
    sa.CheckConstraint(
        "state IN ('queued', 'claimed', 'sent', 'delivered', 'read', 'failed', 'skipped', 'unknown')", name="state"
    ),
    sa.Index(
        "ix_outbox_waiting",
        "channel",
        "lane",
        "due_at",
        "id",
        sqlite_where=sa.text("state IN ('queued', 'claimed')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed')"),
    ),
    sa.Index(
        "ix_outbox_vendor_id",
        "channel",
        "vendor_id",
        sqlite_where=sa.text("vendor_id IS NOT NULL"),
        postgresql_where=sa.text("vendor_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbox_about_id",
        "about_id",
        sqlite_where=sa.text("about_id IS NOT NULL"),
        postgresql_where=sa.text("about_id IS NOT NULL"),
    ),
    sa.Index("ix_outbox_contact_id", "contact_id", "id"),
)

requests = sa.Table(
    "requests",
    metadata,
    _id(),
    sa.Column("code", sa.String(12), nullable=False, unique=True),
    _contact(null=True),
    sa.Column("service", sa.String(40), nullable=False),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("village", sa.String(13), nullable=False),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("anonymous", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
    _contact("assignee_id", null=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.CheckConstraint(
        "state IN ('received', 'checked', 'needs_more', 'in_progress', 'ready', 'done', 'declined')", name="state"
    ),
    sa.CheckConstraint("NOT anonymous OR contact_id IS NULL", name="anonymous"),
    sa.Index("ix_requests_contact_id", "contact_id"),
    sa.Index("ix_requests_state", "state", "created_at"),
)

reporters = sa.Table(
    "reporters",
    metadata,
    sa.Column("request_id", Big, sa.ForeignKey("requests.id"), primary_key=True, autoincrement=False),
    _contact(),
    sa.Index("ix_reporters_contact_id", "contact_id"),
    comment="Who sent an anonymous complaint: read only to deliver the answer, never shown.",
)

request_events = sa.Table(
    "request_events",
    metadata,
    _id(),
    sa.Column("request_id", Big, sa.ForeignKey("requests.id"), nullable=False),
    sa.Column("at", Utc, nullable=False),
    _contact("actor_id", null=True),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("media", sa.Text),
    sa.Index("ix_request_events_request_id", "request_id", "id"),
)

handovers = sa.Table(
    "handovers",
    metadata,
    _id(),
    _contact(),
    _contact("officer_id", null=True),
    sa.Column("about", sa.Text),
    sa.Column("opened_at", Utc, nullable=False),
    sa.Column("taken_at", Utc),
    sa.Column("closed_at", Utc),
    sa.Index(
        "ux_handovers_open",
        "contact_id",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
    sa.Index(
        "ux_handovers_officer",
        "officer_id",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND officer_id IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND officer_id IS NOT NULL"),
    ),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    _contact(),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("vendor_ref", sa.Text),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("mime", sa.String(80), nullable=False),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'stored', 'refused')", name="state"),
    sa.Index(
        "ix_media_waiting",
        "channel",
        "due_at",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index("ix_media_contact_id", "contact_id"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    sa.Column("at", Utc, nullable=False),
    _contact("actor_id", null=True),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(40), nullable=False),
    sa.Column("allowed", sa.Boolean, nullable=False),
    sa.Index("ix_audit_at", "at"),
)

marks = sa.Table(
    "marks",
    metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    comment="Small durable marks of the process: a poller's offset, ids of vendor templates.",
)
