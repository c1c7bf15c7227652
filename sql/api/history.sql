-- The history of a record: every version that its member gave, and what differs from one to the next.

-- cix.history_names: the names that a member had given of a subject by a time, as digests by the head of their
--   identifier.
create or replace function cix.history_names(caller int, subject bigint, at timestamptz)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_object_agg(h.head, h.names)
    from (select n.identifier_head::text as head, jsonb_agg(n.name order by n.name) as names
        from (select o.identifier_head, encode(o.name_index, 'hex') as name
            from cix.subject_name as o
            where o.subject_id = subject and o.member_id = caller and o.recorded_at <= at
            union
            select o.identifier_head, encode(o.name_index, 'hex')
            from cix.subject_name_removed as o
            where o.subject_id = subject and o.member_id = caller and o.recorded_at <= at
                and o.removed_at > at) as n
        where n.identifier_head is not null
        group by n.identifier_head) as h;
end;
comment on function cix.history_names is 'Names of a member by a time. Not granted to anyone.';

-- cix.history_given: of a row what its record gave: neither null nor an empty text or list, nor the 0 of a code that was
--   not given.
create or replace function cix.history_given(content jsonb)
returns jsonb language sql immutable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(content) as f
    where f.value not in ('null', '""', '[]') and (f.value <> '0' or f.key not in (
        'channel', 'collection_stage', 'counterparty_band', 'evidence_level', 'five_category', 'form',
        'ground', 'method', 'performance', 'repay_frequency', 'result', 'role', 'security', 'segment',
        'segregation', 'sex', 'side', 'source', 'stage', 'status', 'status_reason', 'type'));
end;
comment on function cix.history_given is 'What a record gave of its fields. Not granted to anyone.';

-- cix.history_version: versions of one record of the caller, in no order. content: its fields by name,
--   without what is sealed, the exchange's own or not given. hidden: fields of which no more is told than that
--   they differ; its object names is history_names. sealed_fields, sealed_values, sealed_ids: texts that cixd
--   has to open for that, and what they are bound to; field * is all that is sealed of a fact, field duty of a
--   listing's document. A subject is found by an identifier that the member gave itself: that another joined one
--   to it, it does not learn (account_put); once it took all back, by each. lookup: of a
--   fact the digest of its key.
create or replace function cix.history_version(
    caller int, kind smallint, account_index bytea, month int, lookup bytea, id uuid)
returns table (record_id bigint, recorded_at timestamptz, submission_id uuid, chunk int, line int,
    is_deleted boolean, restored_by uuid, origin text, content jsonb, hidden jsonb,
    sealed_fields text[], sealed_values bytea[], sealed_ids bigint[])
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
        'custodian_id', 'external_id', 'case_index', 'sealed_case_no', 'version_id', 'detail_index',
        'sealed_text', 'scope_index',
        'identifier_details', 'sealed_details'];
