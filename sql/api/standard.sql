-- Rating standards: loaded, published, retired, read. Whoever writes is the administrative regulator, or
-- the operator on its host as member 0. The texts are read and checked by the server (domain/standard.h).

-- cix.standard_permits: whether a caller may change standards. 0 is the operator, whom only connections
--   that are cix_admin or more can name.
create or replace function cix.standard_permits(caller int)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select caller = 0 and pg_has_role(session_user, 'cix_admin', 'member') or exists (
        select from cix.member m
        where m.member_id = caller and (m.state = 4 or cix.member_serves(m.state)) and m.roles & 8 <> 0);
end;
comment on function cix.standard_permits is 'Whether a caller may change rating standards. Not granted to anyone.';

-- cix.standard_may_read: whether a caller may read standards: every admitted member may.
create or replace function cix.standard_may_read(caller int)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select caller = 0 and pg_has_role(session_user, 'cix_admin', 'member') or exists (
        select from cix.member m where m.member_id = caller and m.state in (3, 4, 5));
end;
comment on function cix.standard_may_read is 'Whether a caller may read rating standards. Not granted to anyone.';

-- cix.standard_revision: rises with every publication and every retirement, with nothing else.
create or replace function cix.standard_revision()
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select count(s.published_at) + count(s.retired_at) from cix.standard s;
end;
comment on function cix.standard_revision is 'Revision of what is in force. Granted to cix_admin.';

-- cix.standard_in_force: the published standards, whatever their days; servers rate by these.
create or replace function cix.standard_in_force()
returns table (standard_no int, content bytea, digest bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select s.standard_no, s.content, s.digest from cix.standard s where s.state = 2 order by s.standard_no;
end;
comment on function cix.standard_in_force is 'The published standards. Granted to cix_admin.';

-- cix.standard_put: takes a canonical text. Outcomes: 0 loaded, 1 was there with the same text, whatever
--   its state, 2 was there with another text, 5 not permitted, 9 too many standards. One audit row.
create or replace function cix.standard_put(
    caller int, id text, number int, text bytea, from_on date, to_on date, most int,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, standard_no int, state smallint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    known cix.standard;
    answer smallint := 0;
begin
    lock table cix.standard in share row exclusive mode; -- numbers follow one another
    select s.* into known from cix.standard s where s.standard_id = id and s.version = number;
    if not cix.standard_permits(caller) then
        answer := 5;
        known := null;
    elsif known.standard_no is not null then
        answer := case when known.content = text then 1 else 2 end;
    elsif (select count(*) from cix.standard) >= most then
        answer := 9;
    else
        insert into cix.standard as s (standard_no, standard_id, version, content, digest, state, valid_from,
                valid_to, loaded_by, loaded_at)
            values ((select coalesce(max(o.standard_no), 0) + 1 from cix.standard o), id, number, text,
                sha256(text), 1, from_on, to_on, caller, at)
            returning s.* into known;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, sha256(text));
    return query select answer, coalesce(known.standard_no, 0), coalesce(known.state, 0::smallint);
end;
$$;
comment on function cix.standard_put is 'Loads a rating standard. Granted to cix_regulate and cix_admin.';

-- cix.standard_publish: puts a loaded version in force and retires the one before it, at once. Outcomes:
--   0 published, 1 was published already, 3 retired, 4 its days are over, 5 not permitted, 6 unknown,
--   7 a later version was published before, 8 too many in force, 10 its days have not begun: the version before it
--   would end and nobody be rated until they do. One audit row.
create or replace function cix.standard_publish(
    caller int, id text, number int, today date, most int,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, standard_no int, replaced int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    chosen cix.standard;
    older int;
    answer smallint;
begin
    lock table cix.standard in share row exclusive mode;
    select s.* into chosen from cix.standard s where s.standard_id = id and s.version = number;
    select s.version into older from cix.standard s where s.standard_id = id and s.state = 2;
    answer := case
        when not cix.standard_permits(caller) then 5
        when chosen.standard_no is null then 6
        when chosen.state = 2 then 1
        when chosen.state = 3 then 3
        when chosen.valid_to < today then 4
        when chosen.valid_from > today then 10
        when exists (select from cix.standard s
            where s.standard_id = id and s.version > number and s.published_at is not null) then 7
        when older is null and (select count(*) from cix.standard s where s.state = 2) >= most then 8
        else 0 end;
    if answer = 0 then
        update cix.standard s
            set state = 3, retired_by = caller, retired_at = at,
                retire_reason = format('version %s was published', number)
            where s.standard_id = id and s.state = 2;
        update cix.standard s set state = 2, published_by = caller, published_at = at
            where s.standard_no = chosen.standard_no;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, chosen.digest);
    return query select answer, coalesce(chosen.standard_no, 0),
        case when answer = 0 then coalesce(older, 0) else 0 end;
end;
$$;
comment on function cix.standard_publish is 'Puts a rating standard in force. Granted to cix_regulate and cix_admin.';

-- cix.standard_retire: takes a version out of force, or a loaded one out of the way, for good. Outcomes:
--   0 retired, 1 was retired already, 5 not permitted, 6 unknown. One audit row.
create or replace function cix.standard_retire(
    caller int, id text, number int, reason text,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, standard_no int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    chosen cix.standard;
    answer smallint;
begin
    lock table cix.standard in share row exclusive mode;
    select s.* into chosen from cix.standard s where s.standard_id = id and s.version = number;
    answer := case
        when not cix.standard_permits(caller) then 5
        when chosen.standard_no is null then 6
        when chosen.state = 3 then 1
        else 0 end;
    if answer = 0 then
        update cix.standard s
            set state = 3, retired_by = caller, retired_at = at, retire_reason = reason
            where s.standard_no = chosen.standard_no;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, chosen.digest);
    return query select answer, coalesce(chosen.standard_no, 0);
end;
$$;
comment on function cix.standard_retire is 'Retires a rating standard. Granted to cix_regulate and cix_admin.';

-- cix.standard_list: the standards without their texts, by name and version. id '': of all names; state_only
--   0: in all states. The only row is outcome 5 when the caller may not. One audit row.
create or replace function cix.standard_list(
    caller int, id text, state_only smallint,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, standard_no int, standard_id text, version int, digest bytea,
    state smallint, valid_from date, valid_to date, loaded_by int, loaded_at timestamptz,
    published_by int, published_at timestamptz, retired_by int, retired_at timestamptz,
    retire_reason text, content bytea)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    is_permitted boolean := cix.standard_may_read(caller);
begin
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt,
        (case when is_permitted then 0 else 5 end)::smallint, null);
    return query
        select 5::smallint, 0, '', 0, ''::bytea, 0::smallint, null::date, null::date, 0, at, null::int,
            null::timestamptz, null::int, null::timestamptz, null::text, null::bytea
        where not is_permitted
        union all
        (select 0::smallint, s.standard_no, s.standard_id, s.version, s.digest, s.state, s.valid_from, s.valid_to,
            s.loaded_by, s.loaded_at, s.published_by, s.published_at, s.retired_by, s.retired_at,
            s.retire_reason, null::bytea
        from cix.standard s
        where is_permitted and (id = '' or s.standard_id = id) and (state_only = 0 or s.state = state_only)
        order by s.standard_id, s.version);
