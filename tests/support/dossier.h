/*
 * Subjects, accounts, consents and flags put into an exchange's database directly, sealed and
 * indexed under its keys: what a feature test of the inquiry path finds there.
 */
#pragma once

#include "support/exchange.h"
#include "support/person.h"
#include "vault/vault.h"

struct dossier {
    const struct exchange *exchange;
    struct db *db; /* owner */
    struct vault *vault;
    struct arena arena;
    struct ctx ctx;
};

void dossier_open(struct dossier *dossier, const struct exchange *exchange);
void dossier_close(struct dossier *dossier);

/* Id of a member by its code. */
int32_t dossier_member(struct dossier *dossier, const char *code);

/* A subject with its name and resident number as one member gave them. Its id. */
int64_t dossier_subject(struct dossier *dossier, const struct person *person, const char *member);

/* The same subject's name, given by a further member. */
void dossier_name(struct dossier *dossier, int64_t subject_id, const struct person *person,
                  const char *member);

struct dossier_account {
    int64_t subject_id;
    const char *member;
    int32_t last_period;  /* YYYYMM */
    const char *statuses; /* newest first, ' ' for a month without a report */
    int64_t balance;      /* of every month */
    bool is_closed;
};

/* An open (or closed) card with those months. Its id. */
int64_t dossier_account(struct dossier *dossier, const struct dossier_account *account);

/* A consent in force from 20200101 to 20401231, for purposes 2 and 3. consent_id: 37 bytes. */
void dossier_consent(struct dossier *dossier, const struct person *person, const char *member,
                     char consent_id[37]);

/* A listing in force. flag_id: 37 bytes. */
void dossier_flag(struct dossier *dossier, int64_t subject_id, const char *court, char flag_id[37]);

/* Runs a statement as the owner; the number of its first row and column, 0 without rows. */
int64_t dossier_number(struct dossier *dossier, const char *sql);

/* The same; waits half a minute for the number that is expected, and gives the last one. */
int64_t dossier_number_when(struct dossier *dossier, const char *sql, int64_t expected);
