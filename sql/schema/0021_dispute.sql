-- Disputes that say again what was answered before (T006).

alter table cix.annotation
    add column repeats_id bigint;

comment on column cix.annotation.repeats_id is 'The answered dispute that it says again without new evidence, else null (T006).';
comment on column cix.annotation.outcome is '0 open 1 withdrawn 2 corrected 3 confirmed 4 cannot be verified 5 declined as a repetition.';
comment on column cix.annotation.before_id is 'Version (of a listing, event) that was disputed, when a correction ended the dispute (T004).';
