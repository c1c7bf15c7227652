-- The schema rules that keep distribution by subject possible, by the catalogue.
create extension pgtap;
begin;
select plan(15);

-- Tables that find a subject by something else, keyed by that.
create temp table finder as select unnest(array['identifier', 'account_key', 'flag_key', 'mark_key', 'fact_key',
    'subject_likeness']) as name;
create temp table tables as
    select c.oid, c.relname::text as name,
           (select a.attnum from pg_attribute a
             where a.attrelid = c.oid and a.attname = 'subject_id' and not a.attisdropped) as subject
      from pg_class c
     where c.relnamespace = 'cix'::regnamespace and c.relkind in ('r', 'p');

select isnt_empty($$ select from tables where subject is not null $$, 'there are tables by subject');
select is_empty(
    $$ select name from tables t where subject is not null and name not in (select * from finder)
          and not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary
                             and i.indkey[0] = t.subject) $$,
    'subject_id is the first column of the primary key');
select is_empty(
    $$ select t.name from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum = t.subject
        where not a.attnotnull $$,
    'subject_id is never null');
select is_empty(
    $$ select i.indexrelid::regclass from tables t join pg_index i on i.indrelid = t.oid
        where t.subject is not null and i.indisunique and t.name not in (select * from finder)
          and t.subject <> all (i.indkey) $$,
    'every unique index of a table by subject holds subject_id');
select is_empty(
    $$ select k.conname from pg_constraint k
         join tables a on a.oid = k.conrelid join tables b on b.oid = k.confrelid
        where k.contype = 'f' and a.subject is not null and b.subject is not null
          and (a.subject <> all (k.conkey) or b.subject <> all (k.confkey)) $$,
    'foreign keys between tables by subject carry subject_id');
select is_empty(
    $$ select t.tgname from pg_trigger t join tables c on c.oid = t.tgrelid where not t.tgisinternal $$,
    'no triggers');
select is_empty(
    $$ select r.rulename from pg_rewrite r join tables c on c.oid = r.ev_class $$, 'no rules');
select is_empty(
    $$ select c.relname from pg_class c where c.relnamespace = 'cix'::regnamespace and c.relkind = 'S' $$,
    'no sequences: ids come from the application');
select is_empty(
    $$ select t.name, a.attname from tables t join pg_attribute a on a.attrelid = t.oid
        where a.attnum > 0 and a.attidentity <> '' $$, 'no identity columns');
select is_empty(
    $$ select t.name from tables t where obj_description(t.oid) is null
       union all
       select t.name || '.' || a.attname from tables t join pg_attribute a on a.attrelid = t.oid
        where a.attnum > 0 and not a.attisdropped and col_description(t.oid, a.attnum) is null $$,
    'every table and column says what it is');
select is_empty(
    $$ select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'cix'::regnamespace and obj_description(p.oid) is null $$,
    'every function says what it is');
select is_empty(
    $$ select p.proname, t.name from pg_proc p, unnest(array['audit', 'inquiry', 'consent',
              'subject_version', 'account_version', 'performance_delta', 'flag_event',
              'submission_verdict', 'fact', 'liability', 'account_event', 'party', 'public_record',
              'fraud_case', 'behaviour', 'statement', 'fund_report', 'collection', 'member_grade',
              'grade_map', 'dealer', 'correction', 'tombstone', 'submission_held', 'quarantine_waiver', 'quality_month', 'rating']) t (name)
        where p.pronamespace = 'cix'::regnamespace and p.prokind = 'f'
          and p.proname <> 'seal_put' -- the same content under another key
          and p.proname not in ('subject_move', 'subject_move_facts') -- the same content under another subject
          and p.proowner <> 'cix_purge'::regrole -- what is over
          and pg_get_functiondef(p.oid) ~* ('(update|delete\s+from)\s+cix\.' || t.name || '\M') $$,
    'no function changes or deletes from an append-only table');

-- A merge of subjects moves every table by subject but these, and no other column.
select is_empty(
    $$ select t.name from tables t
        where t.subject is not null and t.name not in (
              'identifier', 'fact_key', 'liability', 'rollup_subject', -- follow what was moved
              'subject', 'subject_alias', 'subject_moved',             -- say what was merged
              'subject_likeness', 'conflict',                          -- are read through alias_of
              'rating',                                                -- was given to whom stood there
              'rating_due',                                            -- a merge makes both due
              'fund_report', 'grade_map', 'dealer',                              -- of members
              'back_out_work')                                         -- no merge while there are any
          and pg_get_functiondef('cix.subject_move'::regproc)
              !~ ('update cix\.' || t.name || ' as t set subject_id = taker where t\.subject_id = giver') $$,
    'a merge moves every table by subject');
select is_empty(
    $$ select m[1] from regexp_matches(pg_get_functiondef('cix.subject_move'::regproc),
            'update cix\.(\w+) as t set subject_id = taker', 'g') as m
        where pg_get_functiondef('cix.alias_has_rest'::regproc) !~ ('cix\.' || m[1] || ' ') $$,
    'and fsck looks for rows of each that a merge left behind');
select is(
    array(select distinct m[1] from regexp_matches(pg_get_functiondef('cix.subject_move'::regproc),
        ' as t set (\w+) =', 'g') as m order by 1), '{party_subject_id,subject_id}',
    'and changes nothing but whose a row is');

select * from finish();
rollback;
