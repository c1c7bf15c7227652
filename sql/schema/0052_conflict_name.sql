-- A name that was doubted, by its index: dismissing the doubt accepts it for that identifier of that subject.

alter table cix.conflict
    add column name_index bytea check (name_index is null or octet_length(name_index) = 32 and kind = 1),
    drop constraint conflict_reason_check,
    add constraint conflict_reason_check check (reason between 1 and 7);
create index conflict_record on cix.conflict (record_id);
create index conflict_name on cix.conflict (name_index) where name_index is not null;

comment on column cix.conflict.subject_id is
    'Whom the identifier finds; of an alias, itself: doubts of kind 1 that have a name_index, and those found before it was merged.';
comment on column cix.conflict.name_index is
    'As in subject_name; kind 1: of the name that is doubted, and accepted in state 4. Null: nothing is accepted, or it was purged.';
comment on column cix.conflict.reason is
    'Why it was dismissed: 1 document 2 register 3 member 4 subject 5 order 6 other, 7 the name is a mistake; null: it was not.';
