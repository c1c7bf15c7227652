-- What members do on a subject's behalf: disputes and statements on records, fraud alerts and freezes.
-- Outcomes are numbers, never errors; each act leaves one audit row in its transaction, whatever comes of
-- it: audit_id, certificate, salt and method are for it (audit.sql), lookup is the subject's.
--   0 done, now or by an earlier call   1 subject, mark or record unknown   2 no such record of the subject
--   3 the id is known with other content   4 too many, or another member's stands   5 the member may not
--   6 ended before, with another outcome   7 an outcome that is not the caller's to give
--   8 declined, but it repeats nothing   9 corrected, but nothing was put right since it was filed

-- cix.mark_subject: the subject on whose behalf a member may act: it gave the identifier's subject a name
--   itself, and this one; or it is a court, for which the name may be anybody's. Null for all others, so
--   that unknown subjects and other members' clients look the same. Follows an alias.
create or replace function cix.mark_subject(caller int, lookup bytea, name_index bytea)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(s.alias_of, s.subject_id)
    from cix.identifier as i
        join cix.subject as s on s.subject_id = i.subject_id
        join cix.member as m on m.member_id = mark_subject.caller
    where i.lookup = mark_subject.lookup
        and exists (
            select from cix.subject_name as n
            where n.subject_id = any (array[s.subject_id, s.alias_of])
                and n.name_index = mark_subject.name_index
                and (n.member_id = m.member_id or m.roles & 4 = 4));
end;
comment on function cix.mark_subject is 'A subject on whose behalf the caller may act. Not granted to anyone.';

-- cix.mark_owners: under whom a fact may stand that the subject may speak of: itself, and whoever's account it
--   answers for by that fact.
create or replace function cix.mark_owners(subject bigint, fact bigint)
returns bigint[] language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select array[subject] || array(
        select l.owner_subject_id from cix.liability as l
        where l.subject_id = mark_owners.subject and l.fact_id = mark_owners.fact);
end;
comment on function cix.mark_owners is 'Under whom a fact of a subject stands. Not granted to anyone.';

-- cix.mark_parties: who answers for the account of the subject by a fact, in any version of it.
create or replace function cix.mark_parties(subject bigint, fact bigint)
returns bigint[] language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select array(
        select distinct p.party_subject_id from cix.party as p
        where p.subject_id = mark_parties.subject and p.fact_id = mark_parties.fact);
end;
comment on function cix.mark_parties is 'Who else may speak of a fact. Not granted to anyone.';

-- cix.mark_target: the record that an annotation is to stand on, and whose it is; no row when the subject
--   has none. flag: the court's id of a listing, for target 4. A fact (target 6) may also be the party by which
--   the subject answers for the account of another.
create or replace function cix.mark_target(
    subject bigint, target smallint, id bigint, flag uuid, month int)
returns table (target_id bigint, holder_id int)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if target = 1 then
        return query select 0::bigint, null::int;
    elsif target = 2 then
        return query
        select a.account_id, a.member_id from cix.account as a
        where a.subject_id = subject and a.account_id = id;
    elsif target = 3 then
        return query
        select a.account_id, a.member_id from cix.account as a
        where a.subject_id = subject and a.account_id = id and exists (
            select from cix.performance_delta as d
            where d.subject_id = subject and d.account_id = id and d.period = month);
    elsif target = 4 then
        return query
        select f.flag_id, f.member_id from cix.flag as f
        where f.subject_id = subject and f.external_id = flag
        limit 1;
    elsif target = 5 then
        return query
        select i.inquiry_id, i.member_id from cix.inquiry as i
        where i.subject_id = subject and i.inquiry_id = id;
    elsif target = 6 then
        return query
        select f.fact_id, f.member_id
        from cix.fact as f
        where f.subject_id = any (cix.mark_owners(subject, id)) and f.fact_id = id
        limit 1;
    end if;
end;
$$;
comment on function cix.mark_target is 'The record that an annotation is to stand on. Not granted to anyone.';

-- cix.mark_changed: whether a record that an annotation stands on was put right, or otherwise got a newer
--   version, after an instant. An identity and an inquiry have no versions.
create or replace function cix.mark_changed(
    subject bigint, target smallint, id bigint, month int, since timestamptz)
