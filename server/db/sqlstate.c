#include <stdio.h>
#include <string.h>

#include "db/connection.h"

/* What a SQLSTATE, or its class, means to the caller. First match wins. */
struct meaning {
    const char *prefix;
    enum err code;
    const char *reason;
    const char *message;
};

static const struct meaning meanings[] = {
    {"08", ERR_UNAVAILABLE, "DATABASE_LOST", "the database connection was lost"},
    {"57P", ERR_UNAVAILABLE, "DATABASE_LOST", "the database is stopping or starting"},
    {"25006", ERR_UNAVAILABLE, "DATABASE_LOST", "the database became read-only"},
    {"53", ERR_UNAVAILABLE, "DATABASE_FULL", "the database is out of disk, memory or connections"},
    {"58030", ERR_UNAVAILABLE, "DATABASE_FULL", "the database cannot reach its disk"},
    {"22", ERR_INVALID, "DATA_ERROR", "the database refused a value"},
    {"23", ERR_INVALID, "DATA_ERROR", "the database refused a row"},
    {"40001", ERR_ABORTED, "SERIALIZATION", "lost a race with another transaction"},
    {"40P01", ERR_ABORTED, "SERIALIZATION", "lost a race with another transaction"},
    {"55P03", ERR_ABORTED, "SERIALIZATION", "waited too long for a lock"},
    /* A function was replaced under a prepared statement; the next try prepares it again. */
    {"0A000", ERR_ABORTED, "SERIALIZATION", "the plan no longer fits the schema"},
    {"26000", ERR_ABORTED, "SERIALIZATION", "the prepared statement is gone"},
    {"57014", ERR_DEADLINE, "STATEMENT_TIMEOUT", "the statement took too long"},
    {"42501", ERR_INTERNAL, "DATABASE_DENIED", "the role may not do this"},
    {"", ERR_INTERNAL, "DATABASE_ERROR", "the statement failed"},
};

static const struct meaning *meaning_of(const char *sqlstate)
{
    const struct meaning *meaning = meanings;
    while (strncmp(sqlstate, meaning->prefix, strlen(meaning->prefix)) != 0)
        meaning++;
    return meaning;
}

static void remember(struct db *db, const char *sqlstate)
{
    snprintf(db->sqlstate, sizeof(db->sqlstate), "%s", sqlstate);
    if (strcmp(sqlstate, "0A000") == 0 || strcmp(sqlstate, "26000") == 0)
        db->is_stale = true;
}

static const char *field_of(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

/* Scripts and migrations are our own text: there PostgreSQL's words hold no data and help most. */
static bool fail_owner(struct ctx *ctx, const struct meaning *meaning, const PGresult *result,
                       const char *name)
{
    return fail(ctx, meaning->code, meaning->reason, "%s: %s (SQLSTATE %s%s%s%s%s)", name,
                field_of(result, PG_DIAG_MESSAGE_PRIMARY), field_of(result, PG_DIAG_SQLSTATE),
                PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION) ? ", character " : "",
                field_of(result, PG_DIAG_STATEMENT_POSITION),
                PQresultErrorField(result, PG_DIAG_CONTEXT) ? "; " : "",
                field_of(result, PG_DIAG_CONTEXT));
}

bool sqlstate_fail(struct ctx *ctx, struct db *db, const PGresult *result, const char *name)
{
    const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (!sqlstate || PQstatus(db->connection) != CONNECTION_OK) {
        remember(db, sqlstate ? sqlstate : "08006");
        return fail(ctx, ERR_UNAVAILABLE, "DATABASE_LOST", "the database connection was lost");
    }
    remember(db, sqlstate);
    const struct meaning *meaning = meaning_of(sqlstate);
    if (db->role == DB_ROLE_OWNER)
        return fail_owner(ctx, meaning, result, name);
    /* The constraint is a name of ours; PostgreSQL's message may quote a value, so it stays out. */
    const char *constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME);
    return fail(ctx, meaning->code, meaning->reason, "%s (%s, SQLSTATE %s%s%s)", meaning->message,
                name, sqlstate, *constraint ? ", " : "", constraint);
}

bool sqlstate_is_unreplicated(const PGresult *notice)
{
    const char *sqlstate = field_of(notice, PG_DIAG_SQLSTATE);
    if (strcmp(field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED), "WARNING") != 0)
        return false;
    /* RAISE WARNING in a function carries 01000 too, and is told apart by where it was raised. */
    if (strcmp(sqlstate, "01000") == 0)
        return strcmp(field_of(notice, PG_DIAG_SOURCE_FUNCTION), "exec_stmt_raise") != 0;
    return strcmp(sqlstate, "57P01") == 0;
}
