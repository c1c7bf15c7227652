-- On whose behalf a credit bureau gave a consent. Accounts keep it with their versions, and months with their account,
-- whose key now holds it (cix.account_rekey).

alter table cix.consent
    add column origin text;
comment on column cix.consent.origin is 'Code of the institution on whose behalf a credit bureau gave it.';
comment on column cix.account_key.account_index is
    'HMAC of member and account number under the account key; at a credit bureau of member, origin and number.';
