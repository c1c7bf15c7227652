-- The statements of flag_ask and flag_read, one by one in a transaction: an anchor for benches.
-- Not an implementation: no ticket, no re-check in a second transaction, so it does less than they do.
-- bench.key (prepare.sql) stands for the digests that a server would have computed.
\set k random(1, :subjects)
\set id random(1, 9000000000000000000)
begin;
select coalesce(f.subject_id, -1) as subject_id,
       case when m.state is distinct from 4 or m.roles & 2 = 0 or m.data_classes & 8 <> 8 then 1
            when 32 <> all (m.purposes) then 2 else 0 end as outcome
  from bench.key k
  left join cix.member m on m.member_id = 1
  left join lateral (
       select coalesce(t.subject_id, s.subject_id) as subject_id
         from cix.identifier i
         join cix.subject s on s.subject_id = i.subject_id
         left join cix.subject t on t.subject_id = s.alias_of
        where i.lookup = k.lookup
          and exists (select from cix.subject_name n
                       where n.subject_id in (s.subject_id, t.subject_id)
                         and n.name_index = k.name_index)) f on true
 where k.k = :k
\gset
insert into cix.inquiry (subject_id, inquiry_id, member_id, purpose, product, operator, consent_id, xid, at)
    values (:subject_id::bigint, :id, 1, 32, 2, decode(repeat('0f', 32), 'hex'), null::uuid, pg_current_xact_id(), now());
insert into cix.audit (audit_id, layout, at, member_id, method, certificate, salt, subject_commitment,
        purpose, consent_id, outcome, records_hash, leaf)
    select :id, 1, now(), 1, 10, z.z, substr(z.z, 1, 16), k.commitment, 32, null::uuid, 0, z.z,
           cix.audit_leaf(:id, (extract(epoch from now()) * 1000000)::bigint, 1, 10::smallint, z.z,
                          k.commitment, 32::smallint, null::uuid, 0::smallint, z.z)
      from (select decode(repeat('00', 32), 'hex') as z) z,
           (select sha256(decode(repeat('00', 16), 'hex') || b.lookup) as commitment
              from bench.key b where b.k = :k) k;
select external_id, status, published_on, expires_on, ground, grade, performance, court, region,
       restrictions, recorded_at
  from cix.flag where subject_id = :subject_id::bigint and status in (1, 2, 3)
   and published_on <= current_date and (expires_on is null or expires_on >= current_date);
commit;
