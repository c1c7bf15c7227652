-- The history of a record: every version that its member gave, and what differs from one to the next.

-- cix.history_version: versions of one record of the caller, in no order. content: its fields by name,
--   without what is sealed, the exchange's own or empty. lookup: of a fact the digest of its key.
create or replace function cix.history_version(
    caller int, kind smallint, account_index bytea, month int, lookup bytea, id uuid)
returns table (record_id bigint, recorded_at timestamptz, submission_id uuid, chunk int, line int,
    is_deleted boolean, restored_by uuid, origin text, content jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
    own constant text[] := array['subject_id', 'account_id', 'record_id', 'delta_id', 'event_id',
        'member_id', 'submission_id', 'chunk', 'line', 'recorded_at', 'is_deleted', 'restored_by',
        'origin', 'cell_id', 'platform_id', 'parent_account_id', 'transferred_from_id',
        'transferred_from_account_id', 'creditor_id', 'original_creditor_index', 'sealed_birth',
        'sealed_mobiles', 'sealed_address', 'representative_id', 'controller_id', 'parent_id',
        'lookup', 'consent_id', 'period', 'document_hash', 'flag_id', 'fact_id', 'party_subject_id',
        'custodian_id', 'external_id', 'case_index', 'sealed_case_no', 'version_id'];
begin
    if kind = 1 then
        return query
        select c.record_id, c.recorded_at, c.submission_id, 0, 0, c.is_revoked, c.restored_by,
            c.origin, jsonb_strip_nulls(to_jsonb(c) - own)
        from cix.consent as c
        where c.lookup = history_version.lookup and c.member_id = caller and c.consent_id = id;
    elsif kind = 2 then
        return query
        select v.record_id, v.recorded_at, v.submission_id, 0, 0, v.is_deleted, null::uuid, v.origin,
            jsonb_strip_nulls(to_jsonb(v) - own)
        from cix.identifier as i
            join cix.subject as s on s.subject_id = i.subject_id
            join cix.subject_version as v
                on v.subject_id = coalesce(s.alias_of, s.subject_id) and v.member_id = caller
        where i.lookup = history_version.lookup;
    elsif kind = 3 then
        return query
        select v.record_id, v.recorded_at, v.submission_id, 0, 0, v.is_deleted, v.restored_by,
            v.origin, jsonb_strip_nulls(to_jsonb(v) - own)
        from cix.account_key as k
            join cix.account_version as v
                on v.subject_id = k.subject_id and v.account_id = k.account_id
        where k.member_id = caller and k.account_index = history_version.account_index;
    elsif kind = 4 then
        return query
        select d.delta_id, d.recorded_at, d.submission_id, d.chunk, d.line, d.is_deleted,
            d.restored_by, (
                select v.origin from cix.account_version as v
                where v.subject_id = k.subject_id and v.account_id = k.account_id
                order by v.record_id limit 1), jsonb_strip_nulls(to_jsonb(d) - own)
        from cix.account_key as k
            join cix.performance_delta as d
                on d.subject_id = k.subject_id and d.account_id = k.account_id and d.period = month
        where k.member_id = caller and k.account_index = history_version.account_index;
    elsif kind = 5 then
        return query
        select e.event_id, e.recorded_at, e.submission_id, 0, 0, e.status in (4, 5, 6),
            e.restored_by, null::text,
            jsonb_strip_nulls((coalesce(c.content, '{}') || to_jsonb(e)) - own)
        from cix.flag_key as k
            join cix.flag_event as e on e.subject_id = k.subject_id and e.flag_id = k.flag_id
            left join lateral (
                select o.content
                from (select v.record_id, to_jsonb(v) as content from cix.flag_version as v
                    where v.subject_id = k.subject_id and v.flag_id = k.flag_id
                    union all
                    select f.record_id, to_jsonb(f) from cix.flag as f
                    where f.subject_id = k.subject_id and f.flag_id = k.flag_id) as o
                where o.record_id = e.version_id or e.version_id is null
                order by o.record_id limit 1) as c on true
        where k.member_id = caller and k.external_id = id;
    elsif cix.fact_class(kind) is not null then
        -- One that moved to another subject has a row under each.
        return query
        select distinct on (f.record_id) f.record_id, f.recorded_at, f.submission_id, f.chunk, f.line,
            f.is_deleted, f.restored_by, nullif(f.origin, ''),
            coalesce(jsonb_strip_nulls(c.content - own || case when k.kind = 12 then jsonb_build_object(
                'custodian_code', (
                    select m.code from cix.member as m
                    where m.member_id = (c.content ->> 'custodian_id')::int)) else '{}' end), '{}')
        from cix.fact_key as k
            join cix.fact as f on f.fact_id = k.fact_id and f.member_id = caller
            cross join lateral (
                select cix.fact_row(f.kind, f.subject_id, f.fact_id, f.record_id) as content
            ) as c
        where k.member_id = caller and k.kind = history_version.kind
            and k.key_index = history_version.lookup
        order by f.record_id, f.is_deleted;
    end if;
end;
$$;
comment on function cix.history_version is 'Versions of a record of the caller. Not granted to anyone.';

-- cix.history_read: the latest 200 versions of a record of the caller, newest first, one row a field that
--   differs from the version before (field null: none), with its reason; no row when there is none, or it is another member's.
create or replace function cix.history_read(
    caller int, kind smallint, account_index bytea, month int, lookup bytea, id uuid,
    at timestamptz, audit_id bigint, certificate bytea, salt bytea, method smallint)
returns table (record_id bigint, recorded_at timestamptz, submission_id uuid, chunk int, line int,
    is_deleted boolean, restored_by uuid, origin text, action smallint, reason smallint,
    sealed_note bytea, field text, before text, after text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
    perform cix.audit_append(array[audit_id], at, array[caller], method, array[certificate],
        array[salt], array[coalesce(lookup, account_index, uuid_send(id))], array[0::smallint],
        array[null::uuid],
        array[case when exists (
            select from cix.history_version(caller, kind, account_index, month, lookup, id))
            then 0 else 1 end::smallint], null);
    return query
    select v.record_id, v.recorded_at, v.submission_id, coalesce(c.chunk, v.chunk),
        coalesce(c.line, v.line), coalesce(v.is_deleted, false), v.restored_by, v.origin, c.action,
        c.reason, c.sealed_note, d.field, d.before, d.after
    from (select o.*, lag(o.content) over (order by o.record_id) as earlier
            from cix.history_version(caller, kind, account_index, month, lookup, id) as o
            order by o.record_id desc limit 200) as v
        left join lateral (
            select r.chunk, r.line, r.action, r.reason, r.sealed_note from cix.correction as r
            where r.member_id = caller and r.submission_id = v.submission_id
                and r.record_id = v.record_id
            union all -- facts keep it themselves
            (select f.chunk, f.line, case when f.is_deleted then 2 else 1 end::smallint, f.reason,
                f.sealed_note
            from cix.fact_key as k
                join cix.fact as f on f.fact_id = k.fact_id and f.record_id = v.record_id
            where k.member_id = caller and k.kind = history_read.kind
                and k.key_index = history_read.lookup and f.reason > 0
            order by f.is_deleted limit 1)) as c on true
        left join lateral (
            select f.field, coalesce(v.earlier ->> f.field, '') as before,
                coalesce(v.content ->> f.field, '') as after
            from (select jsonb_object_keys(v.content) as field
                union
                select jsonb_object_keys(v.earlier)) as f
            where v.content -> f.field is distinct from v.earlier -> f.field) as d on true
    order by v.record_id desc, d.field;
end;
$$;
comment on function cix.history_read is 'The history of a record of the caller. Granted to cix_submit.';
