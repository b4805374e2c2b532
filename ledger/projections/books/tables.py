"""The tables of the books: derived from the log, and made anew when this page changes.

Amounts that are summed stand in two columns, whole units and the rest, so that no sum can
overflow; those that are only shown stand as exact decimals. Every row that a subject's fold made
carries the subject's number, and goes when the subject is folded anew. Here persons stand in clear:
books remember who had been erased when they were made, and with the next one they are wiped.
"""

from typing import Final

VERSION: Final = 7
"""Raised with every change of a table or of a fold: books of another version are made anew."""

TABLES: Final = (
    "CREATE TABLE checkpoint (ledger_id TEXT NOT NULL, version INTEGER NOT NULL,"
    " position INTEGER NOT NULL, recorded_at INTEGER, root BLOB NOT NULL, erased BLOB NOT NULL)",
    # The last event of a history that is not the ledger's, of which books were that were wiped
    "CREATE TABLE discarded (position INTEGER NOT NULL, recorded_at INTEGER)",
    "CREATE TABLE terms (position INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL,"
    " stream TEXT NOT NULL, stream_version INTEGER NOT NULL, topic TEXT NOT NULL,"
    " state BLOB NOT NULL)",
    "CREATE TABLE reversals (position INTEGER PRIMARY KEY, by_position INTEGER NOT NULL)",
    "CREATE TABLE subjects (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE subject_events (subject INTEGER NOT NULL, position INTEGER NOT NULL,"
    " PRIMARY KEY (subject, position)) WITHOUT ROWID",
    # Every subject of which an event names a package, be that event reversed or superseded
    "CREATE TABLE mentions (subject INTEGER NOT NULL, package TEXT NOT NULL,"
    " PRIMARY KEY (subject, package)) WITHOUT ROWID",
    "CREATE INDEX mentions_by_package ON mentions (package, subject)",
    "CREATE TABLE postings (subject INTEGER NOT NULL, effective_at INTEGER NOT NULL,"
    " turn INTEGER NOT NULL, entry INTEGER NOT NULL, position INTEGER NOT NULL,"
    " package TEXT NOT NULL,"
    " entitlement TEXT NOT NULL, measure TEXT NOT NULL, workspace TEXT, whole INTEGER NOT NULL,"
    " fraction INTEGER NOT NULL)",
    "CREATE INDEX postings_by_place ON postings (package, entitlement, measure, effective_at,"
    " turn, entry, position, workspace, whole, fraction)",
    "CREATE INDEX postings_by_subject ON postings (subject)",
    "CREATE TABLE placed (subject INTEGER NOT NULL, effective_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, package TEXT,"
    " entitlement TEXT, workspace TEXT, opening_contract TEXT, opening_workspace TEXT)",
    "CREATE INDEX placed_by_place ON placed (kind, package, entitlement)",
    "CREATE INDEX placed_by_subject ON placed (subject)",
    "CREATE TABLE case_kinds (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " contract TEXT, package TEXT, entitlement TEXT, workspace TEXT, service_code TEXT,"
    " support_type TEXT NOT NULL, status TEXT NOT NULL)",
    "CREATE TABLE cases (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, case_id TEXT NOT NULL, kind INTEGER NOT NULL, severity TEXT,"
    " product TEXT, title TEXT NOT NULL, primary_contact TEXT, opening_contact TEXT,"
    " opening_contract TEXT, opening_workspace TEXT NOT NULL, opened_at INTEGER NOT NULL,"
    " closed_at INTEGER, source_status TEXT)",
    "CREATE INDEX cases_by_time ON cases (until, from_at, kind, opened_at)",
    "CREATE INDEX cases_by_subject ON cases (subject)",
    "CREATE TABLE labour (subject INTEGER NOT NULL, entry INTEGER NOT NULL,"
    " from_at INTEGER NOT NULL, minutes INTEGER NOT NULL, PRIMARY KEY (subject, entry))"
    " WITHOUT ROWID",
    "CREATE TABLE shares (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, case_id TEXT NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL)",
    "CREATE INDEX shares_by_who ON shares (kind, who)",
    "CREATE INDEX shares_by_subject ON shares (subject)",
    "CREATE TABLE presences (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, place TEXT NOT NULL, who TEXT NOT NULL, workspace TEXT NOT NULL)",
    "CREATE INDEX presences_by_place ON presences (place)",
    "CREATE INDEX presences_by_who ON presences (who)",
    "CREATE INDEX presences_by_subject ON presences (subject)",
    "CREATE TABLE engagements (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, zone_package TEXT, zone_workspace TEXT, engagement TEXT NOT NULL,"
    " kind TEXT NOT NULL, title TEXT, workspace TEXT, package TEXT, entitlement TEXT,"
    " state TEXT NOT NULL, scheduled TEXT, scheduled_at INTEGER, starts_at INTEGER,"
    " ends_at INTEGER, mode TEXT, delivered_at INTEGER, cancelled_at INTEGER,"
    " charge TEXT NOT NULL, reason TEXT, moved INTEGER NOT NULL)",
    "CREATE INDEX engagements_by_time ON engagements (until, from_at)",
    "CREATE INDEX engagements_by_subject ON engagements (subject)",
    # What engagements did of which the terms say how much it comes to: they have no postings
    "CREATE TABLE engagement_steps (subject INTEGER NOT NULL, effective_at INTEGER NOT NULL,"
    " position INTEGER NOT NULL, package TEXT, entitlement TEXT, workspace TEXT,"
    " kind TEXT NOT NULL, quantity TEXT, hours TEXT NOT NULL, final INTEGER NOT NULL)",
    "CREATE INDEX engagement_steps_by_place ON engagement_steps (package, entitlement, subject)",
    "CREATE INDEX engagement_steps_by_subject ON engagement_steps (subject)",
    "CREATE TABLE courses (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, zone_package TEXT, zone_workspace TEXT NOT NULL,"
    " learner TEXT NOT NULL, item TEXT NOT NULL, title TEXT, item_type TEXT, product TEXT,"
    " level TEXT, language TEXT, workspace TEXT NOT NULL, package TEXT, entitlement TEXT,"
    " started_at INTEGER, last_activity_at INTEGER NOT NULL, completed_at INTEGER,"
    " attempts INTEGER NOT NULL, score TEXT)",
    "CREATE INDEX courses_by_time ON courses (until, from_at)",
    "CREATE INDEX courses_by_subject ON courses (subject)",
    "CREATE TABLE contacts (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, zone_package TEXT NOT NULL, zone_workspace TEXT NOT NULL,"
    " contact TEXT NOT NULL, name TEXT, email TEXT, workspace TEXT NOT NULL,"
    " package TEXT NOT NULL, entitlement TEXT NOT NULL, since INTEGER NOT NULL)",
    "CREATE INDEX contacts_by_time ON contacts (until, from_at)",
    "CREATE INDEX contacts_by_subject ON contacts (subject)",
    "CREATE TABLE assessments (subject INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, zone_package TEXT, zone_workspace TEXT NOT NULL,"
    " technology TEXT NOT NULL, environment TEXT NOT NULL, workspace TEXT NOT NULL, package TEXT,"
    " entitlement TEXT, state TEXT NOT NULL, configured_at INTEGER, last_run_at INTEGER,"
    " runs INTEGER NOT NULL, quality_index TEXT, findings INTEGER)",
    "CREATE INDEX assessments_by_time ON assessments (until, from_at)",
    "CREATE INDEX assessments_by_subject ON assessments (subject)",
)

DERIVED: Final = {
    "postings": 11,
    "placed": 10,
    "cases": 15,
    "labour": 4,
    "shares": 6,
    "presences": 6,
    "engagements": 22,
    "engagement_steps": 10,
    "courses": 20,
    "contacts": 12,
    "assessments": 16,
}
"""The tables that folds fill, with the number of their columns."""
