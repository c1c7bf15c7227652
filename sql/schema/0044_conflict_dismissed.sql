-- Identities in doubt that the operator found to be none.

alter table cix.conflict
    add column reason smallint check (reason between 1 and 6),
    add column dismissed_at timestamptz;

comment on column cix.conflict.reason is
    'Why it was dismissed: 1 document 2 register 3 member 4 subject 5 order 6 other; null: it was not.';
comment on column cix.conflict.dismissed_at is 'When it was dismissed; null: it was not.';
