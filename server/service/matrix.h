/*
 * The authorisation matrix: which role may call what, in which state, why, about which data, and
 * with which functions of the database.
 *
 * Source of the method tables: METHOD(GetReport) fills in the columns that batch/ enforces. The
 * functions of sql/api decide states, purposes and data classes once more, element by element.
 * tests/lint/matrix compares the functions with sql/grant.sql; tests/feature/matrix_test.c tries
 * every cell over the wire and compares the catalogue of the database. Nothing else says who may.
 */
#pragma once

#include "batch/batch.h"

/* Roles: any of these. */
enum {
    TO_ALL = 0,
    TO_LENDERS = MEMBER_ROLE_LENDER,
    TO_COURTS = MEMBER_ROLE_COURT,
    TO_CONTRIBUTORS = MEMBER_ROLE_CONTRIBUTOR | MEMBER_ROLE_COURT,
    TO_REGULATOR = MEMBER_ROLE_REGULATOR,
    TO_REGULATORS = MEMBER_ROLE_REGULATOR | MEMBER_ROLE_ASSOCIATION,
    TO_WATCHED = MEMBER_ROLE_CONTRIBUTOR | TO_REGULATOR,
    TO_MEASURED = TO_CONTRIBUTORS | TO_REGULATORS,
};

/*
 * States of the member; whoever is not even admitted has no connection. On a test exchange TESTING
 * counts as ACTIVE (sql/api/member.sql, member_serves).
 */
enum {
    IF_ACTIVE = 1 << MEMBER_STATE_ACTIVE,
    IF_CONTRIBUTING = IF_ACTIVE | 1 << MEMBER_STATE_RESTRICTED,
    IF_ADMITTED = IF_CONTRIBUTING | 1 << MEMBER_STATE_TESTING,
};

/* What a purpose must be good for, and what it then needs of the subject. */
enum { FOR_NOTHING = 0, FOR_REPORT = 1, FOR_FLAG = 2 };
enum { ON_NOTHING = 0, ON_CONSENT = 1, ON_ACCOUNT = 2 };

/*
 * One line an RPC: name, roles, states, audit event and its permanent number, pool (its database
 * role: worker.c), purposes, data classes (every one of these), functions that it may call.
 */
