import { testExportedCases } from './exported-cases.ts';

await testExportedCases(3);
