import { tmpdir } from 'node:os';
import { testCases } from './cases.ts';
import { Exporter } from './exporter.ts';

// Requests and tokens belong to a server and are not exported.
await testCases(
  1,
  async (db, cluster, database) => {
    const exporter = new Exporter(cluster, tmpdir());
    await exporter.createTables(database);
    await exporter.export(database, db);
  },
  ['requests', 'tokens'],
);
