-- Each role of the server calls what is listed here and reads no table. A function that is granted
-- anew has to be put into this list, and into trace.sql when it answers about subjects.
create extension pgtap;
begin;
select plan(13);

create function pg_temp.granted(role text) returns text language sql as $$
    select string_agg(distinct p.proname, ' ' order by p.proname)
      from pg_proc p
     where p.pronamespace = 'cix'::regnamespace and has_function_privilege(role, p.oid, 'execute') $$;

select is(pg_temp.granted('cix_inquire'),
    'exposure_read flag_ask flag_gaps flag_read migration_list rating_history rating_read report_ask report_read', 'functions of cix_inquire');
select is(pg_temp.granted('cix_regulate'),
    'finding_list grade_read migration_list quality_read standard_get standard_list standard_publish '
    'standard_put standard_retire statistic_read', 'functions of cix_regulate');
select is(pg_temp.granted('cix_submit'),
    'account_delete account_put account_rekey annotation_end annotation_list annotation_put '
    'back_out_begin back_out_step conflict_names conflict_put consent_put correction_put dealer_hold fact_put flag_delete flag_put flag_receive '
    'flag_remove '
    'history_read migration_list performance_delete performance_put protection_end '
    'protection_put quarantine_list quarantine_read quarantine_review subject_delete '
    'subject_put submission_chunk_apply submission_chunk_close submission_chunk_open '
    'submission_commit submission_commit_open submission_hold submission_open '
    'submission_read submission_verdicts',
    'functions of cix_submit');
select is(pg_temp.granted('cix_purge'), 'purge_rows', 'functions of cix_purge: its own');

-- Every table is tried, as every role.
create function pg_temp.readable(role name) returns text language plpgsql as $$
declare
    v_table regclass;
    v_found text := '';
begin
    for v_table in select c.oid from pg_class c where c.relnamespace = 'cix'::regnamespace
                      and c.relkind in ('r', 'p', 'v', 'm') loop
        begin
            execute format('set local role %I', role);
            execute format('select 1 from %s limit 1', v_table);
            v_found := v_found || v_table || ' ';
        exception when insufficient_privilege then null;
        end;
        execute 'reset role';
    end loop;
    return v_found;
end $$;
select is(pg_temp.readable(r), '', r || ' reads no table')
  from unnest(array['cix_inquire', 'cix_submit', 'cix_regulate', 'cix_admin']::name[]) r;

-- No way to resolve an identifier but inside ask and read.
select is_empty(
    $$ select p.proname from pg_proc p, pg_roles r
        where p.pronamespace = 'cix'::regnamespace and r.rolname in
              ('cix_inquire', 'cix_submit', 'cix_regulate', 'cix_admin')
          and p.proname in ('inquiry_decide', 'inquiry_served', 'inquiry_trace', 'audit_append',
                            'audit_leaf', 'report_consent_put', 'subject_owners',
                            'fact_documents', 'fact_place', 'fact_write', 'finding_put')
          and has_function_privilege(r.oid, p.oid, 'execute') $$,
    'deciding, resolving and writing the trace are not callable by themselves');
select is_empty(
    $$ select p.proname from pg_proc p
        where p.pronamespace = 'cix'::regnamespace and not p.prosecdef and exists (
              select from pg_roles r where r.rolname in
                     ('cix_inquire', 'cix_submit', 'cix_regulate', 'cix_admin')
                 and has_function_privilege(r.oid, p.oid, 'execute')) $$,
    'what a role may call runs as the owner');
select is_empty(
    $$ select p.proname, a.name from pg_proc p, unnest(p.proargnames, p.proargmodes) a (name, mode)
        where p.pronamespace = 'cix'::regnamespace and a.mode in ('o', 't')
          and (has_function_privilege('cix_submit', p.oid, 'execute')
               or has_function_privilege('cix_regulate', p.oid, 'execute'))
          and p.proname not in ('annotation_list', 'history_read') -- words about the caller's own clients and records
          and p.proname <> 'conflict_names'  -- sealed names for rule S016, each with its audit row
          and (a.name ~ '^sealed' and a.name <> 'sealed_records' or a.name ~ 'subject_id') $$,
    'contributors and regulators get no sealed field and no subject by any function');
select is_empty(
    $$ select p.proname from pg_proc p
        where p.pronamespace = 'cix'::regnamespace and p.prokind = 'f'
          and p.proname not in ('api_drop', 'api_note', 'backup_tables') -- the owner's, over the catalogue
          and pg_get_functiondef(p.oid) ~* '\n\s*execute\s' $$,
    'no function builds SQL');

select isnt_empty(
    $$ select from pg_proc where pronamespace = 'cix'::regnamespace and prosecdef $$,
    'there are functions to look at');
select * from finish();
rollback;
