-- Who owns what, who may log in, and who may do what: by the catalogue of a migrated database.
create extension pgtap;
begin;
select plan(9);

select is_empty(
    $$ select relname from pg_class where relnamespace = 'cix'::regnamespace
          and relowner <> 'cix_owner'::regrole $$,
    'every relation of cix belongs to cix_owner');
select is_empty(
    $$ select oid::regprocedure from pg_proc where pronamespace = 'cix'::regnamespace
          and proowner <> case proname when 'purge_rows' then 'cix_purge'::regrole
                          else 'cix_owner'::regrole end $$,
    'every function of cix belongs to cix_owner, and purge_rows to cix_purge');
select is_empty(
    $$ select c.relname, p.name from pg_class c, unnest(array['insert', 'update', 'truncate',
              'references', 'trigger']) p (name)
        where c.relnamespace = 'cix'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and has_table_privilege('cix_purge', c.oid, p.name) $$,
    'cix_purge writes nothing');
select is(
    (select string_agg(c.relname, ' ' order by c.relname) from pg_class c
      where c.relnamespace = 'cix'::regnamespace and c.relkind in ('r', 'p')
        and has_table_privilege('cix_purge', c.oid, 'delete')),
    'account_event account_version collection correction fact flag_event fraud_case liability party '
    'performance_delta public_record rating',
    'cix_purge deletes from these');
select is_empty(
    $$ select rolname from pg_roles where rolname like 'cix\_%'
          and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls) $$,
    'no role of the exchange has a power of the cluster');
select is(
    (select string_agg(rolname, ' ' order by rolname) from pg_roles
      where rolname like 'cix\_%' and rolcanlogin),
    'cix_admin cix_inquire cix_regulate cix_submit',
    'exactly the four serving roles may log in');
select is_empty(
    $$ select c.relname, r.rolname from pg_class c, pg_roles r
        where c.relnamespace = 'cix'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and r.rolname in ('cix_submit', 'cix_inquire', 'cix_regulate', 'cix_admin')
          and has_table_privilege(r.oid, c.oid,
              'select, insert, update, delete, truncate, references, trigger') $$,
    'no serving role has any privilege on any table');
select is_empty(
    $$ select p.oid::regprocedure from pg_proc p where pronamespace = 'cix'::regnamespace
          and has_function_privilege('public', p.oid, 'execute') $$,
    'nothing of cix may be executed by everybody');
select is_empty(
    $$ select p.oid::regprocedure from pg_proc p where pronamespace = 'cix'::regnamespace
          and prosecdef and not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false) $$,
    'every function that runs as the owner fixes its search path');

select * from finish();
rollback;