returns boolean language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return case target
        when 2 then exists (
            select from cix.account_version as v
            where v.subject_id = subject and v.account_id = id and v.recorded_at > since)
        when 3 then exists (
            select from cix.performance_delta as d
            where d.subject_id = subject and d.account_id = id and d.period = month
                and d.recorded_at > since)
        when 4 then exists (
            select from cix.flag_event as e
            where e.subject_id = subject and e.flag_id = id and e.recorded_at > since)
        when 6 then exists (
            select from cix.fact as f
            where f.subject_id = any (cix.mark_owners(subject, id)) and f.fact_id = id
                and f.recorded_at > since)
        else false end;
end;
$$;
comment on function cix.mark_changed is 'Whether a record changed after an instant. Not granted to anyone.';

-- cix.mark_corrected: rule T004. Whether what an annotation stands on was put right since it was filed: it has a newer version,
--   or, of an account, a month of it has one that is not its first. What has no versions cannot be put right.
create or replace function cix.mark_corrected(mark cix.annotation)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select cix.mark_changed(mark.subject_id, mark.target, mark.target_id, mark.period,
            mark.recorded_at - interval '1 microsecond') -- that instant is since, too
        or mark.target = 2 and exists (
            select from cix.performance_delta as d
            where d.subject_id = mark.subject_id and d.account_id = mark.target_id
                and d.recorded_at >= mark.recorded_at and exists (
                    select from cix.performance_delta as e
                    where e.subject_id = d.subject_id and e.account_id = d.account_id
                        and e.period = d.period and e.delta_id < d.delta_id));
end;
comment on function cix.mark_corrected is 'Whether a disputed record was put right. Not granted to anyone.';

-- cix.annotation_repeated: rule T006. The oldest dispute that was answered, but not by a correction, and of
--   which this one has subject, target, code and evidence, if the record is still the one that the answer
--   was about; else null.
create or replace function cix.annotation_repeated(
    subject bigint, target smallint, id bigint, month int, code smallint, evidence bytea)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select a.annotation_id from cix.annotation as a
    where a.subject_id = subject and a.kind = 1 and a.target = annotation_repeated.target
        and a.target_id = id and a.period = month and a.code = annotation_repeated.code
        and a.evidence_hash = evidence and a.outcome in (3, 4)
        and not cix.mark_changed(subject, annotation_repeated.target, id, month, a.ended_at)
    order by a.annotation_id
    limit 1;
end;
comment on function cix.annotation_repeated is 'The answered dispute that another one repeats. Not granted to anyone.';

-- cix.annotation_put: files a dispute or statement. due_on: null for a statement. At most 100 open ones of
--   a subject, 20 of them by one member. content: keyed digest of the request, which tells the same request
--   from a conflict. is_repeated: it says again what was answered before (T006); repeated: the id of that
--   one, when the caller filed it or it stands on the caller's record.
create or replace function cix.annotation_put(
    caller int, external_id uuid, annotation_id bigint, lookup bytea, name_index bytea,
    target smallint, target_id bigint, target_flag uuid, period int, kind smallint, code smallint,
    sealed_text bytea, filed_by smallint, evidence_hash bytea, due_on date, content bytea,
    at timestamptz, certificate bytea, salt bytea, method smallint)
