-- The anchor of the ingest bench: the same months by SQL alone, already checked, indexed and sealed.
-- bench.stage is filled by COPY; bench.ingest puts what lies there as one chunk by the functions
-- that the server calls.
create schema if not exists bench;
drop table if exists bench.stage;
create unlogged table bench.stage (
    place int, line int, account_index bytea, delta_id bigint, period int, account_status smallint,
    repay smallint, balance bigint, due bigint, paid bigint, overdue bigint, principal bigint,
    day int, overdue_terms int, category smallint, classified_on date, remaining_terms int,
    used bigint, paid_on date, stage smallint, reported_on date
) with (autovacuum_enabled = off);

create or replace function bench.ingest(submission uuid, number int, audit_id bigint)
returns int language plpgsql as $$
declare
    taken int;
    zeros bytea := decode(repeat('00', 32), 'hex');
begin
    if number = 1 then
        perform cix.submission_open(1, submission, 1::smallint, 0, null, null, '{}', '{}',
            0::smallint, 1000, now(), audit_id, 30::smallint,
            zeros, substr(zeros, 1, 16));
    end if;
    perform cix.submission_chunk_open(1, submission, number, sha256(int4send(number)), 1000, 2, 0,
        '{}', '{}', 2000000000,
        now(), audit_id + number, 30::smallint, zeros, substr(zeros, 1, 16));
    perform cix.performance_put(1, submission, number, now(), array_agg(s.account_index),
        array_agg(s.place), array_agg(s.line), array_agg(s.delta_id), array_agg(s.period),
        array_agg(s.account_status), array_agg(s.repay), array_agg(s.balance), array_agg(s.due),
        array_agg(s.paid), array_agg(s.overdue), array_agg(s.principal), array_agg(s.day),
        array_agg(s.overdue_terms), array_agg(s.category), array_agg(s.classified_on),
        array_agg(s.remaining_terms), array_agg(s.used), array_agg(s.paid_on), array_agg(s.stage),
        array_agg(s.reported_on))
    from bench.stage as s;
    select c.accepted into taken
    from cix.submission_chunk_close(1, submission, number, now(), null, null, '{}', '{}', '{}',
        '{}', '{}', '{}', '{}', '{}') as c;
    delete from bench.stage;
    return taken;
end;
$$;
