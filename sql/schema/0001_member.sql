-- Members: the registry, small and joined everywhere (reference tables on Citus).

create table cix.member (
    member_id        int primary key check (member_id > 0),
    code             text not null unique check (code ~ '^[a-z0-9-]{3,32}$'),
    name             text not null check (length(name) between 1 and 120),
    type             smallint not null,
    state            smallint not null check (state between 1 and 9),
    roles            int not null default 0,
    data_classes     int not null default 0,
    purposes         smallint[] not null default '{}',
    quota_per_second int not null default 1000 check (quota_per_second >= 0),
    quota_burst      int not null default 2000 check (quota_burst >= 0),
    quota_per_day    bigint not null default 0 check (quota_per_day >= 0),
    recorded_at      timestamptz not null
);

create table cix.member_certificate (
    fingerprint bytea primary key check (octet_length(fingerprint) = 32),
    member_id   int not null references cix.member,
    expires_at  timestamptz not null,
    state       smallint not null check (state in (1, 2)),
    recorded_at timestamptz not null,
    revoked_at  timestamptz
);
create index member_certificate_member on cix.member_certificate (member_id);

create table cix.registry (
    is_only boolean primary key default true check (is_only),
    version bigint not null
);
insert into cix.registry (version) values (1);

comment on table cix.member is 'Institutions that contribute or inquire. Written by cixd member, polled by every server.';
comment on column cix.member.member_id is 'Small number, given once, never re-used.';
comment on column cix.member.code is 'Code in the certificate: spiffe://<trust-domain>/member/<code>.';
comment on column cix.member.name is 'Public name, shown in reports.';
comment on column cix.member.type is 'Type of domain practice: 11 commercial bank ... 61 P2P ... 83 court.';
comment on column cix.member.state is '1 applied 2 examined 3 testing 4 active 5 restricted 6 suspended 7 withdrawn 8 revoked 9 absconded.';
comment on column cix.member.roles is 'Bits: 1 contributor 2 lender 4 court 8 regulator 16 association 32 operator.';
comment on column cix.member.data_classes is 'Bits: 1 basic 2 credit 4 public 8 dishonest 16 fraud 32 behaviour 64 rating 128 fund; what it may contribute and see.';
comment on column cix.member.purposes is 'Inquiry reasons that the member may give (rule I001).';
comment on column cix.member.quota_per_second is 'Token bucket: calls a second; 0 means no bound.';
comment on column cix.member.quota_burst is 'Token bucket: size.';
comment on column cix.member.quota_per_day is 'Calls a day; 0 means no bound.';
comment on column cix.member.recorded_at is 'When the row was last changed.';
comment on table cix.member_certificate is 'Certificates of members. Several may be active, so that renewal overlaps.';
comment on column cix.member_certificate.fingerprint is 'SHA-256 of the DER certificate.';
comment on column cix.member_certificate.member_id is 'Whose it is.';
comment on column cix.member_certificate.expires_at is 'End of the certificate.';
comment on column cix.member_certificate.state is '1 active, 2 revoked.';
comment on column cix.member_certificate.recorded_at is 'When it was added.';
comment on column cix.member_certificate.revoked_at is 'When it was revoked.';
comment on table cix.registry is 'One row: the version that servers poll; raised by every change of a member or certificate.';
comment on column cix.registry.is_only is 'Always true: there is one row.';
comment on column cix.registry.version is 'Rises by one with every change.';
