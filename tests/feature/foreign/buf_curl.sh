#!/bin/bash
# buf_curl.sh ADDRESS CA CERT KEY REQUEST.json found|refused
# Asks by buf curl, which learns the schema from the server's reflection.
set -u
address=$1 ca=$2 cert=$3 key=$4 request=$5 expected=$6
buf=build/node/node_modules/.bin/buf
output=$("$buf" curl --protocol grpc --cacert "$ca" --cert "$cert" --key "$key" --servername localhost -d "@$request" \
    "https://$address/cix.v1.ReportService/GetReport" 2>&1)
code=$?
case $expected in
found) [ $code -eq 0 ] && grep -q REPORT_OUTCOME_FOUND <<<"$output" && grep -q '"accountId"' <<<"$output" ;;
refused) [ $code -ne 0 ] && grep -q permission_denied <<<"$output" && grep -q INQUIRY_REFUSED <<<"$output" && grep -q I002 <<<"$output" ;;
esac || { echo "buf curl: not what was expected ($expected):"; echo "$output"; exit 1; }
echo "buf curl: $expected"
