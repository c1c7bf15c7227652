-- Data quality by member and month of receipt. What is counted here becomes an index in the server
-- (core/domain/quality.h). Months are numbers: year * 12 + month - 1.

-- cix.quality_instant: the first instant of a month, UTC.
create or replace function cix.quality_instant(month int)
returns timestamptz language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select make_timestamptz(month / 12, month % 12 + 1, 1, 0, 0, 0, 'UTC');
end;
comment on function cix.quality_instant(int) is 'The first instant of a month. Not granted to anyone.';

-- cix.dispute_escalated: disputes on a member's records that nobody answered by their last day, which passed in a month
--   (T005): from the day after on they are escalated, for good.
create or replace function cix.dispute_escalated(member int, month int, at timestamptz)
returns setof cix.annotation language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select a.* from cix.annotation as a
    where a.holder_id = member and a.kind = 1
        and a.due_on >= (cix.quality_instant(month) at time zone 'UTC')::date - 1
        and a.due_on < (cix.quality_instant(month + 1) at time zone 'UTC')::date - 1
        and a.due_on < (coalesce(a.ended_at, at) at time zone interval '8 hours')::date;
end;
comment on function cix.dispute_escalated(int, int, timestamptz) is
    'Disputes that were not answered in time. Not granted to anyone.';

-- cix.dispute_unanswered: how many disputes are escalated and have no answer yet, on whosever record.
create or replace function cix.dispute_unanswered(today date)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) from cix.annotation as a
    where a.due_on < today and a.due_on is not null and a.ended_at is null and a.kind = 1;
end;
comment on function cix.dispute_unanswered(date) is 'Counts disputes past their last day. Granted to cix_admin.';

-- cix.quality_count: what is counted of one member in one month. Chunks of files count once these are
--   committed. active: accounts in the last report of two months before that were not ended; reported:
--   those with a report for the month before, the one that is due. missing is null: account by account it is
--   counted when the month is closed, and only then.
create or replace function cix.quality_count(member int, month int, at timestamptz)
returns cix.quality_month language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    with received as (
        select c.*, c.recorded_at >= cix.quality_instant(month) as is_now
        from cix.submission_chunk c
            join cix.submission s on s.member_id = c.member_id and s.submission_id = c.submission_id
        where c.member_id = member and c.recorded_at >= cix.quality_instant(month - 1)
            and c.recorded_at < cix.quality_instant(month + 1)
            and (s.mode = 1 or s.state not in (1, 3, 4))
    ), chunks as (
        select coalesce(sum(r.accepted) filter (where r.is_now), 0) as accepted,
            coalesce(sum(r.rejected) filter (where r.is_now), 0) as rejected,
            coalesce(sum(r.quarantined) filter (where r.is_now), 0) as quarantined,
            coalesce(sum(r.warned) filter (where r.is_now), 0) as warned,
            coalesce(sum(r.months) filter (where r.is_now), 0) as months,
            coalesce(sum(r.late) filter (where r.is_now), 0) as late,
            coalesce(sum(r.fields_due) filter (where r.is_now), 0) as fields_due,
            coalesce(sum(r.fields_given) filter (where r.is_now), 0) as fields_given,
            coalesce(sum(r.unmatched) filter (where r.is_now), 0) as unmatched,
            coalesce(sum(r.record_count) filter (where not r.is_now), 0) as records_before
        from received as r
    ), disputes as (
        select count(*) as ended, count(*) filter (where a.outcome in (2, 4)) as lost
        from cix.annotation a
        where a.holder_id = member and a.kind = 1 and a.outcome in (2, 3, 4)
            and a.ended_at >= cix.quality_instant(month) and a.ended_at < cix.quality_instant(month + 1)
    ), escalations as (
        select count(*) as escalated from cix.dispute_escalated(member, month, at) as e
    ), accounts as (
        select coalesce(sum(u.accounts) filter (where u.period = month - 2 and c.bucket <> 9), 0) as active,
            coalesce(sum(u.accounts) filter (where u.period = month - 1), 0) as reported
        from (select r.period, r.cell_id, r.accounts from cix.rollup r
            where r.period in (month - 2, month - 1)
            union all
            select d.period, d.cell_id, d.accounts from cix.rollup_delta d
            where d.period in (month - 2, month - 1)) as u
            join cix.cell c on c.cell_id = u.cell_id
        where c.member_id = member
    )
    select row(member, month, c.accepted, c.rejected, c.quarantined, c.warned, c.months, c.late,
        c.fields_due, c.fields_given, c.unmatched, d.ended, d.lost, a.active, a.reported,
        c.records_before, at, null::bigint, e.escalated)::cix.quality_month
    from chunks as c, disputes as d, escalations as e, accounts as a;
