import { DuckDBInstance } from '@duckdb/node-api';

// The data of tests is small: several threads only wait for each other. Tests of threads set their number, and the built
// program, which the end-to-end tests start, uses all.
const { create } = DuckDBInstance;
// Test files of one worker share the class.
if (create.name !== 'createWithOneThread')
  DuckDBInstance.create = function createWithOneThread(path, options) {
    return create.call(DuckDBInstance, path, { threads: '1', ...options });
  };
