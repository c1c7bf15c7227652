-- What a difference between a platform and its custodian is about (rule U004).

comment on column cix.finding.value is
    'Of kinds 24 to 26 the industry, region or dealer; of kind 4 the field of the fund report that differs most, null of older ones.';
