-- When an adverse item of a person is over (rules Z001 to Z003, State Council Order 631, article 16): five
-- years after its end; what has not ended does not expire. Individual businesses are covered, being persons
-- that trade (Civil Code, article 54); enterprises and other organisations are not. What is over is shown by
-- no function from that day on, whether the purge (purge.sql) has come to it or not.

-- cix.adverse_covers: whether the adverse items of a subject of this kind are over some day.
create or replace function cix.adverse_covers(kind smallint) returns boolean
language sql immutable parallel safe
return kind in (1, 3);
comment on function cix.adverse_covers is 'Whether adverse items of such a subject end. Not granted to anyone.';

-- cix.is_over: whether what ended on a day is over. The only place that knows the five years.
create or replace function cix.is_over(ended date, today date) returns boolean
language sql immutable parallel safe
return coalesce(ended + interval '5 years' < today, false);
comment on function cix.is_over is 'Whether an end lies more than five years back. Not granted to anyone.';

-- cix.adverse_oldest: the oldest month whose end is not over: a month ends on its last day.
create or replace function cix.adverse_oldest(today date) returns int
language sql immutable parallel safe
return extract(year from today)::int * 12 + extract(month from today)::int - 1 - 60;
comment on function cix.adverse_oldest is 'The oldest month that is not over. Not granted to anyone.';

-- cix.adverse_status: whether a repay status is adverse: 1 to 7 late, B bad debt, and D, G, Z, which end badly.
create or replace function cix.adverse_status(status int) returns boolean
language sql immutable parallel safe
return status between 49 and 55 or status in (66, 68, 71, 90);
comment on function cix.adverse_status is 'Whether a repay status is adverse. Not granted to anyone.';

-- cix.adverse_ends: whether there are no arrears in a month, or no longer: N * M C, and D, G, Z.
create or replace function cix.adverse_ends(status int) returns boolean
language sql immutable parallel safe
return status in (78, 42, 77, 67, 68, 71, 90);
comment on function cix.adverse_ends is 'Whether a repay status ends what was adverse. Not granted to anyone.';

-- cix.adverse_cut: the month up to which a status ring is over: the end of the latest run of adverse months
--   that ended before oldest. Null: none did. What stands before it goes with it, so that no gap tells what
--   stood there. A ring whose oldest month is not over need not be asked: last_period > oldest + 58.
create or replace function cix.adverse_cut(ring bytea, last_period int, oldest int) returns int
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    status int;
    ended int;
begin
    for month in reverse least(last_period, oldest - 1) .. last_period - 59 loop
        status := get_byte(ring, month % 60);
        if cix.adverse_ends(status) then
            ended := month;
        end if;
        if ended is not null and cix.adverse_status(status) then
            return ended;
        end if;
    end loop;
    return null;
end;
$$;
comment on function cix.adverse_cut is 'The month up to which a status ring is over. Not granted to anyone.';

-- cix.ring_after: a ring without the months up to one.
create or replace function cix.ring_after(ring bytea, slots int, last_period int, month int) returns bytea
language sql immutable parallel safe
begin atomic
    select string_agg(case when m.month > ring_after.month
            then substr(ring, m.month % slots * (length(ring) / slots) + 1, length(ring) / slots)
            else decode(repeat('00', length(ring) / slots), 'hex') end, ''::bytea order by m.month % slots)
    from generate_series(last_period - slots + 1, last_period) as m (month);
end;
comment on function cix.ring_after is 'A ring without its older months. Not granted to anyone.';

-- cix.account_is_over: whether an account of a person was closed more than five years ago (Z002), and not in
--   arrears: those have not ended (Z003).
create or replace function cix.account_is_over(closed_on date, ring bytea, last_period int, today date)
returns boolean language sql immutable parallel safe
return cix.is_over(closed_on, today)
    and not coalesce(get_byte(ring, last_period % 60) between 49 and 55
        or get_byte(ring, last_period % 60) = 66, false);
comment on function cix.account_is_over is 'Whether a closed account is over. Not granted to anyone.';

-- cix.flag_end: the day on which a listing ended: its removal, correction or last day. Null: it has not.
create or replace function cix.flag_end(status smallint, changed_at timestamptz, expires_on date)
returns date language sql stable parallel safe
return least(case when status in (4, 5, 6) then (changed_at at time zone 'UTC')::date end, expires_on);
comment on function cix.flag_end is 'When a listing ended. Not granted to anyone.';

-- cix.fact_end: the day on which the adverse item that a version of a fact tells of ended. Null: it has not,
--   or it is not adverse: prepayments, early settlements, card instalments, deferrals by policy,
--   qualifications, awards, and every other kind.
create or replace function cix.fact_end(kind smallint, subject bigint, fact bigint, record bigint)
returns date language sql stable
begin atomic
    select case kind
        when 6 then (select t.happened_on from cix.account_event as t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record)
                and t.type not in (4, 5, 14, 16))
        when 8 then (select t.ended_on from cix.public_record as t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record)
                and t.type not in (8, 9))
        when 9 then (select t.expires_on from cix.fraud_case as t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        when 13 then (select t.ended_on from cix.collection as t
            where (t.subject_id, t.fact_id, t.record_id) = (subject, fact, record))
        end;
end;
comment on function cix.fact_end is 'When the adverse item behind a fact ended. Not granted to anyone.';

-- cix.rating_is_old: whether a kept rating is over, of whatever subject: five years after it was kept.
create or replace function cix.rating_is_old(recorded_at timestamptz, today date) returns boolean
language sql immutable parallel safe
return cix.is_over((recorded_at at time zone 'UTC')::date, today);
comment on function cix.rating_is_old is 'Whether a kept rating is over. Not granted to anyone.';
