-- What the records of a chunk need of their member, so that the commit of a file can ask for it again.

alter table cix.submission_chunk
    add column data_classes int not null default 0,
    add column roles        int not null default 0;

comment on column cix.submission_chunk.data_classes is
    'Data classes of its records, bits: 1 << (data class - 1).';
comment on column cix.submission_chunk.roles is 'Roles that its records need, bits; all of them.';

-- A sum over many accounts may pass 64 bits; then the merge would stop for every member.
alter table cix.rollup
    alter column balance type numeric(38, 0),
    alter column overdue type numeric(38, 0);
