-- What the operator of the exchange puts right by hand: marks that it ends, a status that it sets.

create table cix.operator_act (
    subject_id    bigint not null,
    act_id        bigint not null,
    kind          smallint not null check (kind in (1, 2, 3)),
    target_id     bigint not null,
    before        smallint not null,
    after         smallint not null,
    reason        smallint not null,
    document_hash bytea not null check (octet_length(document_hash) = 32),
    recorded_at   timestamptz not null,
    primary key (subject_id, act_id)
);

comment on table cix.operator_act is
    'What the operator put right, why, and on what document it rests. Append-only.';
comment on column cix.operator_act.subject_id is 'Whose mark or status.';
comment on column cix.operator_act.act_id is 'Id by the application, time-ordered; the audit row has it too.';
comment on column cix.operator_act.kind is '1 a protection was lifted 2 an annotation was ended 3 the status was set.';
comment on column cix.operator_act.target_id is 'The protection or annotation; 0 for the status.';
comment on column cix.operator_act.before is 'Status before, as in subject; 0 for a mark.';
comment on column cix.operator_act.after is
    'Status from then on, whatever members said before; 0 for a mark.';
comment on column cix.operator_act.reason is
    '1 the subject asks for it 2 order 3 who said it has left 4 fraud 5 error 9 other.';
comment on column cix.operator_act.document_hash is 'SHA-256 of the document that it rests on.';
comment on column cix.operator_act.recorded_at is 'When it was recorded.';

comment on column cix.annotation.ended_by is 'Who ended it; null while it is open, and for the operator.';
comment on column cix.annotation.outcome is
    '0 open 1 withdrawn 2 corrected 3 confirmed 4 cannot be verified 5 declined as a repetition 6 ended by the operator.';