begin
    if kind = 1 then
        return query
        select c.record_id, c.recorded_at, c.submission_id, 0, 0, c.is_revoked, c.restored_by,
            c.origin, cix.history_given(to_jsonb(c) - own),
            jsonb_strip_nulls(jsonb_build_object('document_hash', encode(c.document_hash, 'hex'),
                'scope_account_no', encode(c.scope_index, 'hex'))), null::text[],
            null::bytea[], null::bigint[]
        from cix.consent as c
        where c.lookup = history_version.lookup and c.member_id = caller and c.consent_id = id;
    elsif kind = 2 then
        return query
        select v.record_id, v.recorded_at, v.submission_id, 0, 0, v.is_deleted, (
                -- what a back-out wrote is under the submission, and came when that was closed
                select b.submission_id from cix.back_out as b
                where v.is_deleted and b.member_id = caller and b.submission_id = v.submission_id
                    and b.asked_at <= v.recorded_at), v.origin,
            cix.history_given(to_jsonb(v) - own),
            jsonb_strip_nulls(jsonb_build_object(
                'names', cix.history_names(caller, v.subject_id, v.recorded_at),
                'identifiers', v.identifier_details,
                'legal_representative', v.representative_id, 'controller', v.controller_id,
                'parent', v.parent_id)),
            array['birth_on', 'mobiles', 'address', 'identifiers'],
            array[v.sealed_birth, v.sealed_mobiles, v.sealed_address, v.sealed_details],
            array[v.record_id, v.record_id, v.record_id, v.record_id]
        from cix.identifier as i
            join cix.subject_version as v
                on v.subject_id = i.subject_id and v.member_id = caller
                    and cix.alias_home(v.subject_id, v.record_id) is not distinct from i.home_id
        where i.lookup = history_version.lookup
            and (exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.member_id = caller
                        and coalesce(n.identifier_head = cix.lookup_head(i.lookup), true))
                or not exists (
                    select from cix.subject_name as n
                    where n.subject_id = i.subject_id and n.member_id = caller));
    elsif kind = 3 then
        return query
        select v.record_id, v.recorded_at, v.submission_id, 0, 0, v.is_deleted, v.restored_by,
            v.origin, cix.history_given(to_jsonb(v) - own),
            jsonb_strip_nulls(jsonb_build_object(
                'platform_code', v.platform_id, 'parent_account_no', v.parent_account_id,
                'transferred_from_code', v.transferred_from_id,
                'transferred_from_account_no', v.transferred_from_account_id,
                'creditor_code', v.creditor_id,
                'original_creditor', encode(v.original_creditor_index, 'hex'))),
            null::text[], null::bytea[], null::bigint[]
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
                order by v.record_id limit 1), cix.history_given(to_jsonb(d) - own),
            null::jsonb, null::text[], null::bytea[], null::bigint[]
        from cix.account_key as k
            join cix.performance_delta as d
                on d.subject_id = k.subject_id and d.account_id = k.account_id and d.period = month
        where k.member_id = caller and k.account_index = history_version.account_index;
    elsif kind = 5 then
        return query
        select e.event_id, e.recorded_at, e.submission_id, 0, 0, e.status in (4, 5, 6),
            e.restored_by, null::text,
            cix.history_given((coalesce(c.content || to_jsonb(d), c.content, '{}') || to_jsonb(e)) - own),
            null::jsonb, array['case_no', 'duty'], array[c.sealed_case_no, d.sealed_text],
            array[c.record_id, c.record_id]
        from cix.flag_key as k
            join cix.flag_event as e on e.subject_id = k.subject_id and e.flag_id = k.flag_id
            left join lateral (
                select o.content, o.sealed_case_no, o.record_id
                from (select v.record_id, v.sealed_case_no, to_jsonb(v) as content from cix.flag_version as v
                    where v.subject_id = k.subject_id and v.flag_id = k.flag_id
                    union all
                    select f.record_id, f.sealed_case_no, to_jsonb(f) from cix.flag as f
                    where f.subject_id = k.subject_id and f.flag_id = k.flag_id) as o
                where o.record_id = e.version_id or e.version_id is null
                order by o.record_id limit 1) as c on true
            left join cix.flag_detail as d
                on d.subject_id = k.subject_id and d.flag_id = k.flag_id and d.record_id = c.record_id
        where k.member_id = caller and k.external_id = id;
    elsif cix.fact_class(kind) is not null then
        -- One that moved to another subject has a row under each.
        return query
        select distinct on (f.record_id) f.record_id, f.recorded_at, f.submission_id, f.chunk, f.line,
            f.is_deleted, f.restored_by, nullif(f.origin, ''),
            coalesce(cix.history_given(c.content - own || case when k.kind = 12 then jsonb_build_object(
                'custodian_code', (
                    select m.code from cix.member as m
                    where m.member_id = (c.content ->> 'custodian_id')::int)) else '{}' end), '{}'),
            jsonb_strip_nulls(jsonb_build_object('document_hash', c.content -> 'document_hash',
                'consent_id', c.content -> 'consent_id')),
            array['*'], array[f.sealed_text], array[coalesce(f.text_id, f.record_id)]
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

