-- What the operator of the exchange sees of a subject by ids and codes, and what it puts right by hand. Role
-- cix_admin; no name, number or text. Each call leaves one audit row with member 0 and no certificate:
-- method 201 looked, 202 ended a mark, 203 set a status.
-- Outcomes: 0 done   1 no such subject or mark   2 ended before   3 the subject is merged or held

-- cix.operator_record: keeps an act, and gives the digest of it for the audit row.
create or replace function cix.operator_record(act cix.operator_act)
returns bytea language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into cix.operator_act values ((act).*);
    select sha256(int8send((act).subject_id) || int2send((act).kind) || int8send((act).target_id)
        || int2send((act).before) || int2send((act).after) || int2send((act).reason)
        || (act).document_hash);
end;
comment on function cix.operator_record is 'Keeps an act of the operator. Not granted to anyone.';

-- cix.operator_find: the subject of an identifier (its lookup), or the one with this id (lookup null). An
--   alias answers for the subject that it leads to. No row when there is none.
create or replace function cix.operator_find(
    lookup bytea, subject bigint, at timestamptz, audit_id bigint, salt bytea)
returns table (subject_id bigint, kind smallint, status smallint, alias_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_found record;
begin
    select t.subject_id, t.kind, t.status,
        case when s.alias_of is not null then s.subject_id end as alias_id
    into v_found
    from cix.subject as s
        join cix.subject as t on t.subject_id = coalesce(s.alias_of, s.subject_id)
    where s.subject_id = case when operator_find.lookup is null then operator_find.subject
        else (select i.subject_id from cix.identifier as i where i.lookup = operator_find.lookup) end;
    perform cix.audit_act(audit_id, at, 201::smallint, salt,
        coalesce(operator_find.lookup, int8send(operator_find.subject)),
        (v_found.subject_id is null)::int::smallint, null);
    return query select v_found.subject_id, v_found.kind, v_found.status, v_found.alias_id
        where v_found.subject_id is not null;
end;
$$;
comment on function cix.operator_find is 'Finds a subject for the operator. Granted to cix_admin.';

-- cix.operator_status_id: the operator's latest word on a subject's status; null when there is none.
create or replace function cix.operator_status_id(subject bigint)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select max(a.act_id) from cix.operator_act as a where a.subject_id = subject and a.kind = 3;
end;
comment on function cix.operator_status_id is 'The operator''s latest word on a status. Not granted to anyone.';

-- cix.operator_statuses: who says what of a subject's status: the latest word of each member (of a
--   merged subject of each that it was, subject_name.sql), and of the operator (member_code null). is_counted: it is not older than the operator's. Newest first.
create or replace function cix.operator_statuses(subject bigint)
returns table (member_code text, status smallint, recorded_at timestamptz, submission_id uuid,
    is_counted boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select v.member_code, v.status, v.recorded_at, v.submission_id, v.is_counted
    from (
        (select distinct on (o.member_id, cix.alias_home(subject, o.record_id)) m.code as member_code,
            o.status, o.recorded_at, o.submission_id, o.is_deleted,
            o.record_id > coalesce(cix.operator_status_id(subject), 0) as is_counted
        from cix.subject_version as o
            join cix.member as m on m.member_id = o.member_id
        where o.subject_id = subject
            and (o.status is not null or o.is_deleted or o.is_replacing)
            and not exists (
                select from cix.back_out as b
                where b.member_id = o.member_id and b.submission_id = o.submission_id
                    and b.phase >= 2)
        order by o.member_id, cix.alias_home(subject, o.record_id), o.record_id desc)
        union all
        select null, a.after, a.recorded_at, null, false, true
        from cix.operator_act as a
        where a.subject_id = subject and a.act_id = cix.operator_status_id(subject)) as v
    where v.is_deleted is not true and v.status is not null
    order by v.recorded_at desc, v.member_code;
end;
comment on function cix.operator_statuses is 'Who says what of a subject''s status. Granted to cix_admin.';

-- cix.operator_marks: a page of protections and annotations by rising id, behind after_id: of one subject
--   (and what stood on its aliases), or of all (subject 0). with_ended: ended ones too.
--   kind: 1 fraud alert 2 no inquiries 3 no new credit 11 dispute 12 statement. by: member's code, null for
--   the operator. on: code of whose record. until_on: last day of a protection, or when a dispute has to be
--   answered. reason: why the operator ended it, else null.
create or replace function cix.operator_marks(
    subject bigint, with_ended boolean, after_id bigint, page_size int, at timestamptz, audit_id bigint,
    salt bytea)
returns table (mark_id bigint, subject_id bigint, kind smallint, code smallint, target smallint,
    by_code text, on_code text, from_on date, until_on date, recorded_at timestamptz,
    ended_at timestamptz, ended_code text, reason smallint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_subjects bigint[] := array(
        select s.subject_id from cix.subject as s
        where operator_marks.subject <> 0
            and (s.subject_id = operator_marks.subject or s.alias_of = operator_marks.subject));
begin
    perform cix.audit_act(audit_id, at, 201::smallint, salt,
        case when operator_marks.subject <> 0 then int8send(operator_marks.subject) end, 0::smallint,
        null);
    return query
    select m.mark_id, m.subject_id, m.kind, m.code, m.target, b.code, o.code, m.from_on, m.until_on,
        m.recorded_at, m.ended_at, e.code, a.reason
    from (
        select p.protection_id as mark_id, p.subject_id, p.kind, 0::smallint as code,
            0::smallint as target, p.member_id as by_id, null::int as on_id, p.from_on, p.until_on,
            p.recorded_at, p.ended_at, p.ended_by
        from cix.protection as p
        union all
        select n.annotation_id, n.subject_id, (10 + n.kind)::smallint, n.code, n.target,
            n.member_id, n.holder_id, null, n.due_on, n.recorded_at, n.ended_at, n.ended_by
        from cix.annotation as n) as m
        left join cix.member as b on b.member_id = m.by_id
        left join cix.member as o on o.member_id = m.on_id
        left join cix.member as e on e.member_id = m.ended_by
        left join cix.operator_act as a
            on a.subject_id = m.subject_id and a.target_id = m.mark_id and a.kind in (1, 2)
    where (operator_marks.subject = 0 or m.subject_id = any (v_subjects))
        and (operator_marks.with_ended or m.ended_at is null)
        and m.mark_id > operator_marks.after_id
    order by m.mark_id
    limit operator_marks.page_size;
end;
$$;
comment on function cix.operator_marks is 'A page of marks for the operator. Granted to cix_admin.';

-- cix.operator_mark_end: lifts a protection or ends an annotation, whoever set it. It is over at once and for
--   good: the member's own id does not set it again.
create or replace function cix.operator_mark_end(
    subject bigint, mark bigint, reason smallint, document_hash bytea, at timestamptz, act_id bigint,
    salt bytea)
returns smallint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_ended timestamptz;
    v_kind smallint;
    v_outcome smallint := 1;
    v_digest bytea;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    -- As whoever sets one: one after the other.
    perform from cix.subject as s where s.subject_id = subject for no key update;
    select m.kind, m.ended_at into v_kind, v_ended
    from (select 1 as kind, p.ended_at from cix.protection as p
        where p.subject_id = subject and p.protection_id = mark
        union all
        select 2, n.ended_at from cix.annotation as n
        where n.subject_id = subject and n.annotation_id = mark) as m;
    if v_kind is not null then
        v_outcome := case when v_ended is null then 0 else 2 end;
    end if;
    if v_outcome = 0 and v_kind = 1 then
        update cix.protection as p set ended_at = at
        where p.subject_id = subject and p.protection_id = mark;
        perform cix.protection_keep(subject);
    elsif v_outcome = 0 then
        update cix.annotation as n set ended_at = at, outcome = 6
        where n.subject_id = subject and n.annotation_id = mark and n.ended_at is null;
        v_outcome := case when found then 0 else 2 end; -- answered at this very moment
    end if;
    if v_outcome = 0 then
        v_digest := cix.operator_record(row(subject, act_id, v_kind, mark, 0, 0, reason,
            document_hash, at)::cix.operator_act);
    end if;
    perform cix.audit_act(act_id, at, 202::smallint, salt, int8send(subject) || int8send(mark),
        v_outcome, v_digest);
    return v_outcome;
end;
$$;
comment on function cix.operator_mark_end is 'Ends a mark of any member. Granted to cix_admin.';

-- cix.operator_status_set: what a subject is from now on (1 to 4). What members said before counts no more;
--   what they say after it does (subject_status).
create or replace function cix.operator_status_set(
    subject bigint, status smallint, reason smallint, document_hash bytea, at timestamptz, act_id bigint,
    salt bytea)
returns smallint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_before smallint;
    v_outcome smallint := 0;
    v_digest bytea;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    select s.status into v_before from cix.subject as s
    where s.subject_id = subject and s.alias_of is null for no key update;
    if v_before is null then
        v_outcome := case when exists (
            select from cix.subject as s where s.subject_id = subject) then 3 else 1 end;
    elsif v_before > 4 then
        v_outcome := 3;
    else
        v_digest := cix.operator_record(row(subject, act_id, 3, 0, v_before, status, reason,
            document_hash, at)::cix.operator_act);
        update cix.subject as s set status = operator_status_set.status
        where s.subject_id = subject;
        perform cix.rating_touch(array[subject]);
    end if;
    perform cix.audit_act(act_id, at, 203::smallint, salt, int8send(subject), v_outcome, v_digest);
    return v_outcome;
end;
$$;
comment on function cix.operator_status_set is 'Sets the status of a subject. Granted to cix_admin.';
