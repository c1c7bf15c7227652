-- What is kept aside again for a name that is doubted, or was found to be a mistake, is no other doubt.

alter table cix.conflict
    add column doubt_id bigint;
create index conflict_doubt on cix.conflict (coalesce(doubt_id, record_id));
create index conflict_place on cix.conflict (member_id, submission_id, chunk, line);

comment on column cix.conflict.doubt_id is
    'Kind 1: record_id of the doubt that it repeats, of the same member about the same name of the same identifier; null: a doubt itself.';
comment on column cix.conflict.name_index is
    'As in subject_name; kind 1: of the name that is doubted, and in state 4 accepted, or with reason 7 a mistake. Null: nothing is accepted, or it was purged.';