end;
$$;
comment on function cix.standard_list is 'Rating standards without their texts. Granted to cix_regulate and cix_admin.';

-- cix.standard_get: one standard with its text, in whatever state. number 0: the version in force. Outcomes
--   of the one row: 0, 5 the caller may not, 6 unknown. One audit row.
create or replace function cix.standard_get(
    caller int, id text, number int,
    at timestamptz, audit_id bigint, method smallint, certificate bytea, salt bytea)
returns table (outcome smallint, standard_no int, standard_id text, version int, digest bytea,
    state smallint, valid_from date, valid_to date, loaded_by int, loaded_at timestamptz,
    published_by int, published_at timestamptz, retired_by int, retired_at timestamptz,
    retire_reason text, content bytea)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    chosen cix.standard;
    answer smallint := 5;
begin
    if cix.standard_may_read(caller) then
        select s.* into chosen from cix.standard s
        where s.standard_id = id and (s.version = number or number = 0 and s.state = 2);
        answer := case when chosen.standard_no is null then 6 else 0 end;
    end if;
    perform cix.submission_audit(caller, at, audit_id, method, certificate, salt, answer, null);
    return query select answer, coalesce(chosen.standard_no, 0), chosen.standard_id, chosen.version,
        chosen.digest, chosen.state, chosen.valid_from, chosen.valid_to, chosen.loaded_by,
        chosen.loaded_at, chosen.published_by, chosen.published_at, chosen.retired_by, chosen.retired_at,
        chosen.retire_reason, chosen.content;
end;
$$;
comment on function cix.standard_get is 'One rating standard with its text. Granted to cix_regulate and cix_admin.';
