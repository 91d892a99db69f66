"""Questions with a thread: what is said after the first words, who has it at the desk, what stands with it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the lines' table, and the columns."""
    op.create_table(
        "question_lines",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question"],
            ["questions.id"],
            name=op.f("fk_question_lines_question_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_lines")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_question_lines_question"), "question_lines", ["question"])
    op.drop_column("questions", "answer")
    op.add_column("questions", sa.Column("card", sa.LargeBinary(), nullable=True))
    op.add_column("questions", sa.Column("claim", sa.LargeBinary(), nullable=True))
    op.add_column("questions", sa.Column("claimed_until", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_questions_community"), "questions", ["community"])
    op.add_column("drafts", sa.Column("topic", sa.LargeBinary(), nullable=True))