/* clang-format off */
#define MATRIX_GetMember       "GetMember",       TO_ALL,          IF_ADMITTED,     "MEMBER_READ",       1,  POOL_DIRECT,   FOR_NOTHING, 0, ""
#define MATRIX_ListMembers     "ListMembers",     TO_ALL,          IF_ADMITTED,     "MEMBER_LIST",       2,  POOL_DIRECT,   FOR_NOTHING, 0, ""
#define MATRIX_ListCodes       "ListCodes",       TO_ALL,          IF_ADMITTED,     "CODE_LIST",         3,  POOL_DIRECT,   FOR_NOTHING, 0, ""
#define MATRIX_AttestConformance "AttestConformance", TO_ALL,      IF_ADMITTED,     "CONFORMANCE_ATTEST", 4, POOL_SUBMIT,   FOR_NOTHING, 0, "submission_read submission_verdicts"
#define MATRIX_GetReport       "GetReport",       TO_LENDERS,      IF_ACTIVE,       "REPORT_READ",       10, POOL_REPORT,   FOR_REPORT,  DATA_CLASS_BASIC | DATA_CLASS_CREDIT, "report_ask report_read"
#define MATRIX_BatchGetReports "BatchGetReports", TO_LENDERS,      IF_ACTIVE,       "REPORT_BATCH_READ", 11, POOL_REPORT,   FOR_REPORT,  DATA_CLASS_BASIC | DATA_CLASS_CREDIT, "report_ask report_read"
#define MATRIX_GetRating       "GetRating",       TO_LENDERS,      IF_ACTIVE,       "RATING_READ",       12, POOL_REPORT,   FOR_REPORT,  DATA_CLASS_BASIC | DATA_CLASS_CREDIT | DATA_CLASS_RATING, "report_ask rating_read"
#define MATRIX_BatchGetRatings "BatchGetRatings", TO_LENDERS,      IF_ACTIVE,       "RATING_BATCH_READ", 13, POOL_REPORT,   FOR_REPORT,  DATA_CLASS_BASIC | DATA_CLASS_CREDIT | DATA_CLASS_RATING, "report_ask rating_read"
#define MATRIX_ListRatings     "ListRatings",     TO_LENDERS,      IF_ACTIVE,       "RATING_LIST",       14, POOL_REPORT,   FOR_REPORT,  DATA_CLASS_BASIC | DATA_CLASS_CREDIT | DATA_CLASS_RATING, "report_ask rating_history"
#define MATRIX_CheckFlag       "CheckFlag",       TO_LENDERS,      IF_ACTIVE,       "FLAG_CHECK",        20, POOL_FLAG,     FOR_FLAG,    DATA_CLASS_DISHONEST, "flag_ask flag_read flag_gaps"
#define MATRIX_BatchCheckFlags "BatchCheckFlags", TO_LENDERS,      IF_ACTIVE,       "FLAG_BATCH_CHECK",  21, POOL_FLAG,     FOR_FLAG,    DATA_CLASS_DISHONEST, "flag_ask flag_read flag_gaps"
#define MATRIX_RemoveFlag      "RemoveFlag",      TO_COURTS,       IF_ACTIVE,       "FLAG_REMOVE",       22, POOL_SUBMIT,   FOR_NOTHING, 0, "flag_remove"
#define MATRIX_Submit          "Submit",          TO_CONTRIBUTORS, IF_CONTRIBUTING, "SUBMISSION_WRITE",  30, POOL_SUBMIT,   FOR_NOTHING, 0, "submission_open submission_chunk_open submission_chunk_close submission_chunk_apply submission_commit_open submission_commit submission_hold submission_read submission_verdicts conflict_names conflict_put dealer_hold consent_put subject_put account_rekey account_put performance_put flag_put flag_receive fact_put correction_put performance_delete account_delete subject_delete flag_delete"
#define MATRIX_GetSubmission   "GetSubmission",   TO_CONTRIBUTORS, IF_ADMITTED,     "SUBMISSION_READ",   31, POOL_SUBMIT,   FOR_NOTHING, 0, "submission_read submission_verdicts"
#define MATRIX_ListQuarantine  "ListQuarantine",  TO_CONTRIBUTORS, IF_ADMITTED,     "QUARANTINE_LIST",   32, POOL_SUBMIT,   FOR_NOTHING, 0, "quarantine_list quarantine_read submission_verdicts"
#define MATRIX_ReviewQuarantine "ReviewQuarantine", TO_CONTRIBUTORS, IF_CONTRIBUTING, "QUARANTINE_REVIEW", 33, POOL_SUBMIT, FOR_NOTHING, 0, "quarantine_read quarantine_review submission_open submission_chunk_open submission_chunk_close submission_commit_open submission_commit submission_verdicts dealer_hold consent_put subject_put account_rekey account_put performance_put flag_put flag_receive fact_put conflict_names conflict_put"
#define MATRIX_PlatformExposure "PlatformExposure", TO_LENDERS,    IF_ACTIVE,       "EXPOSURE_READ",     41, POOL_REPORT,   FOR_REPORT,  DATA_CLASS_BASIC | DATA_CLASS_CREDIT, "report_ask exposure_read"
#define MATRIX_AddAnnotation   "AddAnnotation",   TO_CONTRIBUTORS, IF_CONTRIBUTING, "ANNOTATION_ADD",    50, POOL_SUBMIT,   FOR_NOTHING, 0, "annotation_put"
#define MATRIX_EndAnnotation   "EndAnnotation",   TO_CONTRIBUTORS, IF_CONTRIBUTING, "ANNOTATION_END",    51, POOL_SUBMIT,   FOR_NOTHING, 0, "annotation_end"
#define MATRIX_ListAnnotations "ListAnnotations", TO_CONTRIBUTORS, IF_ADMITTED,     "ANNOTATION_LIST",   52, POOL_SUBMIT,   FOR_NOTHING, 0, "annotation_list"
#define MATRIX_SetProtection   "SetProtection",   TO_CONTRIBUTORS, IF_CONTRIBUTING, "PROTECTION_SET",    53, POOL_SUBMIT,   FOR_NOTHING, 0, "protection_put"
#define MATRIX_EndProtection   "EndProtection",   TO_CONTRIBUTORS, IF_CONTRIBUTING, "PROTECTION_END",    54, POOL_SUBMIT,   FOR_NOTHING, 0, "protection_end"
#define MATRIX_ListFindings    "ListFindings",    TO_WATCHED,      IF_ACTIVE,       "FINDING_LIST",      42, POOL_REGULATE, FOR_NOTHING, 0, "finding_list"
#define MATRIX_GetGradeCalibration "GetGradeCalibration", TO_REGULATOR, IF_ACTIVE,      "GRADE_READ",        44, POOL_REGULATE, FOR_NOTHING, 0, "grade_read"
#define MATRIX_BackOutSubmission "BackOutSubmission", TO_CONTRIBUTORS, IF_CONTRIBUTING, "SUBMISSION_BACK_OUT", 55, POOL_SUBMIT, FOR_NOTHING, 0, "back_out_begin back_out_step"
#define MATRIX_GetHistory      "GetHistory",      TO_CONTRIBUTORS, IF_ADMITTED,     "HISTORY_READ",      56, POOL_SUBMIT,   FOR_NOTHING, 0, "history_read"
#define MATRIX_GetStatistic    "GetStatistic",    TO_REGULATORS,   IF_ACTIVE,       "STATISTIC_READ",    40, POOL_REGULATE, FOR_NOTHING, 0, "statistic_read"
#define MATRIX_GetQuality      "GetQuality",      TO_MEASURED,     IF_ACTIVE,       "QUALITY_READ",      43, POOL_REGULATE, FOR_NOTHING, 0, "quality_read"
#define MATRIX_ListStandards   "ListStandards",  TO_ALL,          IF_ADMITTED,     "STANDARD_LIST",      70, POOL_REGULATE, FOR_NOTHING, 0, "standard_list"
#define MATRIX_GetStandard     "GetStandard",    TO_ALL,          IF_ADMITTED,     "STANDARD_READ",      71, POOL_REGULATE, FOR_NOTHING, 0, "standard_get"
#define MATRIX_LoadStandard    "LoadStandard",   TO_REGULATOR,    IF_ACTIVE,       "STANDARD_LOAD",      72, POOL_REGULATE, FOR_NOTHING, 0, "standard_put"
#define MATRIX_PublishStandard "PublishStandard", TO_REGULATOR,    IF_ACTIVE,       "STANDARD_PUBLISH",   73, POOL_REGULATE, FOR_NOTHING, 0, "standard_publish"
#define MATRIX_RetireStandard  "RetireStandard", TO_REGULATOR,    IF_ACTIVE,       "STANDARD_RETIRE",    74, POOL_REGULATE, FOR_NOTHING, 0, "standard_retire"

