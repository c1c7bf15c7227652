-- The 14-character code of a financial institution (JR/T 0124): which institution a member is in other systems. Public.

alter table cix.member
    add column code14 text unique check (code14 ~ '^[A-Z][0-9]{13}$');

comment on column cix.member.code14 is 'Financial institution code; null: not noted. Its check digit is not known, so none is checked.';
