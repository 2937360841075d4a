import { tmpdir } from 'node:os';
import { testCases } from './cases.ts';
import { Exporter } from './exporter.ts';

/** Runs every worked case on tables that an export wrote. Requests and tokens belong to a server and are not exported. */
export const testExportedCases = (size: number): Promise<void> =>
  testCases(
    size,
    async (db, cluster, database) => {
      const exporter = new Exporter(cluster, tmpdir());
      await exporter.createTables(database);
      await exporter.export(database, db);
    },
    ['requests', 'tokens'],
  );
