-- The one way to write the audit log. Arrays of equal length, one row an element.
--
-- Layout 1 of a row and of its leaf, permanent. Without its audit row no act has an answer.

-- cix.audit_leaf: leaf hash of RFC 6962 (0x00 before the data) over layout 1, all integers big-endian:
--   layout 2 bytes, audit id 8, microseconds since 1970 8, member 4, method 2, certificate 32,
--   subject commitment 32, purpose 2, consent 16 (zeros when none), outcome 2, records hash 32.
-- The instant comes as microseconds, since extract() is not immutable and would keep this function
-- from being inlined.
create or replace function cix.audit_leaf(
    audit_id bigint, at_us bigint, member_id int, method smallint, certificate bytea,
    subject_commitment bytea, purpose smallint, consent_id uuid, outcome smallint, records_hash bytea)
returns bytea language sql immutable parallel safe
return pg_catalog.sha256('\x000001'::bytea || pg_catalog.int8send(audit_id)
    || pg_catalog.int8send(at_us) || pg_catalog.int4send(member_id) || pg_catalog.int2send(method)
    || certificate || subject_commitment || pg_catalog.int2send(purpose)
    || coalesce(pg_catalog.uuid_send(consent_id), '\x00000000000000000000000000000000'::bytea)
    || pg_catalog.int2send(outcome) || records_hash);

comment on function cix.audit_leaf is 'Leaf hash (RFC 6962) of one audit row, layout 1. Not granted to anyone.';

-- cix.audit_append: writes one row an element, in the order given, in the caller's transaction.
--   audit_id      ids of the application, of which a repeated one is passed over: a batch that is
--                 run again after a lost connection leaves one row, the first
--   at            one instant for all
--   member_id     who acted
--   method        audit_code of the method
--   certificate   SHA-256 of the certificate in use, 32 bytes; 32 zero bytes for acts on this host
--   salt          16 random bytes an element, so that equal subjects look different in the tree
--   lookup        keyed digest of the identifier; null where no subject is concerned. Stored only
--                 as the commitment sha256(salt || lookup)
--   purpose       0 where there is none
--   consent_id    null where there is none
--   outcome       0 done; 1 to 99 as the function that calls names them; 100 refused before the
--                 queue, counted (refusal.sql)
--   records_hash  keyed digest of what was written, 32 bytes; null: 32 zero bytes
-- It keeps the search path of its callers, which all fix it: setting it again costs each batch.
create or replace function cix.audit_append(
    audit_id bigint[], at timestamptz, member_id int[], method smallint, certificate bytea[],
    salt bytea[], lookup bytea[], purpose smallint[], consent_id uuid[], outcome smallint[],
    records_hash bytea[])
returns void language plpgsql volatile as $$
#variable_conflict use_column
declare
    v_at_us bigint := extract(epoch from audit_append.at) * 1000000;
    v_none bytea := decode(repeat('00', 32), 'hex');
begin
    insert into cix.audit (audit_id, layout, at, member_id, method, certificate, salt,
            subject_commitment, purpose, consent_id, outcome, records_hash, leaf)
    select e.audit_id, 1, audit_append.at, e.member_id, audit_append.method, e.certificate, e.salt,
           e.commitment, e.purpose, e.consent_id, e.outcome, e.records_hash,
           cix.audit_leaf(e.audit_id, v_at_us, e.member_id, audit_append.method, e.certificate,
                          e.commitment, e.purpose, e.consent_id, e.outcome, e.records_hash)
      from (select u.audit_id, u.member_id, u.certificate, u.salt, u.purpose, u.consent_id, u.outcome,
                   sha256(u.salt || coalesce(u.lookup, ''::bytea)) as commitment,
                   coalesce(u.records_hash, v_none) as records_hash
              from unnest(audit_append.audit_id, audit_append.member_id, audit_append.certificate,
                          audit_append.salt, audit_append.lookup, audit_append.purpose,
                          audit_append.consent_id, audit_append.outcome, audit_append.records_hash)
                   as u (audit_id, member_id, certificate, salt, lookup, purpose, consent_id, outcome,
                         records_hash)
            offset 0) e -- keeps the commitment from being computed twice
        on conflict (audit_id) do nothing;
end
$$;

comment on function cix.audit_append is 'Appends audit rows, one an element. Called by the functions of sql/api; not granted to anyone.';

-- cix.audit_act: the audit row of an act of the operator: member 0, no certificate. method, permanent, above those
--   of the calls (server/service/matrix.h): 200 fsck wrote derived rows anew, 201 looked at a subject, 202 ended a mark,
--   203 set a status, 204 a merge, 205 a split, 206 the purge, 207 the state of a member, 208 dismissed a doubt,
--   209 accepted a gap of a feed, 210 noted who leads a member, 211 set what a member sees.
--   lookup: what the row commits to as the subject, an identifier's lookup or ids; null: nothing.
create or replace function cix.audit_act(
    audit_id bigint, at timestamptz, method smallint, salt bytea, lookup bytea, outcome smallint,
    records_hash bytea)
returns void language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    select cix.audit_append(array[audit_id], at, array[0], method,
        array[decode(repeat('00', 32), 'hex')], array[salt], array[lookup], array[0::smallint],
        array[null::uuid], array[outcome], array[records_hash]);
end;
comment on function cix.audit_act is 'The audit row of an act of the operator. Not granted to anyone.';
