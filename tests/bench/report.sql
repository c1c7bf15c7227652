-- The statements of report_ask and report_read, one by one in a transaction: an anchor for benches.
-- Not an implementation: no ticket, no re-check in a second transaction, so it does less than they do.
-- bench.key (prepare.sql) stands for the digests that a server would have computed.
\set k random(1, :subjects)
\set id random(1, 9000000000000000000)
begin;
select coalesce(f.subject_id, -1) as subject_id, c.consent_id,
       case when m.state is distinct from 4 or m.roles & 2 = 0 or m.data_classes & 3 <> 3 then 1
            when 2 <> all (m.purposes) then 2 when c.consent_id is null then 3
            when f.is_blocked then 5 else 0 end as outcome,
       f.kind, f.segment, f.birth_year, f.region, f.industry
  from bench.key k
  left join cix.member m on m.member_id = 1
  left join lateral (
       select v.consent_id from cix.consent v
        where v.lookup = k.lookup and v.member_id = 1 and v.consent_id = k.consent_id
          and 2 = any (v.purposes) and v.data_classes & 3 = 3 and not v.is_revoked
          and current_date between v.effective_on and v.expires_on
          and not exists (select from cix.consent n
                           where n.lookup = v.lookup and n.member_id = v.member_id
                             and n.consent_id = v.consent_id and n.record_id > v.record_id)
        limit 1) c on true
  left join lateral (
       select coalesce(t.subject_id, s.subject_id) as subject_id,
              coalesce(t.freeze_level, s.freeze_level) = 1 as is_blocked,
              coalesce(t.kind, s.kind) as kind, coalesce(t.segment, s.segment) as segment,
              coalesce(t.birth_year, s.birth_year) as birth_year,
              coalesce(t.region, s.region) as region, coalesce(t.industry, s.industry) as industry
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
    values (:subject_id::bigint, :id, 1, 2, 1, decode(repeat('0f', 32), 'hex'), :consent_id::uuid, pg_current_xact_id(), now());
insert into cix.audit (audit_id, layout, at, member_id, method, certificate, salt, subject_commitment,
        purpose, consent_id, outcome, records_hash, leaf)
    select :id, 1, now(), 1, 10, z.z, substr(z.z, 1, 16), k.commitment, 2, :consent_id::uuid, 0, z.z,
           cix.audit_leaf(:id, (extract(epoch from now()) * 1000000)::bigint, 1, 10::smallint, z.z,
                          k.commitment, 2::smallint, :consent_id::uuid, 0::smallint, z.z)
      from (select decode(repeat('00', 32), 'hex') as z) z,
           (select sha256(decode(repeat('00', 16), 'hex') || b.lookup) as commitment
              from bench.key b where b.k = :k) k;
select array_agg(q.at), array_agg(q.member_id), array_agg(q.purpose)
  from (select p.at, p.member_id, p.purpose, p.product from cix.inquiry p
         where p.subject_id = :subject_id::bigint and p.inquiry_id < :id
         order by p.inquiry_id desc limit 10000) q
 where q.product = 1 and q.at > now() - interval '2 years';
select member_id, record_id, sealed_name, recorded_at from cix.subject_name where subject_id = :subject_id::bigint;
select type, member_id, record_id, sealed_value, recorded_at from cix.subject_identifier where subject_id = :subject_id::bigint;
select account_id, member_id, recorded_at, type, region, industry, business_type, currency,
       original_amount, credit_limit, opened_on, matures_on, closed_on, channel, last_period,
       account_status, five_category, days_overdue, balance, overdue_amount, status_ring, month_ring,
       transferred_from_account_id, dealer_code, term_months, annual_rate_bps, repay_frequency, security,
       repay_method, rate_type, collateral_value, shared_limit, parent_account_id, transferred_from_id,
       state_at_transfer, creditor_id, platform_id, remaining_terms, latest_amounts
  from cix.account where subject_id = :subject_id::bigint;
select external_id, record_id, sealed_case_no, recorded_at, region, court, filed_on, published_on,
       expires_on, ground, performance, grade, status, restrictions
  from cix.flag where subject_id = :subject_id::bigint and status in (1, 2, 3) and published_on <= current_date
   and (expires_on is null or expires_on >= current_date);
commit;
