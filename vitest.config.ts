import { defineConfig } from 'vitest/config';

const resolve = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'default'], externalConditions: ['source'] } },
};

/** `*.test.ts` are unit tests; `*.lab.test.ts` need network namespaces; `*.real.test.ts` need real programs. */
export default defineConfig({
  ...resolve,
  test: {
    // Why more than cores: hooks of charms under test mostly wait, a service of Pebble for a whole second.
    maxWorkers: 3,
    projects: [
      {
        ...resolve,
        test: {
          name: 'unit',
          include: ['{packages,charms}/*/{src,tests}/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.lab.test.ts', '**/*.real.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        ...resolve,
        test: {
          name: 'real',
          include: ['packages/*/{src,tests}/**/*.real.test.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        ...resolve,
        test: {
          name: 'lab',
          include: ['{packages,charms}/*/{src,tests}/**/*.lab.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
