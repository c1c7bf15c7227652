-- Roles of the exchange. Idempotent; run by whoever may create roles, before any migration.
-- The owner has no login and owns everything; the four serving roles own nothing, read no table and
-- may only execute the functions granted to them in sql/grant.sql. The purge role alone may delete
-- from append-only tables.
do $$
declare
    name text;
begin
    if not exists (select from pg_roles where rolname = 'cix_owner') then
        create role cix_owner nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'cix_purge') then
        create role cix_purge nologin;
    end if;
    foreach name in array array['cix_submit', 'cix_inquire', 'cix_regulate', 'cix_admin'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole noreplication', name);
        end if;
        execute format('alter role %I set search_path = pg_catalog, pg_temp', name);
        execute format('alter role %I set plan_cache_mode = force_generic_plan', name);
    end loop;
    -- Reports and flag checks find everything by key. A generic plan that was made while a table was
    -- small would stay in its session, so no other kind of plan is on the table.
    foreach name in array array['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin', 'material'] loop
        execute format('alter role cix_inquire set enable_%s = off', name);
    end loop;
    alter role cix_inquire set jit = off;
    alter role cix_inquire set work_mem = '32MB';
end
$$;
-- The owner makes the one function that belongs to the purge role.
grant cix_purge to cix_owner;
create schema if not exists cix authorization cix_owner;
revoke all on schema public from public;
revoke all on schema cix from public;
grant usage on schema cix to cix_submit, cix_inquire, cix_regulate, cix_admin;
grant usage, create on schema cix to cix_purge;
