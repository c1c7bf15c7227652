-- Who may call which function. Runs behind all of sql/api: a function that nobody listed here is
-- callable by its owner alone. Tables are granted to nobody who may log in.
revoke all on all functions in schema cix
    from public, cix_submit, cix_inquire, cix_regulate, cix_admin;
revoke all on all tables in schema cix
    from public, cix_submit, cix_inquire, cix_regulate, cix_admin, cix_purge;

-- cix_purge: deletes what is over from append-only tables, by purge_rows, which belongs to it. It has no login.
grant select, delete on cix.performance_delta, cix.account_version, cix.fact, cix.correction,
    cix.account_event, cix.liability, cix.party, cix.public_record, cix.fraud_case, cix.collection,
    cix.flag_event, cix.rating
    to cix_purge;

-- Every role: what a server compares before it serves.
grant execute on function cix.migration_list to cix_submit, cix_inquire, cix_regulate, cix_admin;

-- cix_admin: the registry of members, polled and changed.
grant execute on function cix.registry_version, cix.registry_members, cix.registry_certificates,
    cix.registry_attributes, cix.registry_is_test, cix.member_attribute_put, cix.conformance_put,
    cix.member_put, cix.member_place_set, cix.member_reciprocity_set, cix.member_person_set, cix.member_state_set, cix.certificate_put, cix.certificate_revoke
    to cix_admin;

-- cix_admin: the merge of roll-ups, and the check that what is kept equals what is rebuilt.
grant execute on function cix.rebuild_check, cix.rollup_merge to cix_admin;

-- cix_admin: identities in doubt, by ids; merging and splitting them.
grant execute on function cix.conflict_list, cix.conflict_dismiss, cix.alias_list, cix.subject_merge, cix.subject_split to cix_admin;

-- cix_admin: marks and statuses that the operator puts right.
grant execute on function cix.operator_find, cix.operator_statuses, cix.operator_marks,
    cix.operator_mark_end, cix.operator_status_set
    to cix_admin;

-- cix_admin: numbers that feeds of listings lack, and listings for one case.
grant execute on function cix.flag_feeds, cix.flag_feed_list, cix.flag_feed_accept, cix.flag_case_sweep to cix_admin;

-- cix_admin: limits of members, held against a month.
grant execute on function cix.limit_check, cix.dispute_unanswered to cix_admin;

-- cix_admin: the counts of what was refused before the queue.
grant execute on function cix.refusal_put to cix_admin;

-- cix_admin: what members spent of their daily quotas.
grant execute on function cix.quota_note to cix_admin;

-- cix_admin: the end of files that were never committed, and of records that nobody reviewed.
grant execute on function cix.submission_expire, cix.quarantine_expire to cix_admin;

-- cix_admin: the purge of what is over.
grant execute on function cix.purge_turn, cix.purge_step, cix.purge_note to cix_admin;

-- cix_inquire: reports and flag checks, in two halves each.
grant execute on function cix.report_ask, cix.report_read, cix.flag_ask, cix.flag_read,
    cix.flag_gaps
    to cix_inquire;

-- cix_inquire: what a borrower owes on lending platforms; asked like a report.
grant execute on function cix.exposure_read to cix_inquire;
-- cix_inquire: what a subject is rated by; asked like a report.
grant execute on function cix.rating_read, cix.rating_history to cix_inquire;
-- cix_admin: the job that rates everybody.
grant execute on function cix.rating_begin, cix.rating_end, cix.rating_pass_open, cix.rating_slice, cix.rating_put,
    cix.rating_behind to cix_admin;

-- cix_submit: what courts end.
grant execute on function cix.flag_remove to cix_submit;

-- cix_submit: what members contribute, and where it stands.
grant execute on function cix.account_put, cix.account_rekey, cix.conflict_names, cix.conflict_put, cix.consent_put, cix.dealer_hold, cix.fact_put, cix.flag_put, cix.flag_receive, cix.performance_put,
    cix.subject_put, cix.submission_chunk_apply, cix.submission_chunk_close,
    cix.submission_chunk_open, cix.submission_commit, cix.submission_commit_open,
    cix.submission_hold, cix.submission_open, cix.submission_read, cix.submission_verdicts
    to cix_submit;

-- cix_submit: what members do on a subject's behalf.
grant execute on function cix.annotation_put, cix.annotation_end, cix.annotation_list,
    cix.protection_put, cix.protection_end
    to cix_submit;

-- cix_submit: what rules kept aside.
grant execute on function cix.quarantine_list, cix.quarantine_read, cix.quarantine_review to cix_submit;
-- cix_submit: what members take back, and the history of their records.
grant execute on function cix.correction_put, cix.performance_delete, cix.account_delete,
    cix.subject_delete, cix.flag_delete, cix.back_out_begin, cix.back_out_step, cix.history_read
    to cix_submit;

-- cix_regulate: aggregates.
grant execute on function cix.statistic_read, cix.finding_list, cix.grade_read to cix_regulate;
-- Data quality: cix_regulate reads, cix_admin closes months.
grant execute on function cix.quality_read to cix_regulate;
grant execute on function cix.quality_close to cix_admin;
-- Rating standards: what is in force, polled by cix_admin; and what members and the operator do with them.
grant execute on function cix.standard_revision, cix.standard_in_force to cix_admin;
grant execute on function cix.standard_put, cix.standard_publish, cix.standard_retire,
    cix.standard_list, cix.standard_get
    to cix_regulate, cix_admin;
-- Sealing anew (seal_list, seal_put, seal_count) is granted to nobody: sealed values without a trace are
-- for the owner alone, whose connection no serving process holds.
