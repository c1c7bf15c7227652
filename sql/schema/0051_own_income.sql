-- Whether a person lives on income of its own, which lets one of 16 or 17 be a borrower (rules S007 and S027).

alter table cix.subject_version
    add column has_own_income boolean;

comment on column cix.subject_version.has_own_income is 'Lives mainly on labour income of its own; null: not said. Never an input of a rating.';
