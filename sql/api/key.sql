-- Sealing anew under another key, by cixd key on the owner's connection; granted to no role. The server opens and seals; these
-- functions hand out sealed values and take sealed values back, never a plain one.
--
-- A place is one sealed column, numbered as in server/vault/place.h:
--   1 subject_name.sealed_name       2 subject_identifier.sealed_value  3 subject_version.sealed_birth
--   4 subject_version.sealed_mobiles 5 subject_version.sealed_address   6 account.sealed_account_no
--   7 flag.sealed_case_no            8 submission_chunk.sealed_records  9 quarantine.sealed_record
--   10 annotation.sealed_text        11 annotation.sealed_answer        12 protection.sealed_phones
--   13 submission.sealed_explanation  14 account_creditor.sealed_original_creditor
--   15 fact.sealed_text              16 fact.sealed_note
--   17 account_removed.sealed_account_no 18 correction.sealed_note
--   19 flag_version.sealed_case_no
--   20 subject_name_removed.sealed_name 21 subject_identifier_removed.sealed_value
--   22 flag_detail.sealed_text       23 subject_version.sealed_details
-- Primary keys differ from table to table. They travel in four columns: key_number (subject or
-- member), key_bytes (index, submission, or a third id), key_more (further id) and key_line. What was removed
-- is named by index and submission, one behind the other, in key_bytes.

-- Id of the sealing key that a value names (bytes 2 to 5); 0 when it is too short to name one.
create or replace function cix.seal_key(sealed bytea) returns int
language sql immutable parallel safe
return ('x' || pg_catalog.encode(pg_catalog.substring(sealed, 2, 4), 'hex'))::bit(32)::int;

comment on function cix.seal_key is 'Id of the sealing key that a sealed value names. Not granted to anyone.';

-- A number of eight bytes, as int8send writes it.
create or replace function cix.seal_number(bytes bytea) returns bigint
language sql immutable parallel safe
return ('x' || pg_catalog.encode(pg_catalog.substring(bytes, 1, 8), 'hex'))::bit(64)::bigint;

comment on function cix.seal_number is 'A number of eight bytes. Not granted to anyone.';

-- The submission behind an index of 32 bytes; null when there is none.
create or replace function cix.seal_uuid(bytes bytea) returns uuid
language sql immutable parallel safe
return case when pg_catalog.length(bytes) = 48
    then pg_catalog.encode(pg_catalog.substring(bytes, 33, 16), 'hex')::uuid end;

comment on function cix.seal_uuid is 'A submission behind an index. Not granted to anyone.';

-- The next p_count rows of a place in the order of the primary key, behind the one given. sealed is
-- null where there is no value or it is sealed under p_key already.
create or replace function cix.seal_list(
    p_place smallint, p_key int, p_number bigint, p_bytes bytea, p_more bigint, p_line int, p_count int)
