-- The one way to write the audit log. Arrays of equal length, one row an element.

-- cix.audit_leaf: leaf hash of RFC 6962 (0x00 before the data) over layout 1, all integers big-endian:
--   layout 2 bytes, audit id 8, microseconds since 1970 8, member 4, method 2, certificate 32,
--   subject commitment 32, purpose 2, consent 16 (zeros when none), outcome 2, records hash 32.
create or replace function cix.audit_leaf(
    audit_id bigint, at timestamptz, member_id int, method smallint, certificate bytea,
    subject_commitment bytea, purpose smallint, consent_id uuid, outcome smallint, records_hash bytea)
returns bytea language sql immutable parallel safe
return sha256('\x00'::bytea || int2send(1::smallint) || int8send(audit_id)
    || int8send((extract(epoch from at) * 1000000)::bigint) || int4send(member_id) || int2send(method)
    || certificate || subject_commitment || int2send(purpose)
    || coalesce(uuid_send(consent_id), '\x00000000000000000000000000000000'::bytea)
    || int2send(outcome) || records_hash);

comment on function cix.audit_leaf is 'Leaf hash (RFC 6962) of one audit row, layout 1. Not granted to anyone.';
