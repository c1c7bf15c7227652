-- The registry of members: written by cixd's member commands, polled by every server. Role cix_admin.

create or replace function cix.registry_version() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select version from cix.registry;
end;
comment on function cix.registry_version is 'Version of the registry; rises with every change.';

create or replace function cix.registry_members()
returns table (member_id int, code text, name text, type smallint, state smallint, roles int,
    data_classes int, purposes smallint[], quota_per_second int, quota_burst int, quota_per_day bigint,
    uscc text, region text, parent_id int, code14 text,
    reciprocity_consumer smallint, reciprocity_commercial smallint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select member_id, code, name, type, state, roles, data_classes, purposes, quota_per_second,
           quota_burst, quota_per_day, uscc, region, parent_id, code14,
           reciprocity_consumer, reciprocity_commercial
      from cix.member order by member_id;
end;
comment on function cix.registry_members is 'All members.';

create or replace function cix.registry_certificates()
returns table (fingerprint bytea, member_id int, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select fingerprint, member_id, expires_at from cix.member_certificate
     where state = 1 order by fingerprint;
end;
comment on function cix.registry_certificates is 'Certificates that are not revoked.';

create or replace function cix.registry_attributes()
returns table (member_id int, kind smallint, from_on date, until_on date, value bigint, document_hash bytea,
    recorded_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select distinct on (member_id, kind) member_id, kind, from_on, until_on, value, document_hash, recorded_at
      from cix.member_attribute order by member_id, kind, recorded_at desc;
end;
comment on function cix.registry_attributes is 'The attribute of each kind that counts, ended ones included.';

-- Outcomes: 1 done, 2 no such member.
create or replace function cix.member_attribute_put(
    p_code text, p_kind smallint, p_from date, p_until date, p_value bigint, p_document_hash bytea,
    p_at timestamptz)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update cix.registry set version = version + 1;
    insert into cix.member_attribute (member_id, kind, recorded_at, from_on, until_on, value, document_hash)
        select m.member_id, p_kind, p_at, p_from, p_until, p_value, p_document_hash
          from cix.member m where m.code = p_code;
    return case when found then 1 else 2 end;
end
$$;
comment on function cix.member_attribute_put is 'Records an attestation or a limit of a member. Raises the registry version.';

-- cix.member_has_to_show: whether a member contributes and has not become active yet, which takes a result of the conformance cases.
create or replace function cix.member_has_to_show(member cix.member) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp
return (member).activated_at is null and (member).roles & 5 <> 0;
comment on function cix.member_has_to_show is 'Whether a member has to show what its side does before it is active. Not granted to anyone.';

-- cix.member_shown: the roles that a member has shown by results of the conformance cases, and those for which the operator's word with
--   a reason stands in place of one. Of whom only asks, the word is for what it is to contribute.
create or replace function cix.member_shown(p_member_id int) returns int
language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(bit_or(s.roles), 0)
      from (select c.roles from cix.conformance c where c.member_id = p_member_id
            union all
            select a.roles from cix.member_act a where a.member_id = p_member_id) s;
end;
comment on function cix.member_shown is 'The roles whose side a member has shown. Not granted to anyone.';

-- Outcomes: 1 added, 2 changed, 3 nothing: it would contribute and be active without a result of the conformance cases,
--   for the first time or with a role that it had not and has not shown. Where it is not active it gets the role, and has to show before it is again.
--   4 nothing: the institution's code (p_code14; null leaves what stands) is another member's.
create or replace function cix.member_put(
    p_code text, p_name text, p_type smallint, p_state smallint, p_roles int, p_data_classes int,
    p_purposes smallint[], p_quota_per_second int, p_quota_burst int, p_quota_per_day bigint,
    p_profile int, p_code14 text, p_at timestamptz)
returns table (outcome smallint, member_id int)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_known cix.member;
    v_id int;
    v_outcome smallint := 2;
    v_state smallint;
    v_has_to_show boolean;
begin
    update cix.registry set version = version + 1; -- first: it queues changes one behind the other
    select * into v_known from cix.member m where m.code = p_code;
    v_id := v_known.member_id;
    v_state := coalesce(nullif(p_state, 0), v_known.state, case when p_roles & 5 <> 0 then 3 else 4 end);
    v_has_to_show := p_roles & 5 <> 0 and v_known.activated_at is null
        or p_roles & 5 & ~v_known.roles & ~cix.member_shown(v_id) <> 0;
    if v_id is null then
        select coalesce(max(m.member_id), 0) + 1 into v_id from cix.member m;
        v_outcome := 1;
    elsif v_has_to_show and v_state in (4, 5) then
        return query select 3::smallint, v_id;
        return;
    end if;
    if exists (select from cix.member m where m.code14 = p_code14 and m.member_id <> v_id) then
        return query select 4::smallint, v_id;
        return;
    end if;
    insert into cix.member as m (member_id, code, name, type, state, roles, data_classes, purposes,
            quota_per_second, quota_burst, quota_per_day, profile, code14, recorded_at, activated_at)
        values (v_id, p_code, p_name, p_type, v_state, p_roles, p_data_classes,
            p_purposes, coalesce(p_quota_per_second, v_known.quota_per_second, 1000),
            coalesce(p_quota_burst, v_known.quota_burst, 2000), coalesce(p_quota_per_day, v_known.quota_per_day, 0),
            p_profile, coalesce(p_code14, v_known.code14), p_at,
            case when v_state > 3 then p_at end)
        on conflict (member_id) do update set name = excluded.name, type = excluded.type,
            state = case when p_state = 0 then m.state else p_state end, roles = excluded.roles,
            data_classes = excluded.data_classes, purposes = excluded.purposes, quota_per_second = excluded.quota_per_second,
            quota_burst = excluded.quota_burst, quota_per_day = excluded.quota_per_day,
            profile = excluded.profile, code14 = excluded.code14, recorded_at = excluded.recorded_at,
            activated_at = case when v_has_to_show then null when p_state in (4, 5) then coalesce(m.activated_at, p_at)
                                else m.activated_at end;
    return query select v_outcome, v_id;
end
$$;
comment on function cix.member_put is 'Adds a member, or changes the one with this code. State 0 and a quota that is null leave what stands; a new one that contributes is TESTING then, another ACTIVE, with the default quota. Raises the registry version.';

-- cix.member_state_set: changes a member's state, and keeps why (p_reason: as in member_act). One audit row, method 207.
-- Outcomes: 1 done, 2 no such member, 3 it contributes, was never active and is to be so without a result of the
--   conformance cases and without a reason, or RESTRICTED, where it could contribute too.
create or replace function cix.member_state_set(
    p_code text, p_state smallint, p_reason smallint, p_at timestamptz, p_audit_id bigint, p_salt bytea)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_member cix.member;
    v_outcome smallint := 1;
begin
    update cix.registry set version = version + 1;
    select * into v_member from cix.member m where m.code = p_code;
    if v_member.member_id is null then
        return 2;
    end if;
    if (p_state = 5 or p_state = 4 and p_reason = 0) and cix.member_has_to_show(v_member) then
        v_outcome := 3;
    else
        update cix.member set state = p_state, recorded_at = p_at,
            activated_at = case when p_state in (4, 5) then coalesce(activated_at, p_at) else activated_at end
         where member_id = v_member.member_id;
        insert into cix.member_act (member_id, act_id, before, after, reason, roles, recorded_at)
            values (v_member.member_id, p_audit_id, v_member.state, p_state, p_reason,
                case when p_state = 4 and p_reason <> 0 then coalesce(nullif(v_member.roles & 5, 0), 5) else 0 end, p_at);
    end if;
    perform cix.audit_act(p_audit_id, p_at, 207::smallint, p_salt, int4send(v_member.member_id), v_outcome,
        sha256(int4send(v_member.member_id) || int2send(v_member.state) || int2send(p_state) || int2send(p_reason)));
    return v_outcome;
end
$$;
comment on function cix.member_state_set is 'Changes the state of a member; in force on every server at its next poll.';

-- cix.member_place_set: which organisation a member is, where, and whose: null leaves what stands, empty takes it away.
-- Outcomes: 1 done, 2 no such member, 3 the parent is no member, 4 the parent belongs to the member itself, 5 the
--   institution's code is another member's.
create or replace function cix.member_place_set(
    p_code text, p_uscc text, p_region text, p_parent text, p_code14 text, p_at timestamptz)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_id int;
    v_parent int;
begin
    update cix.registry set version = version + 1;
    select m.member_id into v_id from cix.member m where m.code = p_code;
    select m.member_id into v_parent from cix.member m where m.code = p_parent;
    if v_id is null then
        return 2;
    elsif p_parent <> '' and v_parent is null then
        return 3;
    elsif exists (
            with recursive above (member_id) as (
                select v_parent
                union
                select m.parent_id from above a join cix.member m on m.member_id = a.member_id)
            select from above a where a.member_id = v_id) then
        return 4;
    elsif exists (select from cix.member m where m.code14 = p_code14 and m.member_id <> v_id) then
        return 5;
    end if;
    update cix.member m
       set uscc = case when p_uscc is null then m.uscc else nullif(p_uscc, '') end,
           region = case when p_region is null then m.region else nullif(p_region, '') end,
           parent_id = case when p_parent is null then m.parent_id else v_parent end,
           code14 = case when p_code14 is null then m.code14 else nullif(p_code14, '') end, recorded_at = p_at
     where m.member_id = v_id;
    return 1;
end
$$;
comment on function cix.member_place_set is 'Notes which organisation a member is. Raises the registry version.';

-- cix.member_person_set: who leads a member, by the keyed digest of an identifier; null takes it away. One audit row, method
--   210. Tells nothing of the person, nor whether a court lists it: that is a finding for the regulator.
-- Outcomes: 1 done, 2 no such member.
create or replace function cix.member_person_set(
    p_code text, p_lookup bytea, p_at timestamptz, p_audit_id bigint, p_salt bytea)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_member int;
begin
    update cix.registry set version = version + 1; -- changes of members are one behind the other
    select m.member_id into v_member from cix.member m where m.code = p_code;
    if v_member is null then
        return 2;
    end if;
    delete from cix.member_person p where p.member_id = v_member;
    if p_lookup is not null then
        insert into cix.member_person (member_id, lookup, recorded_at) values (v_member, p_lookup, p_at);
    end if;
    perform cix.finding_person(p_at);
    perform cix.audit_act(p_audit_id, p_at, 210::smallint, p_salt, coalesce(p_lookup, int4send(v_member)), 0::smallint,
        sha256(int4send(v_member)));
    return 1;
end
$$;
comment on function cix.member_person_set is 'Notes the responsible person of a member.';

-- cix.member_reciprocity_set: what a member may see of credit data, for what it gives: null leaves what stands. Keeps why
--   (p_reason: as in member_act). One audit row, method 211.
-- Outcomes: 1 done, 2 no such member.
create or replace function cix.member_reciprocity_set(
    p_code text, p_consumer smallint, p_commercial smallint, p_reason smallint, p_at timestamptz,
    p_audit_id bigint, p_salt bytea)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_member cix.member;
    v_consumer smallint;
    v_commercial smallint;
begin
    update cix.registry set version = version + 1;
    select * into v_member from cix.member m where m.code = p_code;
    if v_member.member_id is null then
        return 2;
    end if;
    v_consumer := coalesce(p_consumer, v_member.reciprocity_consumer);
    v_commercial := coalesce(p_commercial, v_member.reciprocity_commercial);
    update cix.member set reciprocity_consumer = v_consumer, reciprocity_commercial = v_commercial, recorded_at = p_at
     where member_id = v_member.member_id;
    insert into cix.reciprocity_act (member_id, act_id, consumer_before, commercial_before, consumer_after,
            commercial_after, reason, recorded_at)
        values (v_member.member_id, p_audit_id, v_member.reciprocity_consumer, v_member.reciprocity_commercial,
            v_consumer, v_commercial, p_reason, p_at);
    perform cix.audit_act(p_audit_id, p_at, 211::smallint, p_salt, int4send(v_member.member_id), 1::smallint,
        sha256(int4send(v_member.member_id) || int2send(v_member.reciprocity_consumer)
            || int2send(v_member.reciprocity_commercial) || int2send(v_consumer) || int2send(v_commercial)
            || int2send(p_reason)));
    return 1;
end
$$;
comment on function cix.member_reciprocity_set is 'Sets the levels of reciprocity of a member. Raises the registry version.';

-- Outcomes: 1 added, 2 no such member, 3 was there already, 4 belongs to another member, 5 was revoked.
create or replace function cix.certificate_put(p_code text, p_fingerprint bytea, p_expires_at timestamptz, p_at timestamptz)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_member int;
    v_known cix.member_certificate;
begin
    update cix.registry set version = version + 1;
    select m.member_id into v_member from cix.member m where m.code = p_code;
    if v_member is null then
        return 2;
    end if;
    select * into v_known from cix.member_certificate c where c.fingerprint = p_fingerprint;
    if found then
        return case when v_known.member_id <> v_member then 4 when v_known.state = 2 then 5 else 3 end;
    end if;
    insert into cix.member_certificate (fingerprint, member_id, expires_at, state, recorded_at)
        values (p_fingerprint, v_member, p_expires_at, 1, p_at);
    return 1;
end
$$;
comment on function cix.certificate_put is 'Lets a certificate speak for a member. A revoked one stays revoked.';

-- Outcomes: 1 done, 2 unknown, 3 was revoked before.
create or replace function cix.certificate_revoke(p_fingerprint bytea, p_at timestamptz)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_state smallint;
begin
    update cix.registry set version = version + 1;
    select c.state into v_state from cix.member_certificate c where c.fingerprint = p_fingerprint;
    if v_state is null then
        return 2;
    end if;
    if v_state = 2 then
        return 3;
    end if;
    update cix.member_certificate set state = 2, revoked_at = p_at where fingerprint = p_fingerprint;
    return 1;
end
$$;
comment on function cix.certificate_revoke is 'Ends a certificate; its connections are closed at the next poll.';

-- cix.conformance_put: records a result and makes the member ACTIVE.
--   p_roles: of the records that the test exchange saw
-- Outcomes: 1 done, 2 no such member, 3 the certificate is not one of the member's, 4 the member is not in state TESTING, nor
--   ACTIVE and the result shows a role that it has not shown, 5 it is to contribute what the result does not show.
create or replace function cix.conformance_put(
    p_code text, p_fingerprint bytea, p_file_hash bytea, p_made_at timestamptz,
    p_exchange_version text, p_client_version text, p_case_count int, p_roles int, p_at timestamptz)
returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_member cix.member;
    v_shown int;
begin
    update cix.registry set version = version + 1;
    select * into v_member from cix.member m where m.code = p_code;
    if v_member.member_id is null then
        return 2;
    end if;
    if not exists (select from cix.member_certificate c
                    where c.fingerprint = p_fingerprint and c.member_id = v_member.member_id and c.state = 1) then
        return 3;
    end if;
    v_shown := cix.member_shown(v_member.member_id);
    if v_member.state not in (3, 4) or v_member.state = 4 and p_roles & 5 & ~v_shown = 0 then
        return 4;
    end if;
    if cix.member_has_to_show(v_member) and v_member.roles & 5 & ~(p_roles | v_shown) <> 0 then
        return 5;
    end if;
    insert into cix.conformance (member_id, file_hash, fingerprint, made_at, exchange_version,
            client_version, case_count, roles, recorded_at)
        values (v_member.member_id, p_file_hash, p_fingerprint, p_made_at, p_exchange_version,
            p_client_version, p_case_count, p_roles & 5, p_at)
        on conflict do nothing;
    update cix.member set state = 4, recorded_at = p_at, activated_at = coalesce(activated_at, p_at)
     where member_id = v_member.member_id;
    return 1;
end
$$;
comment on function cix.conformance_put is 'Makes a TESTING member ACTIVE by the result of its conformance cases, or lets an ACTIVE one be given a role that contributes; keeps what the result says.';
