-- Subjects that are put right: a version that replaces what its member said before.

alter table cix.subject_version
    add column is_replacing boolean;

comment on column cix.subject_version.is_replacing is
    'True: what the member said before of the subject counts no more; null: it is added to that.';
