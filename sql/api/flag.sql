-- Dishonest-person flags: point checks in two halves as inquiry.sql says, and removal by the court.

-- cix.flag_ask: decides, and writes the trace. Purpose 32; no consent. Role cix_inquire.
-- Parameters and outcomes as cix.report_ask.
create or replace function cix.flag_ask(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], inquiry_id bigint[],
    operator bytea[], certificate bytea[], salt bytea[], method smallint, today date)
returns table (element int, outcome smallint, rule text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_consents uuid[] := array_fill(null::uuid, array[cardinality(lookup)]);
    v_subjects bigint[];
    v_outcomes smallint[];
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_ask', 0));
    select array_agg(s.subject_id), array_agg(s.outcome)
      into v_subjects, v_outcomes
      from (select d.element, d.subject_id, d.outcome
              from cix.inquiry_decide(flag_ask.lookup, flag_ask.name_index, flag_ask.caller,
                       flag_ask.purpose, v_consents, 2::smallint, flag_ask.today) d
             order by d.element) s;
    perform cix.inquiry_trace(v_subjects, inquiry_id, caller, purpose, 2::smallint, operator,
        v_consents, v_outcomes, lookup, certificate, salt, method);
    return query
        select u.element::int, u.outcome, cix.inquiry_rule(u.outcome)
          from unnest(v_outcomes) with ordinality u (outcome, element);
end
$$;
comment on function cix.flag_ask is 'First half of a flag check: decide, trace. Granted to cix_inquire.';

-- cix.flag_read: listings in force or suspended today, one row each; an element without any has one
-- row without external_id, and an element without a row was not served. Behind them, one row each, with
-- protection its kind: fraud alerts and freezes, published_on and expires_on their days. Nobody consented, so
-- that the numbers to call stay with reports. Role cix_inquire.
create or replace function cix.flag_read(
    lookup bytea[], name_index bytea[], caller int[], purpose smallint[], inquiry_id bigint[],
    today date)
returns table (
    element int, external_id uuid, status smallint, published_on date, expires_on date,
    ground smallint, grade smallint, performance smallint, court text, region text,
    restrictions smallint[], recorded_at timestamptz, protection smallint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
        with served as materialized (
            select v.element, v.subject_id
              from cix.inquiry_served(flag_read.lookup, flag_read.name_index, flag_read.caller,
                       flag_read.purpose, array_fill(null::uuid, array[cardinality(flag_read.lookup)]),
                       flag_read.inquiry_id, 2::smallint, flag_read.today) v
        )
        select v.element, f.external_id, f.status, f.published_on, f.expires_on,
               f.ground, f.grade, f.performance, f.court, f.region, f.restrictions, f.recorded_at,
               null::smallint
          from served v
          left join cix.flag f on f.subject_id = v.subject_id and f.status in (1, 2, 3)
               and f.published_on <= flag_read.today
               and (f.expires_on is null or f.expires_on >= flag_read.today)
        union all
        select v.element, null, null, p.from_on, p.until_on,
               null, null, null, null, null, null, p.recorded_at, p.kind
          from cix.protections(array(select distinct s.subject_id from served s), flag_read.today) p
          join served v on v.subject_id = p.subject_id
         where p.kind <> 2; -- that inquiries are blocked, only who may ask learns (I006)
end
$$;
comment on function cix.flag_read is 'Second half of a flag check: serves committed inquiries only. Granted to cix_inquire.';

-- cix.flag_undispute: rule T004. The end of a listing as wrong (status 5) ends every dispute on it; any end
--   of it those that asked for no more (code 109). event: of the end; the one before is what was disputed.
create or replace function cix.flag_undispute(
    subject bigint, flag bigint, event bigint, status smallint, at timestamptz, caller int)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.annotation as a
    set ended_at = at, ended_by = caller, outcome = 2, after_id = event, before_id = (
            select max(e.event_id) from cix.flag_event as e
            where e.subject_id = subject and e.flag_id = flag and e.event_id <> event)
    where a.subject_id = subject and a.target = 4 and a.target_id = flag and a.holder_id = caller
        and a.kind = 1 and a.ended_at is null and (flag_undispute.status = 5 or a.code = 109);
end;
comment on function cix.flag_undispute is 'Ends disputes on a listing that ended. Not granted to anyone.';

-- cix.flag_remove: ends a listing of the calling court. Role cix_submit.
--   event_id   id of the status event and of the audit row, whose commitment is over the external_id
--   status     4 removed, 5 corrected, 6 expired: what reason (1 to 8) makes of it
-- Outcomes:
--   0 done, now or by an earlier call with the same status; recorded_at says when
--   1 unknown: no such listing of this member
--   2 ended: with another status before
--   3 the member is not active or no court
create or replace function cix.flag_remove(
    caller int, external_id uuid, status smallint, reason smallint, event_id bigint,
    certificate bytea, salt bytea, method smallint)
returns table (outcome smallint, ended_status smallint, recorded_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_at timestamptz := clock_timestamp();
    v_outcome smallint := 1;
    v_key record;
    v_flag record;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    if not exists (select from cix.member m
                    where m.member_id = flag_remove.caller and (m.state = 4 or cix.member_serves(m.state))
                      and m.roles & 4 = 4) then
        v_outcome := 3;
    else
        select k.subject_id, k.flag_id into v_key
          from cix.flag_key k
         where k.member_id = flag_remove.caller and k.external_id = flag_remove.external_id;
        if found then
            select f.status, f.recorded_at, f.case_index, f.record_id into v_flag
              from cix.flag f
             where f.subject_id = v_key.subject_id and f.flag_id = v_key.flag_id
               for update;
            if v_flag.status in (1, 2, 3) then
                v_outcome := 0;
                update cix.flag f
                   set status = flag_remove.status, status_reason = flag_remove.reason,
                       recorded_at = v_at
                 where f.subject_id = v_key.subject_id and f.flag_id = v_key.flag_id;
                insert into cix.flag_event (subject_id, flag_id, event_id, status, status_reason,
                        member_id, recorded_at, version_id)
                    values (v_key.subject_id, v_key.flag_id, flag_remove.event_id,
                        flag_remove.status, flag_remove.reason, flag_remove.caller, v_at,
                        v_flag.record_id);
                perform cix.rating_touch(array[v_key.subject_id]);
                perform cix.flag_case_settle(array[v_flag.case_index], null, v_at);
                perform cix.flag_undispute(v_key.subject_id, v_key.flag_id, flag_remove.event_id,
                    flag_remove.status, v_at, flag_remove.caller);
                v_flag.status := flag_remove.status;
                v_flag.recorded_at := v_at;
            else
                v_outcome := case when v_flag.status = flag_remove.status then 0 else 2 end;
            end if;
        end if;
    end if;
    perform cix.audit_append(array[flag_remove.event_id], v_at, array[flag_remove.caller],
        flag_remove.method, array[flag_remove.certificate], array[flag_remove.salt],
        array[uuid_send(flag_remove.external_id)], array[0]::smallint[], array[null]::uuid[],
        array[v_outcome], null);
    if v_outcome in (0, 2) then
        return query select v_outcome, v_flag.status, v_flag.recorded_at;
    else
        return query select v_outcome, null::smallint, null::timestamptz;
    end if;
end
$$;
comment on function cix.flag_remove is 'Ends a listing of the calling court. Granted to cix_submit.';
