// One ClickHouse server out of chDB's library, until standard input ends: node.mjs FOLDER HTTP_PORT TCP_PORT [CONFIG]
import { createRequire } from 'node:module';
import { DataType, load, open } from 'ffi-rs';

const [folder, httpPort, tcpPort, config] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const platform = `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
open({ library: 'chdb', path: require.resolve(platform).replace(/[^/]+$/, 'libchdb.so') });
const args = [
  'clickhouse',
  `--path=${folder}`,
  '--listen_host=127.0.0.1',
  `--http_port=${httpPort}`,
  `--tcp_port=${tcpPort}`,
  ...(config === undefined ? [] : [`--config-file=${config}`]),
  // The library stops listening when its query ends. A node that answers over HTTP is ready for other nodes.
  '--query=system start listen tcp; system start listen http; ' +
    'select sleepEachRow(3) from system.numbers settings max_block_size = 1 format Null',
];
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.resume();
load({
  library: 'chdb',
  funcName: 'query_stable_v2',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
});
