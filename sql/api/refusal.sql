-- Refusals before the queue, and of form: wrong fields, which no function saw. Refusals by data are audit rows of the functions that decide them.

-- cix.refusal_put: counts of one minute, each with its audit row.
--   The audit row has outcome 100 (refused before the queue, counted), no certificate, subject,
--   purpose or consent, and as its records hash SHA-256 of "<reason>:<count>" in UTF-8, so that the
--   tree holds what the row of cix.refusal says.
--   Ids that exist are passed over: counts that are written again after a lost connection count once.
create or replace function cix.refusal_put(
    refusal_id bigint[], at timestamptz, member_id int[], method smallint[], reason text[],
    count bigint[], salt bytea[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_none bytea := decode(repeat('00', 32), 'hex');
    v_method smallint;
begin
    insert into cix.refusal (refusal_id, at, member_id, method, reason, count)
    select u.refusal_id, refusal_put.at, u.member_id, u.method, u.reason, u.count
      from unnest(refusal_put.refusal_id, refusal_put.member_id, refusal_put.method,
                  refusal_put.reason, refusal_put.count)
           as u (refusal_id, member_id, method, reason, count)
        on conflict do nothing;
    -- The audit log is written method by method.
    for v_method in select distinct u.method from unnest(refusal_put.method) as u (method) loop
        perform cix.audit_append(
            array_agg(u.refusal_id), refusal_put.at, array_agg(u.member_id), v_method,
            array_agg(v_none), array_agg(u.salt), array_agg(null::bytea), array_agg(0::smallint),
            array_agg(null::uuid), array_agg(100::smallint),
            array_agg(sha256(convert_to(u.reason || ':' || u.count, 'UTF8'))))
        from unnest(refusal_put.refusal_id, refusal_put.member_id, refusal_put.method,
                    refusal_put.reason, refusal_put.count, refusal_put.salt)
             as u (refusal_id, member_id, method, reason, count, salt)
        where u.method = v_method;
    end loop;
end;
$$;
comment on function cix.refusal_put is
    'Counts of what was refused before the queue, with their audit rows. Granted to cix_admin.';