end;
comment on function cix.quality_count(int, int, timestamptz) is
    'What is counted of a member in a month. Not granted to anyone.';

-- cix.quality_missing: accounts by member that were open at the end of the month before and have no report for
--   it. A look at every account.
create or replace function cix.quality_missing(month int)
returns table (member_id int, missing bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select a.member_id, count(*)
    from cix.account as a
    where a.opened_on < (cix.quality_instant(month) at time zone 'UTC')::date
        and coalesce(a.closed_on >= (cix.quality_instant(month) at time zone 'UTC')::date, true)
        and (coalesce(a.last_period < month - 1, true)
            or a.last_period < month + 59 and get_byte(a.status_ring, (month - 1) % 60) = 0)
    group by a.member_id;
end;
comment on function cix.quality_missing(int) is 'Accounts without the month that is due. Not granted to anyone.';

-- cix.quality_close: closes a month that has ended for the members that contribute, once. Gives how many. And looks
--   at the approval inquiries of four months before (I008): accounts of 90 days, and a month to report them.
create or replace function cix.quality_close(month int, at timestamptz)
returns int language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    closed int := 0;
begin
    if at >= cix.quality_instant(month + 1) then
        insert into cix.quality_month (member_id, period, accepted, rejected, quarantined, warned,
            months, late, fields_due, fields_given, unmatched, disputes, disputes_lost, active,
            reported, records_before, closed_at, missing, escalated)
        select q.member_id, q.period, q.accepted, q.rejected, q.quarantined, q.warned, q.months, q.late,
            q.fields_due, q.fields_given, q.unmatched, q.disputes, q.disputes_lost, q.active,
            q.reported, q.records_before, q.closed_at, coalesce(l.missing, 0), q.escalated
        from cix.member m
            cross join lateral cix.quality_count(m.member_id, month, at) as q
            left join (select o.member_id, o.missing from cix.quality_missing(month) as o) as l
                on l.member_id = m.member_id
        where m.roles & 5 <> 0 and m.recorded_at < cix.quality_instant(month + 1)
            and not exists (
                select from cix.quality_month k where k.member_id = m.member_id and k.period = month)
        order by m.member_id
        on conflict do nothing;
        get diagnostics closed = row_count;
    end if;
    if closed > 0 then
        perform cix.finding_unused(month - 4, at);
    end if;
    return closed;
end;
$$;
comment on function cix.quality_close(int, timestamptz) is 'Closes a month of data quality. Granted to cix_admin.';

-- cix.quality_read: what was counted in a month, of the caller; regulators and associations: of all members
--   that contribute. Closed is also what was not and will not be: a month before the member's first, and one before the
--   last. Outcome 5, the only row: the caller may not. One audit row, whatever the outcome.
create or replace function cix.quality_read(
    caller int, month int, at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, code text, is_closed boolean, accepted bigint, rejected bigint,
    quarantined bigint, warned bigint, months bigint, late bigint, fields_due bigint,
    fields_given bigint, unmatched bigint, disputes bigint, disputes_lost bigint, active bigint,
    reported bigint, records_before bigint, missing bigint, escalated bigint, unanswered bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    who cix.member;
begin
    select m.* into who from cix.member m
    where m.member_id = caller and m.state = 4 and m.roles & (1 | 4 | 8 | 16) <> 0;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when who.member_id is null then 5 else 0 end)::smallint, null);
    if who.member_id is null then
        return query select 5::smallint, '', false, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
            0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
            0::bigint, null::bigint, 0::bigint, 0::bigint;
        return;
    end if;
    return query
    select 0::smallint, m.code::text, k.member_id is not null or at >= cix.quality_instant(month + 1)
            and (m.recorded_at >= cix.quality_instant(month + 1) or at >= cix.quality_instant(month + 2)),
        q.accepted, q.rejected, q.quarantined,
        q.warned, q.months, q.late, q.fields_due, q.fields_given, q.unmatched, q.disputes,
        q.disputes_lost, q.active, q.reported, q.records_before, q.missing, q.escalated, (
            select count(*) from cix.dispute_escalated(m.member_id, month, at) as e where e.ended_at is null)
    from cix.member m
        left join cix.quality_month k on k.member_id = m.member_id and k.period = month
        cross join lateral (
            select (case when k.member_id is null then cix.quality_count(m.member_id, month, at)
                else k end).*) as q
    where m.roles & 5 <> 0 and (m.member_id = caller or who.roles & (8 | 16) <> 0)
    order by m.code;
end;
$$;
comment on function cix.quality_read is 'Data quality of a month. Granted to cix_regulate.';
