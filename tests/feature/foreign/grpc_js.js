// grpc_js.js ADDRESS CA CERT KEY REQUEST.json found|refused
// Asks by grpc-js with messages from proto/, and opens the details of a refusal.
'use strict';

const fs = require('fs');
const path = require('path');
const root = path.resolve(__dirname, '../../..');
const modules = path.join(root, 'build/node/node_modules');
const grpc = require(path.join(modules, '@grpc/grpc-js'));
const loader = require(path.join(modules, '@grpc/proto-loader'));
const protobuf = require(path.join(modules, 'protobufjs'));

const [address, ca, cert, key, request, expected] = process.argv.slice(2);
const proto = path.join(root, 'proto');
const options = { includeDirs: [proto], longs: String, enums: String };
const definition = loader.loadSync('cix/v1/report.proto', options);
const cix = grpc.loadPackageDefinition(definition).cix.v1;

function fail(text) {
  console.log(`grpc-js: ${text}`);
  process.exit(1);
}

// The reason and facts of google.rpc.Status in the trailer.
function detailsOf(error) {
  const types = new protobuf.Root();
  types.resolvePath = (origin, target) => path.join(proto, target);
  types.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!bytes) fail('no grpc-status-details-bin');
  const status = types.lookupType('google.rpc.Status').decode(bytes);
  const info = status.details.find((any) => any.type_url.endsWith('google.rpc.ErrorInfo') ||
    (any.typeUrl || '').endsWith('google.rpc.ErrorInfo'));
  if (!info) fail('no ErrorInfo');
  return types.lookupType('google.rpc.ErrorInfo').decode(info.value);
}

// The health of a service, as load balancers watch it.
function watchHealth(channelOptions) {
  const { Health } = grpc.loadPackageDefinition(loader.loadSync('grpc/health/v1/health.proto', options)).grpc.health.v1;
  const health = new Health(address, credentials, channelOptions);
  const call = health.Watch({ service: 'cix.v1.ReportService' });
  call.on('data', (response) => {
    if (response.status !== 'SERVING') fail(`health is ${response.status}`);
    console.log('grpc-js: health is watched, SERVING');
    call.cancel();
    health.close();
  });
  call.on('error', (error) => {
    if (error.code !== grpc.status.CANCELLED) fail(`watch: ${error.code} ${error.details}`);
  });
}

const credentials = grpc.credentials.createSsl(fs.readFileSync(ca), fs.readFileSync(key), fs.readFileSync(cert));
const channelOptions = { 'grpc.ssl_target_name_override': 'localhost' };
const client = new cix.ReportService(address, credentials, channelOptions);
if (expected === 'found') watchHealth(channelOptions);
const deadline = Date.now() + 20000;
client.GetReport(JSON.parse(fs.readFileSync(request)), { deadline }, (error, response) => {
  if (expected === 'found') {
    if (error) fail(`${error.code} ${error.details}`);
    if (response.report.outcome !== 'REPORT_OUTCOME_FOUND' || response.report.accounts.length === 0) fail('no accounts');
    console.log(`grpc-js: found, ${response.report.accounts.length} accounts`);
  } else {
    if (!error || error.code !== grpc.status.PERMISSION_DENIED) fail('was not refused');
    const info = detailsOf(error);
    if (info.reason !== 'INQUIRY_REFUSED' || info.metadata.rule !== 'I002') fail(`reason ${info.reason}`);
    console.log(`grpc-js: refused, ${info.reason} by rule ${info.metadata.rule}`);
  }
  client.close();
});
