-- Subjects found to be one: what was merged, and what has to go back when it is split.

alter table cix.identifier add column home_id bigint;
create index identifier_home on cix.identifier (home_id) where home_id is not null;
comment on column cix.identifier.subject_id is 'Whose it is; of an identifier of a merged subject, the survivor.';
comment on column cix.identifier.home_id is 'The merged subject that it came from and goes back to; null: none.';

-- A merge finds by subject what is keyed by something else.
create index account_key_subject on cix.account_key (subject_id);
create index flag_key_subject on cix.flag_key (subject_id);
create index mark_key_subject on cix.mark_key (subject_id);
create index fact_key_subject on cix.fact_key (subject_id);

create table cix.subject_alias (
    subject_id  bigint not null,
    alias_id    bigint not null,
    merge_id    bigint not null,
    reason      smallint not null check (reason between 1 and 6),
    birth_year  smallint,
    merged_at   timestamptz not null,
    ended_at    timestamptz,
    primary key (subject_id, alias_id, merge_id)
);

create table cix.subject_moved (
    subject_id bigint not null,
    row_id     bigint not null,
    primary key (subject_id, row_id)
);
create index subject_moved_row on cix.subject_moved (row_id);

comment on table cix.subject_alias is 'Subjects that were found to be one, and since when they are not again.';
comment on column cix.subject_alias.subject_id is 'The survivor, under which everything stands.';
comment on column cix.subject_alias.alias_id is 'The subject that was merged into it.';
comment on column cix.subject_alias.merge_id is 'Id of the act, as in audit.';
comment on column cix.subject_alias.reason is '1 document 2 register 3 member 4 subject 5 order 6 other.';
comment on column cix.subject_alias.birth_year is 'Year of birth of the survivor as it was before.';
comment on column cix.subject_alias.merged_at is 'When.';
comment on column cix.subject_alias.ended_at is 'When it was split again; null: it is merged.';
comment on table cix.subject_moved is
    'What stands under a survivor and belongs to its alias, by ids: gone when the two are split.';
comment on column cix.subject_moved.subject_id is 'The alias.';
comment on column cix.subject_moved.row_id is
    'Account, flag, mark, inquiry, finding, month (pending in a roll-up) or record; below zero: the record of a party that is the alias.';
comment on column cix.subject.alias_of is
    'The survivor that this subject was merged into, under which all of it stands; never a chain.';
