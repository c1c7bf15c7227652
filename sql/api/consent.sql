-- Consents for one account of the member. Who looks a consent up asks here whether it is in force by its account;
-- those without an account never come here.

-- cix.consent_scope_holds: whether an account that a consent is for is there and open, and the subject is its
--   borrower, co-borrower or guarantor (roles 2 and 3 of a party). The member itself gave the subject with the
--   identifier: that another joined it to one of the member's own, it does not learn by asking. Asked for consents
--   with a scope alone.
create or replace function cix.consent_scope_holds(
    p_lookup bytea, p_member int, p_scope bytea, today date)
returns boolean language sql stable
begin atomic
    select exists (
        select from cix.identifier i
          join cix.account_key k on k.member_id = p_member and k.account_index = p_scope
          join cix.account a on a.subject_id = k.subject_id and a.account_id = k.account_id
         where i.lookup = p_lookup and a.closed_on is null
           and exists (
               select from cix.subject_name n
                where n.subject_id = i.subject_id and n.member_id = p_member
                  and coalesce(n.identifier_head = cix.lookup_head(i.lookup), true))
           and (a.subject_id = i.subject_id or exists (
               select from cix.liability l
                cross join lateral (
                      select v.* from cix.fact v
                       where v.subject_id = l.owner_subject_id and v.fact_id = l.fact_id
                       order by v.record_id desc limit 1) f
                 join cix.party p on p.subject_id = f.subject_id and p.fact_id = f.fact_id
                                 and p.record_id = f.record_id
                where l.subject_id = i.subject_id and l.owner_subject_id = a.subject_id
                  and not f.is_deleted and f.account_id = a.account_id and f.member_id = p_member
                  and p.role in (2, 3) and p.party_subject_id = i.subject_id
                  and today between p.from_on and coalesce(p.until_on, today))));
end;
comment on function cix.consent_scope_holds is 'Whether a consent for an account has its account. Not granted to anyone.';
