-- What functions of several features compute, for those that come before the feature in the order of the files.

-- cix.lookup_head: the first eight bytes of a lookup as a number: enough to tell the identifiers of one
--   subject apart.
create or replace function cix.lookup_head(lookup bytea) returns bigint
language sql immutable parallel safe
return ('x' || pg_catalog.encode(pg_catalog.substr(lookup, 1, 8), 'hex'))::bit(64)::bigint;
comment on function cix.lookup_head is 'The first eight bytes of a lookup. Not granted to anyone.';