-- cix.history_differ: fields in which a version of a record differs from the one before. before and after of
--   hidden and sealed fields are empty. Sealed texts that are there and are not the same bytes come along: cixd
--   says whether they say the same.
create or replace function cix.history_differ(
    before_content jsonb, after_content jsonb, before_hidden jsonb, after_hidden jsonb, fields text[],
    before_values bytea[], after_values bytea[], before_ids bigint[], after_ids bigint[])
returns table (field text, before text, after text, sealed_before bytea, sealed_after bytea,
    before_id bigint, after_id bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select f.field, coalesce(before_content ->> f.field, ''), coalesce(after_content ->> f.field, ''),
        null::bytea, null::bytea, 0::bigint, 0::bigint
    from (select jsonb_object_keys(after_content) as field
        union
        select jsonb_object_keys(before_content)) as f
    where after_content -> f.field is distinct from before_content -> f.field
    union all
    select f.field, '', '', null, null, 0, 0
    from (select jsonb_object_keys(after_hidden) as field
        union
        select jsonb_object_keys(before_hidden)) as f
    where f.field <> 'names'
        and after_hidden -> f.field is distinct from before_hidden -> f.field
    union
    select distinct case when a.value is null or b.value is null then 'identifiers' else 'name' end,
        '', '', null::bytea, null::bytea, 0::bigint, 0::bigint
    from jsonb_each(after_hidden -> 'names') as a
        full join jsonb_each(before_hidden -> 'names') as b on b.key = a.key
    where a.value is distinct from b.value
    union all
    select 'name', '', '', null, null, 0, 0
    where after_hidden ? 'names' and before_hidden is null
    union all
    select f.field, '', '', b.value, a.value, coalesce(b.id, 0), coalesce(a.id, 0)
    from unnest(fields) with ordinality as f (field, n)
        cross join lateral (select before_values[f.n] as value, before_ids[f.n] as id) as b
        cross join lateral (select after_values[f.n] as value, after_ids[f.n] as id) as a
    where b.value is distinct from a.value;
end;
comment on function cix.history_differ is 'What differs between two versions. Not granted to anyone.';

-- cix.history_read: the latest 200 versions of a record of the caller, newest first, one row a field that
--   differs from the version before (field null: none), with its reason; no row when there is none, or it is another member's.
--   back_out_id: of the back-out that made the version, or that took its submission back; null: none. Its note is bound to it.
create or replace function cix.history_read(
    caller int, kind smallint, account_index bytea, month int, lookup bytea, id uuid,
    at timestamptz, audit_id bigint, certificate bytea, salt bytea, method smallint)
returns table (record_id bigint, recorded_at timestamptz, submission_id uuid, chunk int, line int,
    is_deleted boolean, restored_by uuid, origin text, action smallint, reason smallint,
    sealed_note bytea, field text, before text, after text, sealed_before bytea, sealed_after bytea,
    before_id bigint, after_id bigint, back_out_id bigint, back_out_at timestamptz,
    back_out_reason smallint, sealed_back_out_note bytea)
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
        c.reason, c.sealed_note, d.field, d.before, d.after, d.sealed_before, d.sealed_after,
        coalesce(d.before_id, 0), coalesce(d.after_id, 0), b.back_out_id, b.asked_at, w.reason,
        w.sealed_note
    from (select o.*, lag(o.content) over w as earlier, lag(o.hidden) over w as earlier_hidden,
                lag(o.sealed_values) over w as earlier_values, lag(o.sealed_ids) over w as earlier_ids
            from cix.history_version(caller, kind, account_index, month, lookup, id) as o
            window w as (order by o.record_id)
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
        left join cix.back_out as b
            on b.member_id = caller and b.submission_id = coalesce(v.restored_by, v.submission_id)
                and b.phase >= 2
        left join cix.correction as w
            on w.member_id = caller and w.submission_id = b.submission_id
                and w.record_id = b.back_out_id
        left join lateral cix.history_differ(v.earlier, v.content, v.earlier_hidden, v.hidden,
            v.sealed_fields, v.earlier_values, v.sealed_values, v.earlier_ids, v.sealed_ids) as d on true
    order by v.record_id desc, d.field;
end;
$$;
comment on function cix.history_read is 'The history of a record of the caller. Granted to cix_submit.';
