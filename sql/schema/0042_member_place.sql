-- Which organisation a member is, where, and whose. Public, as its name is.

alter table cix.member
    add column uscc      text check (uscc ~ '^[0-9A-Z]{18}$'),
    add column region    text check (region ~ '^[A-Z0-9-]{2,6}$'),
    add column parent_id int references cix.member check (parent_id <> member_id);

comment on column cix.member.uscc is 'Unified social credit code of the institution; null: not noted.';
comment on column cix.member.region is 'Where it is registered: GB/T 2260 or ISO 3166-2; null: not noted.';
comment on column cix.member.parent_id is 'The member that it belongs to; null: none.';
