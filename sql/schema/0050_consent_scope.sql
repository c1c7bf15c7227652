-- Consents for one account of the member.

alter table cix.consent
    add column scope_index bytea check (octet_length(scope_index) = 32);

comment on column cix.consent.scope_index is
    'Keyed digest of the account that it is for, as in account_key; the account may come later. Null: of none.';
