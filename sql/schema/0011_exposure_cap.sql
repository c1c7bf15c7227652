-- How much a borrower may owe on lending platforms: the caps of the law, as data.

create table cix.exposure_cap (
    is_person  boolean not null,
    is_overall boolean not null,
    valid_from date not null,
    currency   text not null,
    amount     bigint not null check (amount > 0),
    source     text not null,
    primary key (is_person, is_overall, valid_from)
);
insert into cix.exposure_cap (is_person, is_overall, valid_from, currency, amount, source) values
    (true, false, '2016-08-17', 'CNY', 20000000, 'Interim measures for online lending intermediaries 2016, article 17'),
    (true, true, '2016-08-17', 'CNY', 100000000, 'Interim measures for online lending intermediaries 2016, article 17'),
    (false, false, '2016-08-17', 'CNY', 100000000, 'Interim measures for online lending intermediaries 2016, article 17'),
    (false, true, '2016-08-17', 'CNY', 500000000, 'Interim measures for online lending intermediaries 2016, article 17');

comment on table cix.exposure_cap is
    'Caps on what one borrower owes on one lending platform and on all of them. The latest row in force counts.';
comment on column cix.exposure_cap.is_person is 'True: of a person; false: of an organisation.';
comment on column cix.exposure_cap.is_overall is 'True: over all platforms; false: on one.';
comment on column cix.exposure_cap.valid_from is 'First day in force.';
comment on column cix.exposure_cap.currency is 'ISO 4217.';
comment on column cix.exposure_cap.amount is 'Minor units.';
comment on column cix.exposure_cap.source is 'The law.';