#define MATRIX(ROW)                                                                                \
    ROW(MATRIX_GetMember) ROW(MATRIX_ListMembers) ROW(MATRIX_ListCodes) ROW(MATRIX_AttestConformance)                           \
    ROW(MATRIX_GetReport) ROW(MATRIX_BatchGetReports)                                              \
    ROW(MATRIX_GetRating) ROW(MATRIX_BatchGetRatings) ROW(MATRIX_ListRatings)                      \
    ROW(MATRIX_CheckFlag) ROW(MATRIX_BatchCheckFlags) ROW(MATRIX_RemoveFlag)                       \
    ROW(MATRIX_Submit) ROW(MATRIX_GetSubmission)                                                   \
    ROW(MATRIX_PlatformExposure) ROW(MATRIX_ListFindings) ROW(MATRIX_GetGradeCalibration)          \
    ROW(MATRIX_ListQuarantine) ROW(MATRIX_ReviewQuarantine) ROW(MATRIX_GetQuality)                 \
    ROW(MATRIX_AddAnnotation) ROW(MATRIX_EndAnnotation) ROW(MATRIX_ListAnnotations)                \
    ROW(MATRIX_BackOutSubmission) ROW(MATRIX_GetHistory)                                           \
    ROW(MATRIX_SetProtection) ROW(MATRIX_EndProtection)                                            \
    ROW(MATRIX_ListStandards) ROW(MATRIX_GetStandard) ROW(MATRIX_LoadStandard)                     \
    ROW(MATRIX_PublishStandard) ROW(MATRIX_RetireStandard)                                         \
    ROW(MATRIX_GetStatistic)

/* Functions of no RPC: of all roles when a connection opens, and of the jobs and subcommands that run as cix_admin. */
#define MATRIX_EVERY_ROLE "migration_list"
#define MATRIX_ADMIN      "registry_version registry_members registry_certificates registry_attributes registry_is_test member_attribute_put conformance_put member_put member_place_set member_reciprocity_set member_person_set member_state_set certificate_put certificate_revoke conflict_list conflict_dismiss alias_list subject_merge subject_split operator_find operator_statuses operator_marks operator_mark_end operator_status_set rebuild_check rollup_merge refusal_put quota_note submission_expire quarantine_expire quality_close dispute_unanswered standard_revision standard_in_force standard_put standard_publish standard_retire standard_list standard_get flag_feeds flag_feed_list flag_feed_accept limit_check flag_case_sweep purge_turn purge_step purge_note rating_begin rating_end rating_pass_open rating_slice rating_put rating_behind"