returns table (outcome smallint, filed_at timestamptz, answer_by date, is_repeated boolean, repeated uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_outcome smallint := 0;
    v_subject bigint;
    v_known record;
    v_target record;
    v_at timestamptz := annotation_put.at;
    v_due date := annotation_put.due_on;
    v_repeats bigint;
    v_repeated uuid;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    v_subject := cix.mark_subject(caller, lookup, name_index);
    -- One after the other, so that limits hold and a repetition sees what it repeats.
    perform from cix.subject as s where s.subject_id = v_subject for no key update;
    select k.content, k.mark_id, k.recorded_at into v_known from cix.mark_key as k
    where k.member_id = annotation_put.caller and k.external_id = annotation_put.external_id;
    if not cix.submission_permits(caller, 0, 0) then
        v_outcome := 5;
    elsif v_known.content is not null then
        v_outcome := case when v_known.content = annotation_put.content then 0 else 3 end;
        v_at := v_known.recorded_at;
        select a.subject_id, a.due_on, a.repeats_id into v_subject, v_due, v_repeats
        from cix.annotation as a
        where a.member_id = annotation_put.caller and a.annotation_id = v_known.mark_id;
    elsif v_subject is null then
        v_outcome := 1;
    else
        select t.target_id, t.holder_id into v_target
        from cix.mark_target(v_subject, annotation_put.target, annotation_put.target_id,
            annotation_put.target_flag, annotation_put.period) as t;
        if v_target.target_id is null then
            v_outcome := 2;
        elsif exists (
            select from cix.annotation as a
            where a.subject_id = v_subject and a.ended_at is null
            having count(*) >= 100
                or count(*) filter (where a.member_id = annotation_put.caller) >= 20)
        then
            v_outcome := 4;
        else
            insert into cix.mark_key (member_id, external_id, subject_id, mark_id, content, recorded_at)
            values (annotation_put.caller, annotation_put.external_id, v_subject,
                annotation_put.annotation_id, annotation_put.content, v_at)
            on conflict do nothing;
            if found then
                if annotation_put.kind = 1 then
                    v_repeats := cix.annotation_repeated(v_subject, annotation_put.target,
                        v_target.target_id, annotation_put.period, annotation_put.code,
                        annotation_put.evidence_hash);
                end if;
                insert into cix.annotation (
                    subject_id, annotation_id, member_id, external_id, kind, code, target,
                    target_id, period, holder_id, sealed_text, filed_by, evidence_hash, due_on,
                    recorded_at, repeats_id)
                values (v_subject, annotation_put.annotation_id, annotation_put.caller,
                    annotation_put.external_id, annotation_put.kind, annotation_put.code,
                    annotation_put.target, v_target.target_id, annotation_put.period,
                    v_target.holder_id, annotation_put.sealed_text, annotation_put.filed_by,
                    annotation_put.evidence_hash, v_due, v_at, v_repeats);
            else -- the same id for another subject, at this very moment
                v_outcome := 3;
            end if;
        end if;
    end if;
    perform cix.audit_append(array[annotation_put.annotation_id], annotation_put.at,
        array[annotation_put.caller], annotation_put.method, array[annotation_put.certificate],
        array[annotation_put.salt], array[annotation_put.lookup], array[0]::smallint[],
        array[null]::uuid[], array[v_outcome], array[annotation_put.content]);
    select a.external_id into v_repeated from cix.annotation as a
    where a.subject_id = v_subject and a.annotation_id = v_repeats
        and annotation_put.caller in (a.member_id, a.holder_id);
    return query select v_outcome, case when v_outcome = 0 then v_at end,
        case when v_outcome = 0 then v_due end, v_outcome = 0 and v_repeats is not null,
        case when v_outcome = 0 then v_repeated end;
end;
$$;
comment on function cix.annotation_put is 'Files a dispute or statement on a record. Granted to cix_submit.';

-- cix.annotation_end: ends an annotation that the caller filed (outcome 1) or that stands on its record
--   (outcomes 2 to 5; 2 only when that was put right since, 5 only of one that repeats another). Of several under one id the caller's own comes first, then the oldest.
create or replace function cix.annotation_end(
    caller int, external_id uuid, ended_outcome smallint, sealed_answer bytea, at timestamptz,
    audit_id bigint, certificate bytea, salt bytea, method smallint)
returns table (outcome smallint, closed_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_outcome smallint := 0;
    v_mark cix.annotation;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    if not cix.submission_permits(caller, 0, 0) then
        v_outcome := 5;
    else
        select a.* into v_mark
        from (
            select a.subject_id, a.annotation_id, 0 as rank
            from cix.mark_key as k
                join cix.annotation as a
                    on a.subject_id = k.subject_id and a.annotation_id = k.mark_id
            where k.member_id = annotation_end.caller
                and k.external_id = annotation_end.external_id
            union all
            select a.subject_id, a.annotation_id, 1 from cix.annotation as a
            where a.holder_id = annotation_end.caller
                and a.external_id = annotation_end.external_id) as f
            join cix.annotation as a
                on a.subject_id = f.subject_id and a.annotation_id = f.annotation_id
        order by f.rank, f.annotation_id
        limit 1
        for update of a;
        if v_mark.annotation_id is null then
            v_outcome := 1;
        elsif v_mark.ended_at is not null then
            v_outcome := case when v_mark.outcome = ended_outcome then 0 else 6 end;
        elsif annotation_end.caller is distinct from
            (case when ended_outcome = 1 then v_mark.member_id else v_mark.holder_id end)
        then
            v_outcome := 7;
        elsif ended_outcome = 5 and v_mark.repeats_id is null then
            v_outcome := 8;
        elsif ended_outcome = 2 and not cix.mark_corrected(v_mark) then
            v_outcome := 9;
        else
            v_mark.ended_at := annotation_end.at;
            update cix.annotation as a
            set ended_at = annotation_end.at, ended_by = annotation_end.caller,
                outcome = annotation_end.ended_outcome,
                sealed_answer = annotation_end.sealed_answer,
                answer_id = annotation_end.audit_id
            where a.subject_id = v_mark.subject_id and a.annotation_id = v_mark.annotation_id;
        end if;
    end if;
    perform cix.audit_append(array[annotation_end.audit_id], annotation_end.at,
        array[annotation_end.caller], annotation_end.method, array[annotation_end.certificate],
        array[annotation_end.salt], array[uuid_send(annotation_end.external_id)],
        array[0]::smallint[], array[null]::uuid[], array[v_outcome], null);
    return query select v_outcome, case when v_outcome = 0 then v_mark.ended_at end;
end;
$$;
comment on function cix.annotation_end is 'Ends a dispute or statement. Granted to cix_submit.';

-- cix.annotation_list: a page of what the caller filed or what stands on its records, newest first, below
--   before (null: from the newest). External ids of flags stand in target_flag. One audit row a page.
create or replace function cix.annotation_list(
    caller int, with_ended boolean, before bigint, page_size int, at timestamptz, audit_id bigint,
    certificate bytea, salt bytea, method smallint)
returns table (annotation_id bigint, external_id uuid, member_id int, kind smallint, code smallint,
    target smallint, target_id bigint, target_flag uuid, period int, holder_id int,
    sealed_text bytea, filed_by smallint, evidence_hash bytea, due_on date, recorded_at timestamptz,
    ended_at timestamptz, ended_by int, outcome smallint, sealed_answer bytea, answer_id bigint,
    before_id bigint, after_id bigint, is_repeated boolean, repeated uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, 0::smallint, null);
    return query
    select a.annotation_id, a.external_id, a.member_id, a.kind, a.code, a.target, a.target_id,
        f.external_id, a.period, a.holder_id, a.sealed_text, a.filed_by, a.evidence_hash, a.due_on,
        a.recorded_at, a.ended_at, a.ended_by, a.outcome, a.sealed_answer, a.answer_id,
        a.before_id, a.after_id, a.repeats_id is not null, r.external_id
    from (
        (select o.* from cix.annotation as o
        where o.member_id = annotation_list.caller
            and (annotation_list.before is null or o.annotation_id < annotation_list.before)
            and (annotation_list.with_ended or o.ended_at is null)
        order by o.annotation_id desc limit annotation_list.page_size)
        union
        (select o.* from cix.annotation as o
        where o.holder_id = annotation_list.caller
            and (annotation_list.before is null or o.annotation_id < annotation_list.before)
            and (annotation_list.with_ended or o.ended_at is null)
        order by o.annotation_id desc limit annotation_list.page_size)) as a
        left join cix.flag as f
            on a.target = 4 and f.subject_id = a.subject_id and f.flag_id = a.target_id
        left join cix.annotation as r
            on r.subject_id = a.subject_id and r.annotation_id = a.repeats_id
                and annotation_list.caller in (r.member_id, r.holder_id)
    order by a.annotation_id desc
    limit annotation_list.page_size;
end;
$$;
comment on function cix.annotation_list is 'A page of annotations of the caller. Granted to cix_submit.';

-- cix.protection_keep: writes into the subject what an inquiry asks for (kind 2), so that it need not look
--   for protections. The subject's row is locked before. Only a merged subject has more than one: from the
--   first day of any to the last of any.
create or replace function cix.protection_keep(subject bigint)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    update cix.subject as s
    set freeze_level = (p.found > 0)::int, freeze_from = p.from_on, freeze_to = p.until_on
    from (select count(*) as found, min(o.from_on) as from_on,
            case when bool_and(o.until_on is not null) then max(o.until_on) end as until_on
        from cix.protection as o
        where o.subject_id = protection_keep.subject and o.kind = 2 and o.ended_at is null) as p
    where s.subject_id = protection_keep.subject;
    insert into cix.rating_change (subjects) values (array[protection_keep.subject]);
end;
comment on function cix.protection_keep is 'Keeps the freeze of a subject. Not granted to anyone.';

-- cix.protection_put: sets a fraud alert or freeze. One of each kind: the caller's own is replaced, another
--   member's stands until it ends or its last day has passed. Of a merged subject one for each that it was: a new
--   one touches those of the subject whose identifier it comes with, so that a split gives each its own.
create or replace function cix.protection_put(
    caller int, external_id uuid, protection_id bigint, lookup bytea, name_index bytea,
    kind smallint, from_on date, until_on date, sealed_phones bytea, document_hash bytea,
    content bytea, today date, at timestamptz, certificate bytea, salt bytea, method smallint)
returns table (outcome smallint, set_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_outcome smallint := 0;
    v_subject bigint;
    v_home bigint;
    v_known record;
    v_at timestamptz := protection_put.at;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    v_subject := cix.mark_subject(caller, lookup, name_index);
    select i.home_id into v_home from cix.identifier as i where i.lookup = protection_put.lookup;
    -- One after the other, so that limits hold and a repetition sees what it repeats.
    perform from cix.subject as s where s.subject_id = v_subject for no key update;
    select k.content, k.recorded_at into v_known from cix.mark_key as k
    where k.member_id = protection_put.caller and k.external_id = protection_put.external_id;
    if not cix.submission_permits(caller, 0, 0) then
        v_outcome := 5;
    elsif v_known.content is not null then
        v_outcome := case when v_known.content = protection_put.content then 0 else 3 end;
        v_at := v_known.recorded_at;
    elsif v_subject is null then
        v_outcome := 1;
    else
        if exists (
            select from cix.protection as p
            where p.subject_id = v_subject and p.kind = protection_put.kind and p.ended_at is null
                and p.member_id is distinct from protection_put.caller
                and coalesce(p.until_on >= protection_put.today, true)
                and cix.alias_home(v_subject, p.protection_id) is not distinct from v_home)
        then
            v_outcome := 4;
        else
            insert into cix.mark_key (member_id, external_id, subject_id, mark_id, content, recorded_at)
            values (protection_put.caller, protection_put.external_id, v_subject,
                protection_put.protection_id, protection_put.content, v_at)
            on conflict do nothing;
            v_outcome := case when found then 0 else 3 end;
        end if;
        if v_outcome = 0 then
            update cix.protection as p
            set ended_at = v_at, ended_by = protection_put.caller
            where p.subject_id = v_subject and p.kind = protection_put.kind and p.ended_at is null
                and cix.alias_home(v_subject, p.protection_id) is not distinct from v_home;
            perform cix.alias_note(array[protection_put.protection_id], array[protection_put.lookup]);
            insert into cix.protection (
                subject_id, protection_id, member_id, external_id, kind, from_on, until_on,
                sealed_phones, document_hash, recorded_at)
            values (v_subject, protection_put.protection_id, protection_put.caller,
                protection_put.external_id, protection_put.kind, protection_put.from_on,
                protection_put.until_on, protection_put.sealed_phones, protection_put.document_hash,
                v_at);
            perform cix.protection_keep(v_subject);
        end if;
    end if;
    perform cix.audit_append(array[protection_put.protection_id], protection_put.at,
        array[protection_put.caller], protection_put.method, array[protection_put.certificate],
        array[protection_put.salt], array[protection_put.lookup], array[0]::smallint[],
        array[null]::uuid[], array[v_outcome], array[protection_put.content]);
    return query select v_outcome, case when v_outcome = 0 then v_at end;
end;
$$;
comment on function cix.protection_put is 'Sets a fraud alert or freeze of a subject. Granted to cix_submit.';

-- cix.protection_end: lifts a protection that the caller set.
create or replace function cix.protection_end(
    caller int, external_id uuid, at timestamptz, audit_id bigint, certificate bytea, salt bytea,
    method smallint)
returns table (outcome smallint, lifted_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_outcome smallint := 0;
    v_mark cix.protection;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cix.subject_merge', 0));
    if not cix.submission_permits(caller, 0, 0) then
        v_outcome := 5;
    else
        perform from cix.mark_key as k
            join cix.subject as s on s.subject_id = k.subject_id
        where k.member_id = protection_end.caller and k.external_id = protection_end.external_id
        for no key update of s;
        select p.* into v_mark
        from cix.mark_key as k
            join cix.protection as p on p.subject_id = k.subject_id and p.protection_id = k.mark_id
        where k.member_id = protection_end.caller and k.external_id = protection_end.external_id;
        if v_mark.protection_id is null then
            v_outcome := 1;
        elsif v_mark.ended_at is null then
            v_mark.ended_at := protection_end.at;
            update cix.protection as p
            set ended_at = protection_end.at, ended_by = protection_end.caller
            where p.subject_id = v_mark.subject_id and p.protection_id = v_mark.protection_id;
            perform cix.protection_keep(v_mark.subject_id);
        end if;
    end if;
    perform cix.audit_append(array[protection_end.audit_id], protection_end.at,
        array[protection_end.caller], protection_end.method, array[protection_end.certificate],
        array[protection_end.salt], array[uuid_send(protection_end.external_id)],
        array[0]::smallint[], array[null]::uuid[], array[v_outcome], null);
    return query select v_outcome, v_mark.ended_at;
end;
$$;
comment on function cix.protection_end is 'Lifts a fraud alert or freeze. Granted to cix_submit.';
