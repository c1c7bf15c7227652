-- Months that members owe, account by account, counted once when a month is closed.

alter table cix.quality_month
    add column missing bigint;

comment on column cix.quality_month.missing is
    'Accounts that were open at the end of the month before and have no report for it; null of months closed before this was kept.';
