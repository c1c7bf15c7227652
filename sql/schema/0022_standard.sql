-- Rating standards: every text that was ever loaded. A reference table, small, without a person in it.

create table cix.standard (
    standard_no   int primary key check (standard_no > 0),
    standard_id   text not null check (standard_id ~ '^[a-z0-9_-]{1,40}$'),
    version       int not null check (version between 1 and 1000000),
    content       bytea not null check (octet_length(content) between 1 and 262144),
    digest        bytea not null check (digest = sha256(content)),
    state         smallint not null check (state between 1 and 3),
    valid_from    date not null,
    valid_to      date not null check (valid_to >= valid_from),
    loaded_by     int not null,
    loaded_at     timestamptz not null,
    published_by  int,
    published_at  timestamptz,
    retired_by    int,
    retired_at    timestamptz,
    retire_reason text check (length(retire_reason) between 1 and 200),
    unique (standard_id, version),
    check ((published_by is null) = (published_at is null) and (state <> 2 or published_at is not null)),
    check ((state = 3) = (retired_at is not null) and (state = 3) = (retired_by is not null)
        and (state = 3) = (retire_reason is not null))
);
create unique index standard_one_version on cix.standard (standard_id) where state = 2;

comment on table cix.standard is
    'Rating standards, every version that was ever loaded: what an old rating was made by stays readable.';
comment on column cix.standard.standard_no is 'Small number, given once, never re-used; ratings name their standard by it.';
comment on column cix.standard.standard_id is 'Name of the standard, as its text says.';
comment on column cix.standard.version is 'Version, as its text says. One version of a name is in force at most.';
comment on column cix.standard.content is 'The canonical text, UTF-8.';
comment on column cix.standard.digest is 'SHA-256 of the text.';
comment on column cix.standard.state is '1 loaded 2 published 3 retired.';
comment on column cix.standard.valid_from is 'First day on which it may be used, as its text says.';
comment on column cix.standard.valid_to is 'Last such day.';
comment on column cix.standard.loaded_by is 'Member that loaded it; 0: the operator on its host.';
comment on column cix.standard.loaded_at is 'When.';
comment on column cix.standard.published_by is 'Member that published it, 0 the operator; null: nobody has.';
comment on column cix.standard.published_at is 'When.';
comment on column cix.standard.retired_by is 'Member that retired it or published what replaced it, 0 the operator; null: nobody has.';
comment on column cix.standard.retired_at is 'When.';
comment on column cix.standard.retire_reason is 'Why, for everybody to read.';
