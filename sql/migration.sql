-- What was applied to this database, and how the functions of sql/api are replaced as one set.
-- Idempotent; run by cixd migrate behind role.sql, as the owner, before the numbered migrations.
create table if not exists cix.schema_version (
    version int primary key,
    name text not null,
    sha256 bytea not null check (length(sha256) = 32),
    applied_at timestamptz not null default now(),
    applied_by text not null default session_user
);
comment on table cix.schema_version is 'Numbered migrations that were applied. Append-only.';
comment on column cix.schema_version.version is 'Number of the file, 1, 2, ... without gaps.';
comment on column cix.schema_version.name is 'Path of the file below sql/.';
comment on column cix.schema_version.sha256 is 'Digest of the file as it was applied; an edited file is refused.';
comment on column cix.schema_version.applied_at is 'When its transaction began.';
comment on column cix.schema_version.applied_by is 'Database login that applied it.';

create table if not exists cix.api_version (
    path text primary key,
    sha256 bytea not null check (length(sha256) = 32),
    applied_at timestamptz not null default now()
);
comment on table cix.api_version is 'Files that are applied again whenever they change: functions, roles, grants.';
comment on column cix.api_version.path is 'Path of the file below sql/.';
comment on column cix.api_version.sha256 is 'Digest of the file as it was applied.';
comment on column cix.api_version.applied_at is 'When its transaction began.';

create table if not exists cix.api_function (
    signature text primary key
);
comment on table cix.api_function is 'Functions that the files of sql/api made; all are dropped before the next set.';
comment on column cix.api_function.signature is 'Name and argument types, as regprocedure writes them.';

create or replace function cix.migration_list() returns table (path text, sha256 bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select s.name, s.sha256 from cix.schema_version s
    union all
    select a.path, a.sha256 from cix.api_version a;
end;
comment on function cix.migration_list is 'Every applied file with its digest: what a server compares before it serves.';
revoke execute on function cix.migration_list from public;
grant execute on function cix.migration_list to cix_submit, cix_inquire, cix_regulate, cix_admin;

-- A function that left sql/api, or changed its arguments, must not stay callable under its old
-- grants. In one statement, since the functions of a set may depend on one another. What remains is
-- put into the table for the moment, so that cix.api_note can tell what came new.
create or replace function cix.api_drop() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_list text;
begin
    select string_agg(p.oid::regprocedure::text, ', ') into v_list
      from cix.api_function f join pg_proc p on p.oid = to_regprocedure(f.signature);
    if v_list is not null then
        execute 'drop function ' || v_list;
    end if;
    delete from cix.api_function;
    insert into cix.api_function
        select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'cix'::regnamespace;
end
$$;
comment on function cix.api_drop is 'Drops the set of sql/api. Owner only; cix.api_note must follow in the same transaction.';
revoke execute on function cix.api_drop from public;

create or replace function cix.api_note(p_paths text[], p_digests bytea[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_new text[];
begin
    select array_agg(p.oid::regprocedure::text) into v_new from pg_proc p
     where p.pronamespace = 'cix'::regnamespace
       and p.oid::regprocedure::text not in (select f.signature from cix.api_function f);
    delete from cix.api_function;
    insert into cix.api_function select unnest(v_new);
    delete from cix.api_version;
    insert into cix.api_version (path, sha256) select * from unnest(p_paths, p_digests);
end
$$;
comment on function cix.api_note is 'Notes the functions that came since cix.api_drop, and the files of the set. Owner only.';
revoke execute on function cix.api_note from public;