returns table (key_number bigint, key_bytes bytea, key_more bigint, key_line int, record_id bigint,
    sealed bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_uuid uuid := case when length(p_bytes) >= 16 then encode(substring(p_bytes, 1, 16), 'hex') end;
begin
    if p_place = 1 then
        return query
        select t.subject_id, t.name_index, t.member_id::bigint, 0, t.record_id,
               case when cix.seal_key(t.sealed_name) <> p_key then t.sealed_name end
          from cix.subject_name t
         where (t.subject_id, t.name_index, t.member_id) > (p_number, p_bytes, p_more::int)
         order by t.subject_id, t.name_index, t.member_id limit p_count;
    elsif p_place = 2 then
        return query
        select t.subject_id, t.lookup, 0::bigint, 0, t.record_id,
               case when cix.seal_key(t.sealed_value) <> p_key then t.sealed_value end
          from cix.subject_identifier t
         where (t.subject_id, t.lookup) > (p_number, p_bytes)
         order by t.subject_id, t.lookup limit p_count;
    elsif p_place in (3, 4, 5, 23) then
        return query
        select v.subject_id, null::bytea, v.record_id, 0, v.record_id,
               case when cix.seal_key(v.value) <> p_key then v.value end
          from (select t.subject_id, t.record_id,
                       case p_place when 3 then t.sealed_birth when 4 then t.sealed_mobiles
                            when 5 then t.sealed_address else t.sealed_details end as value
                  from cix.subject_version t
                 where (t.subject_id, t.record_id) > (p_number, p_more)
                 order by t.subject_id, t.record_id limit p_count) v
         order by v.subject_id, v.record_id;
    elsif p_place = 6 then
        return query
        select t.subject_id, null::bytea, t.account_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_account_no) <> p_key then t.sealed_account_no end
          from cix.account t
         where (t.subject_id, t.account_id) > (p_number, p_more)
         order by t.subject_id, t.account_id limit p_count;
    elsif p_place = 7 then
        return query
        select t.subject_id, null::bytea, t.flag_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_case_no) <> p_key then t.sealed_case_no end
          from cix.flag t
         where (t.subject_id, t.flag_id) > (p_number, p_more)
         order by t.subject_id, t.flag_id limit p_count;
    elsif p_place = 8 then
        return query
        select t.member_id::bigint, uuid_send(t.submission_id), t.number::bigint, 0,
               coalesce(t.record_id, 0),
               case when cix.seal_key(t.sealed_records) <> p_key then t.sealed_records end
          from cix.submission_chunk t
         where (t.member_id, t.submission_id, t.number) > (p_number::int, v_uuid, p_more::int)
         order by t.member_id, t.submission_id, t.number limit p_count;
    elsif p_place = 9 then
        return query
        select t.member_id::bigint, uuid_send(t.submission_id), t.chunk::bigint, t.line, t.record_id,
               case when cix.seal_key(t.sealed_record) <> p_key then t.sealed_record end
          from cix.quarantine t
         where (t.member_id, t.submission_id, t.chunk, t.line)
             > (p_number::int, v_uuid, p_more::int, p_line)
         order by t.member_id, t.submission_id, t.chunk, t.line limit p_count;
    elsif p_place in (10, 11) then
        return query
        select v.subject_id, null::bytea, v.annotation_id, 0, v.bound,
               case when cix.seal_key(v.value) <> p_key then v.value end
          from (select t.subject_id, t.annotation_id,
                       case p_place when 10 then t.annotation_id else t.answer_id end as bound,
                       case p_place when 10 then t.sealed_text else t.sealed_answer end as value
                  from cix.annotation t
                 where (t.subject_id, t.annotation_id) > (p_number, p_more)
                 order by t.subject_id, t.annotation_id limit p_count) v
         order by v.subject_id, v.annotation_id;
    elsif p_place = 12 then
        return query
        select t.subject_id, null::bytea, t.protection_id, 0, t.protection_id,
               case when cix.seal_key(t.sealed_phones) <> p_key then t.sealed_phones end
          from cix.protection t
         where (t.subject_id, t.protection_id) > (p_number, p_more)
         order by t.subject_id, t.protection_id limit p_count;
    elsif p_place = 13 then
        return query
        select t.member_id::bigint, uuid_send(t.submission_id), 0::bigint, 0, coalesce(t.record_id, 0),
               case when cix.seal_key(t.sealed_explanation) <> p_key then t.sealed_explanation end
          from cix.submission t
         where (t.member_id, t.submission_id) > (p_number::int, v_uuid)
         order by t.member_id, t.submission_id limit p_count;
    elsif p_place = 14 then
        return query
        select t.subject_id, null::bytea, t.record_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_original_creditor) <> p_key
                    then t.sealed_original_creditor end
          from cix.account_creditor t
         where (t.subject_id, t.record_id) > (p_number, p_more)
         order by t.subject_id, t.record_id limit p_count;
    elsif p_place in (15, 16) then
        return query
        select v.subject_id, int8send(v.record_id), v.fact_id, 0, v.bound,
               case when cix.seal_key(v.value) <> p_key then v.value end
          from (select t.subject_id, t.fact_id, t.record_id,
                       case p_place when 15 then coalesce(t.text_id, t.record_id)
                            else t.record_id end as bound,
                       case p_place when 15 then t.sealed_text else t.sealed_note end as value
                  from cix.fact t
                 where (t.subject_id, t.fact_id, t.record_id)
                     > (p_number, p_more, cix.seal_number(p_bytes))
                 order by t.subject_id, t.fact_id, t.record_id limit p_count) v
         order by v.subject_id, v.fact_id, v.record_id;
    elsif p_place = 17 then
        return query
        select t.subject_id, null::bytea, t.account_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_account_no) <> p_key then t.sealed_account_no end
          from cix.account_removed t
         where (t.subject_id, t.account_id) > (p_number, p_more)
         order by t.subject_id, t.account_id limit p_count;
    elsif p_place = 19 then
        return query
        select t.subject_id, int8send(t.record_id), t.flag_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_case_no) <> p_key then t.sealed_case_no end
          from cix.flag_version t
         where (t.subject_id, t.flag_id, t.record_id) > (p_number, p_more, cix.seal_number(p_bytes))
         order by t.subject_id, t.flag_id, t.record_id limit p_count;
    elsif p_place = 20 then
        return query
        select t.subject_id, t.name_index || uuid_send(t.submission_id), t.member_id::bigint, 0,
               t.record_id, case when cix.seal_key(t.sealed_name) <> p_key then t.sealed_name end
          from cix.subject_name_removed t
         where (t.subject_id, t.name_index, t.member_id, t.submission_id)
             > (p_number, coalesce(substring(p_bytes, 1, 32), ''), p_more::int,
                coalesce(cix.seal_uuid(p_bytes), '00000000-0000-0000-0000-000000000000'))
         order by t.subject_id, t.name_index, t.member_id, t.submission_id limit p_count;
    elsif p_place = 21 then
        return query
        select t.subject_id, t.lookup || uuid_send(t.submission_id), t.member_id::bigint, 0,
               t.record_id, case when cix.seal_key(t.sealed_value) <> p_key then t.sealed_value end
          from cix.subject_identifier_removed t
         where (t.subject_id, t.lookup, t.member_id, t.submission_id)
             > (p_number, coalesce(substring(p_bytes, 1, 32), ''), p_more::int,
                coalesce(cix.seal_uuid(p_bytes), '00000000-0000-0000-0000-000000000000'))
         order by t.subject_id, t.lookup, t.member_id, t.submission_id limit p_count;
    elsif p_place = 22 then
        return query
        select t.subject_id, int8send(t.record_id), t.flag_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_text) <> p_key then t.sealed_text end
          from cix.flag_detail t
         where (t.subject_id, t.flag_id, t.record_id) > (p_number, p_more, cix.seal_number(p_bytes))
         order by t.subject_id, t.flag_id, t.record_id limit p_count;
    elsif p_place = 18 then
        return query
        select t.member_id::bigint, uuid_send(t.submission_id), t.record_id, 0, t.record_id,
               case when cix.seal_key(t.sealed_note) <> p_key then t.sealed_note end
          from cix.correction t
         where (t.member_id, t.submission_id, t.record_id) > (p_number::int, v_uuid, p_more)
         order by t.member_id, t.submission_id, t.record_id limit p_count;
    end if;
