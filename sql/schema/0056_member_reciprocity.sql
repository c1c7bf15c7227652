-- What a member gives is what it may see: its level of reciprocity, about persons and about organisations.

alter table cix.member
    add column reciprocity_consumer   smallint not null default 2 check (reciprocity_consumer between 0 and 2),
    add column reciprocity_commercial smallint not null default 2 check (reciprocity_commercial between 0 and 2);

comment on column cix.member.reciprocity_consumer is
    'What it sees of credit data of persons: 0 nothing, 1 defaults alone, 2 everything that its data classes allow.';
comment on column cix.member.reciprocity_commercial is 'The same of organisations, individual businesses among them.';
