-- What members say of identifiers beside their values. It stands with the record that says it: the latest one of a member that says
-- anything counts, and months of records that say nothing cost nothing.

alter table cix.subject_version
    add column identifier_details jsonb;
create index subject_version_details on cix.subject_version (subject_id, member_id, record_id)
    where identifier_details is not null;

comment on column cix.subject_version.identifier_details is
    'By identifier (head: lookup_head) region of issue, days of validity, verification and whether the member goes by it; null: nothing is said.';