end
$$;
comment on function cix.seal_list is 'A slice of the rows of one sealed column, with the values that are not under the key named.';

-- Puts new sealed values. Only where the old one still stands: whoever wrote meanwhile has won, and
-- the next pass finds what is left. Rows are locked in the order of their keys, as writers do.
-- Returns the number of values put.
create or replace function cix.seal_put(
    p_place smallint, p_number bigint[], p_bytes bytea[], p_more bigint[], p_line int[],
    p_old bytea[], p_new bytea[])
returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_count int := 0;
begin
    if p_place = 1 then
        with hit as (
            select t.subject_id, t.name_index, t.member_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (number, bytes, more, old, fresh)
              join cix.subject_name t on t.subject_id = u.number and t.name_index = u.bytes
                                     and t.member_id = u.more::int
             where t.sealed_name = u.old
             order by t.subject_id, t.name_index, t.member_id for update of t)
        update cix.subject_name t set sealed_name = hit.fresh from hit
         where (t.subject_id, t.name_index, t.member_id)
             = (hit.subject_id, hit.name_index, hit.member_id);
    elsif p_place = 2 then
        with hit as (
            select t.subject_id, t.lookup, u.fresh
              from unnest(p_number, p_bytes, p_old, p_new) u (number, bytes, old, fresh)
              join cix.subject_identifier t on t.subject_id = u.number and t.lookup = u.bytes
             where t.sealed_value = u.old
             order by t.subject_id, t.lookup for update of t)
        update cix.subject_identifier t set sealed_value = hit.fresh from hit
         where (t.subject_id, t.lookup) = (hit.subject_id, hit.lookup);
    elsif p_place in (3, 4, 5, 23) then
        with hit as (
            select t.subject_id, t.record_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.subject_version t on t.subject_id = u.number and t.record_id = u.more
             where u.old = case p_place when 3 then t.sealed_birth when 4 then t.sealed_mobiles
                                when 5 then t.sealed_address else t.sealed_details end
             order by t.subject_id, t.record_id for update of t)
        update cix.subject_version t
           set sealed_birth = case p_place when 3 then hit.fresh else t.sealed_birth end,
               sealed_mobiles = case p_place when 4 then hit.fresh else t.sealed_mobiles end,
               sealed_address = case p_place when 5 then hit.fresh else t.sealed_address end,
               sealed_details = case p_place when 23 then hit.fresh else t.sealed_details end
          from hit
         where (t.subject_id, t.record_id) = (hit.subject_id, hit.record_id);
    elsif p_place = 6 then
        with hit as (
            select t.subject_id, t.account_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.account t on t.subject_id = u.number and t.account_id = u.more
             where t.sealed_account_no = u.old
             order by t.subject_id, t.account_id for update of t)
        update cix.account t set sealed_account_no = hit.fresh from hit
         where (t.subject_id, t.account_id) = (hit.subject_id, hit.account_id);
    elsif p_place = 7 then
        with hit as (
            select t.subject_id, t.flag_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.flag t on t.subject_id = u.number and t.flag_id = u.more
             where t.sealed_case_no = u.old
             order by t.subject_id, t.flag_id for update of t)
        update cix.flag t set sealed_case_no = hit.fresh from hit
         where (t.subject_id, t.flag_id) = (hit.subject_id, hit.flag_id);
    elsif p_place = 8 then
        with hit as (
            select t.member_id, t.submission_id, t.number, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (member, bytes, more, old, fresh)
              join cix.submission_chunk t on t.member_id = u.member::int and t.number = u.more::int
                                         and t.submission_id = encode(u.bytes, 'hex')::uuid
             where t.sealed_records = u.old
             order by t.member_id, t.submission_id, t.number for update of t)
        update cix.submission_chunk t set sealed_records = hit.fresh from hit
         where (t.member_id, t.submission_id, t.number)
             = (hit.member_id, hit.submission_id, hit.number);
    elsif p_place = 9 then
        with hit as (
            select t.member_id, t.submission_id, t.chunk, t.line, u.fresh
              from unnest(p_number, p_bytes, p_more, p_line, p_old, p_new)
                   u (member, bytes, more, line, old, fresh)
              join cix.quarantine t on t.member_id = u.member::int and t.chunk = u.more::int
                                   and t.submission_id = encode(u.bytes, 'hex')::uuid
                                   and t.line = u.line
             where t.sealed_record = u.old
             order by t.member_id, t.submission_id, t.chunk, t.line for update of t)
        update cix.quarantine t set sealed_record = hit.fresh from hit
         where (t.member_id, t.submission_id, t.chunk, t.line)
             = (hit.member_id, hit.submission_id, hit.chunk, hit.line);
    elsif p_place in (10, 11) then
        with hit as (
            select t.subject_id, t.annotation_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.annotation t on t.subject_id = u.number and t.annotation_id = u.more
             where u.old = case p_place when 10 then t.sealed_text else t.sealed_answer end
             order by t.subject_id, t.annotation_id for update of t)
        update cix.annotation t
           set sealed_text = case p_place when 10 then hit.fresh else t.sealed_text end,
               sealed_answer = case p_place when 11 then hit.fresh else t.sealed_answer end
          from hit
         where (t.subject_id, t.annotation_id) = (hit.subject_id, hit.annotation_id);
    elsif p_place = 12 then
        with hit as (
            select t.subject_id, t.protection_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.protection t on t.subject_id = u.number and t.protection_id = u.more
             where t.sealed_phones = u.old
             order by t.subject_id, t.protection_id for update of t)
        update cix.protection t set sealed_phones = hit.fresh from hit
         where (t.subject_id, t.protection_id) = (hit.subject_id, hit.protection_id);
    elsif p_place = 13 then
        with hit as (
            select t.member_id, t.submission_id, u.fresh
              from unnest(p_number, p_bytes, p_old, p_new) u (member, bytes, old, fresh)
              join cix.submission t on t.member_id = u.member::int
                                   and t.submission_id = encode(u.bytes, 'hex')::uuid
             where t.sealed_explanation = u.old
             order by t.member_id, t.submission_id for update of t)
        update cix.submission t set sealed_explanation = hit.fresh from hit
         where (t.member_id, t.submission_id) = (hit.member_id, hit.submission_id);
    elsif p_place = 14 then
        with hit as (
            select t.subject_id, t.record_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.account_creditor t on t.subject_id = u.number and t.record_id = u.more
             where t.sealed_original_creditor = u.old
             order by t.subject_id, t.record_id for update of t)
        update cix.account_creditor t set sealed_original_creditor = hit.fresh from hit
         where (t.subject_id, t.record_id) = (hit.subject_id, hit.record_id);
    elsif p_place in (15, 16) then
        with hit as (
            select t.subject_id, t.fact_id, t.record_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (number, bytes, more, old, fresh)
              join cix.fact t on t.subject_id = u.number and t.fact_id = u.more
                             and t.record_id = cix.seal_number(u.bytes)
             where u.old = case p_place when 15 then t.sealed_text else t.sealed_note end
             order by t.subject_id, t.fact_id, t.record_id for update of t)
        update cix.fact t
           set sealed_text = case p_place when 15 then hit.fresh else t.sealed_text end,
               sealed_note = case p_place when 16 then hit.fresh else t.sealed_note end
          from hit
         where (t.subject_id, t.fact_id, t.record_id)
             = (hit.subject_id, hit.fact_id, hit.record_id);
    elsif p_place = 17 then
        with hit as (
            select t.subject_id, t.account_id, u.fresh
              from unnest(p_number, p_more, p_old, p_new) u (number, more, old, fresh)
              join cix.account_removed t on t.subject_id = u.number and t.account_id = u.more
             where t.sealed_account_no = u.old
             order by t.subject_id, t.account_id for update of t)
        update cix.account_removed t set sealed_account_no = hit.fresh from hit
         where (t.subject_id, t.account_id) = (hit.subject_id, hit.account_id);
    elsif p_place = 19 then
        with hit as (
            select t.subject_id, t.flag_id, t.record_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (number, bytes, more, old, fresh)
              join cix.flag_version t on t.subject_id = u.number and t.flag_id = u.more
                                     and t.record_id = cix.seal_number(u.bytes)
             where u.old = t.sealed_case_no
             order by t.subject_id, t.flag_id, t.record_id for update of t)
        update cix.flag_version t set sealed_case_no = hit.fresh from hit
         where (t.subject_id, t.flag_id, t.record_id)
             = (hit.subject_id, hit.flag_id, hit.record_id);
    elsif p_place = 20 then
        with hit as (
            select t.subject_id, t.name_index, t.member_id, t.submission_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (number, bytes, more, old, fresh)
              join cix.subject_name_removed t
                on t.subject_id = u.number and t.name_index = substring(u.bytes, 1, 32)
               and t.member_id = u.more::int and t.submission_id = cix.seal_uuid(u.bytes)
             where t.sealed_name = u.old
             order by t.subject_id, t.name_index, t.member_id, t.submission_id for update of t)
        update cix.subject_name_removed t set sealed_name = hit.fresh from hit
         where (t.subject_id, t.name_index, t.member_id, t.submission_id)
             = (hit.subject_id, hit.name_index, hit.member_id, hit.submission_id);
    elsif p_place = 21 then
        with hit as (
            select t.subject_id, t.lookup, t.member_id, t.submission_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (number, bytes, more, old, fresh)
              join cix.subject_identifier_removed t
                on t.subject_id = u.number and t.lookup = substring(u.bytes, 1, 32)
               and t.member_id = u.more::int and t.submission_id = cix.seal_uuid(u.bytes)
             where t.sealed_value = u.old
             order by t.subject_id, t.lookup, t.member_id, t.submission_id for update of t)
        update cix.subject_identifier_removed t set sealed_value = hit.fresh from hit
         where (t.subject_id, t.lookup, t.member_id, t.submission_id)
             = (hit.subject_id, hit.lookup, hit.member_id, hit.submission_id);
    elsif p_place = 22 then
        with hit as (
            select t.subject_id, t.flag_id, t.record_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (number, bytes, more, old, fresh)
              join cix.flag_detail t on t.subject_id = u.number and t.flag_id = u.more
                                    and t.record_id = cix.seal_number(u.bytes)
             where u.old = t.sealed_text
             order by t.subject_id, t.flag_id, t.record_id for update of t)
        update cix.flag_detail t set sealed_text = hit.fresh from hit
         where (t.subject_id, t.flag_id, t.record_id)
             = (hit.subject_id, hit.flag_id, hit.record_id);
    elsif p_place = 18 then
        with hit as (
            select t.member_id, t.submission_id, t.record_id, u.fresh
              from unnest(p_number, p_bytes, p_more, p_old, p_new) u (member, bytes, more, old, fresh)
              join cix.correction t on t.member_id = u.member::int and t.record_id = u.more
                                   and t.submission_id = encode(u.bytes, 'hex')::uuid
             where t.sealed_note = u.old
             order by t.member_id, t.submission_id, t.record_id for update of t)
        update cix.correction t set sealed_note = hit.fresh from hit
         where (t.member_id, t.submission_id, t.record_id)
             = (hit.member_id, hit.submission_id, hit.record_id);
    end if;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function cix.seal_put is 'Puts new sealed values of one column where the old ones still stand.';

