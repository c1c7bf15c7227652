#!/bin/bash
# buf_curl.sh ADDRESS CA CERT KEY REQUEST.json found|refused
# Asks by buf curl, which learns the schema from the server's reflection.
set -u
address=$1 ca=$2 cert=$3 key=$4 request=$5 expected=$6
buf=build/node/node_modules/.bin/buf
output=$("$buf" curl --protocol grpc --cacert "$ca" --cert "$cert" --key "$key" --servername localhost -d "@$request" \
    "https://$address/cix.v1.ReportService/GetReport" 2>&1)
code=$?
# buf shows the details of a refusal in base64.
details=$(grep -o '"value": "[^"]*"' <<<"$output" | cut -d'"' -f4 | while read -r value; do base64 -di <<<"$value==" 2>/dev/null; done | tr -d '\0')
case $expected in
found) [ $code -eq 0 ] && grep -q REPORT_OUTCOME_FOUND <<<"$output" && grep -q '"accountId"' <<<"$output" ;;
refused) [ $code -ne 0 ] && grep -q permission_denied <<<"$output" && grep -qa INQUIRY_REFUSED <<<"$details" && grep -qa I002 <<<"$details" ;;
esac || { echo "buf curl: not what was expected ($expected):"; echo "$output"; exit 1; }
echo "buf curl: $expected"