/* Purposes (rules I001 to I003). One that is not here is good for nothing. The member needs it granted. */
#define MATRIX_PURPOSES(ROW)                                                                       \
    ROW(PURPOSE_POST_LOAN,          FOR_REPORT, ON_ACCOUNT)                                        \
    ROW(PURPOSE_LOAN_APPROVAL,      FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_CARD_APPROVAL,      FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_GUARANTEE,          FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_PRE_GUARANTEE,      FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_POST_GUARANTEE,     FOR_REPORT, ON_ACCOUNT)                                        \
    ROW(PURPOSE_EXECUTIVE_CHECK,    FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_CUSTOMER_ACCESS,    FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_FINANCING_APPROVAL, FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_CREDITWORTHINESS,   FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_LIMIT_APPROVAL,     FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_QUALIFICATION_EXAM, FOR_REPORT, ON_CONSENT)                                        \
    ROW(PURPOSE_DISHONEST_SCREEN,   FOR_FLAG,   ON_NOTHING)                                        \
    ROW(PURPOSE_PORTFOLIO_MONITOR,  FOR_REPORT, ON_ACCOUNT)

/* Kinds of record that Submit takes: roles, data classes (rule F007). */
#define MATRIX_RECORDS(ROW)                                                                        \
    ROW(RECORD_KIND_CONSENT,     TO_CONTRIBUTORS, 0)                                               \
    ROW(RECORD_KIND_SUBJECT,     TO_CONTRIBUTORS, DATA_CLASS_BASIC)                                \
    ROW(RECORD_KIND_ACCOUNT,     TO_CONTRIBUTORS, DATA_CLASS_CREDIT)                               \
    ROW(RECORD_KIND_PERFORMANCE, TO_CONTRIBUTORS, DATA_CLASS_CREDIT)                               \
    ROW(RECORD_KIND_FLAG,        TO_COURTS,       DATA_CLASS_DISHONEST)                            \
    ROW(RECORD_KIND_ACCOUNT_EVENT, TO_CONTRIBUTORS, DATA_CLASS_CREDIT)                             \
    ROW(RECORD_KIND_PARTY,       TO_CONTRIBUTORS, DATA_CLASS_CREDIT)                               \
    ROW(RECORD_KIND_PUBLIC_RECORD, TO_CONTRIBUTORS, DATA_CLASS_PUBLIC)                             \
    ROW(RECORD_KIND_FRAUD_CASE,  TO_CONTRIBUTORS, DATA_CLASS_FRAUD)                                \
    ROW(RECORD_KIND_BEHAVIOUR,   TO_CONTRIBUTORS, DATA_CLASS_BEHAVIOUR)                            \
    ROW(RECORD_KIND_STATEMENT,   TO_CONTRIBUTORS, DATA_CLASS_CREDIT)                               \
    ROW(RECORD_KIND_FUND_REPORT, TO_CONTRIBUTORS, DATA_CLASS_FUND)                                 \
    ROW(RECORD_KIND_COLLECTION,  TO_CONTRIBUTORS, DATA_CLASS_CREDIT)                               \
    ROW(RECORD_KIND_MEMBER_GRADE, TO_CONTRIBUTORS, DATA_CLASS_RATING)                              \
    ROW(RECORD_KIND_GRADE_MAP,   TO_CONTRIBUTORS, DATA_CLASS_RATING)                               \
    ROW(RECORD_KIND_DEALER,      TO_CONTRIBUTORS, DATA_CLASS_CREDIT)
/* clang-format on */

/* The columns of a line that a method table holds. */
#define METHOD(rpc)      METHOD_LINE(MATRIX_##rpc)
#define METHOD_LINE(...) METHOD_COLUMNS(__VA_ARGS__)
#define METHOD_COLUMNS(name_, roles_, states_, audit_, code_, pool_, purposes_, classes_,          \
                       functions_)                                                                 \
    .name = name_, .roles = roles_, .audit = audit_, .audit_code = code_, .pool = pool_