create or replace function cix.seal_count() returns table (place smallint, key_id int, uses bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select 1::smallint, cix.seal_key(t.sealed_name), count(*)
      from cix.subject_name t group by 2
    union all
    select 2::smallint, cix.seal_key(t.sealed_value), count(*)
      from cix.subject_identifier t group by 2
    union all
    select 3::smallint, cix.seal_key(t.sealed_birth), count(*)
      from cix.subject_version t where t.sealed_birth is not null group by 2
    union all
    select 4::smallint, cix.seal_key(t.sealed_mobiles), count(*)
      from cix.subject_version t where t.sealed_mobiles is not null group by 2
    union all
    select 5::smallint, cix.seal_key(t.sealed_address), count(*)
      from cix.subject_version t where t.sealed_address is not null group by 2
    union all
    select 6::smallint, cix.seal_key(t.sealed_account_no), count(*)
      from cix.account t group by 2
    union all
    select 7::smallint, cix.seal_key(t.sealed_case_no), count(*)
      from cix.flag t group by 2
    union all
    select 8::smallint, cix.seal_key(t.sealed_records), count(*)
      from cix.submission_chunk t where t.sealed_records is not null group by 2
    union all
    select 9::smallint, cix.seal_key(t.sealed_record), count(*)
      from cix.quarantine t where t.sealed_record is not null group by 2
    union all
    select 10::smallint, cix.seal_key(t.sealed_text), count(*)
      from cix.annotation t group by 2
    union all
    select 11::smallint, cix.seal_key(t.sealed_answer), count(*)
      from cix.annotation t where t.sealed_answer is not null group by 2
    union all
    select 12::smallint, cix.seal_key(t.sealed_phones), count(*)
      from cix.protection t where t.sealed_phones is not null group by 2
    union all
    select 13::smallint, cix.seal_key(t.sealed_explanation), count(*)
      from cix.submission t where t.sealed_explanation is not null group by 2
    union all
    select 14::smallint, cix.seal_key(t.sealed_original_creditor), count(*)
      from cix.account_creditor t group by 2
    union all
    select 15::smallint, cix.seal_key(t.sealed_text), count(*)
      from cix.fact t where t.sealed_text is not null group by 2
    union all
    select 16::smallint, cix.seal_key(t.sealed_note), count(*)
      from cix.fact t where t.sealed_note is not null group by 2
    union all
    select 17::smallint, cix.seal_key(t.sealed_account_no), count(*)
      from cix.account_removed t group by 2
    union all
    select 18::smallint, cix.seal_key(t.sealed_note), count(*)
      from cix.correction t where t.sealed_note is not null group by 2
    union all
    select 19::smallint, cix.seal_key(t.sealed_case_no), count(*)
      from cix.flag_version t group by 2
    union all
    select 20::smallint, cix.seal_key(t.sealed_name), count(*)
      from cix.subject_name_removed t group by 2
    union all
    select 21::smallint, cix.seal_key(t.sealed_value), count(*)
      from cix.subject_identifier_removed t group by 2
    union all
    select 22::smallint, cix.seal_key(t.sealed_text), count(*)
      from cix.flag_detail t where t.sealed_text is not null group by 2
    union all
    select 23::smallint, cix.seal_key(t.sealed_details), count(*)
      from cix.subject_version t where t.sealed_details is not null group by 2;
end;
comment on function cix.seal_count is 'Sealed values by column and key. Reads every sealed table once.';
