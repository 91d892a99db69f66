"""Published questions with their answers, the words to find them by, and the coaches' passages."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the index."""
    op.create_table(
        "published",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("signed", sa.String(length=64), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("code", sa.LargeBinary(length=16), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_published_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published")),
        sa.UniqueConstraint("code", name=op.f("uq_published_code")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_published_community"), "published", ["community"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_published "
            "USING fts5(id UNINDEXED, words, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
    else:
        op.execute(
            "CREATE TABLE search_published (id VARCHAR(16) PRIMARY KEY REFERENCES published (id) ON DELETE CASCADE, "
            "words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_published_words ON search_published USING GIN (words)")
        # The endings of English, as FTS5's porter cuts them, and no list of words to leave out: bot/search.py has one.
        op.execute("CREATE TEXT SEARCH DICTIONARY unsent_stem (TEMPLATE = snowball, LANGUAGE = english)")
        op.execute("CREATE TEXT SEARCH CONFIGURATION unsent (COPY = english)")
        op.execute(
            "ALTER TEXT SEARCH CONFIGURATION unsent ALTER MAPPING FOR asciiword, word, asciihword, hword, "
            "hword_asciipart, hword_part WITH unsent_stem"
        )
    op.create_table(
        "snippets",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("passage", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_snippets_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snippets")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_snippets_community"), "snippets", ["community"])
