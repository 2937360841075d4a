import { testCases } from './cases.ts';

await testCases(3);
