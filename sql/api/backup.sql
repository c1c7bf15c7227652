-- What a backup is compared by, and what a restored database needs once. For cixd backup and restore
-- on the owner's connection; granted to no role.

-- cix.backup_tables: every table of the exchange with its rows and a digest over them.
--   digest: SHA-256 over the sums of the two halves of each row's SHA-256, so that it does not depend on
--   the order; a row is its text with ISO dates in UTC. Columns of type xid8 are left out: they name
--   transactions of one cluster, and another one starts counting anew.
--   It builds its statements from the catalogue, so that no table that comes later is forgotten.
create or replace function cix.backup_tables()
returns table (name text, row_count bigint, digest bytea)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD'
set bytea_output = 'hex' set extra_float_digits = 1
as $$
declare
    v_table record;
begin
    for v_table in
        select c.relname::text as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
                filter (where a.atttypid <> 'xid8'::regtype) as columns
        from pg_class as c
            join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'cix'::regnamespace and c.relkind in ('r', 'p')
            and not c.relispartition
        group by c.relname
        order by c.relname
    loop
        name := v_table.name;
        execute format(
            'select count(*), sha256(convert_to(concat(sum((''x'' || left(h.hash, 16))::bit(64)::bigint),'
            ''' '', sum((''x'' || substr(h.hash, 17, 16))::bit(64)::bigint)), ''UTF8''))'
            ' from (select encode(sha256(convert_to(row(%s)::text, ''UTF8'')), ''hex'') as hash'
            ' from cix.%I) as h', v_table.columns, v_table.name)
        into row_count, digest;
        return next;
    end loop;
end;
$$;
comment on function cix.backup_tables is 'Rows and digest of every table. Owner only.';

-- cix.backup_settle: makes the chunks of a restored database those of no transaction. A new cluster
--   counts transactions from the start, and a chunk would belong to the one that happens to have its
--   number: its replay would be written again. Transaction 0 never is. And the function that belongs to
--   cix_purge gets its owner again, for everything was restored as the owner's.
create or replace function cix.backup_settle() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    update cix.submission_chunk as c set xid = '0'::xid8 where c.xid <> '0'::xid8;
    get diagnostics v_count = row_count;
    alter function cix.purge_rows owner to cix_purge;
    return v_count;
end;
$$;
comment on function cix.backup_settle is 'Detaches chunks from transactions of another cluster. Owner only.';
