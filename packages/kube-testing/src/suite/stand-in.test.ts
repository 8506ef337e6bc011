/** @module The table of behaviours against the stand-in. */
import { afterAll, beforeAll, test } from 'vitest';
import { ApiServer } from '../api-server.ts';
import { behaviours, observe } from './suite.ts';

let api: ApiServer;

beforeAll(async () => {
  api = await ApiServer.start();
  api.compact();
});
afterAll(() => api.stop());

test.each(behaviours)('$name', (behaviour) =>
  observe(behaviour, {
    client: api.client(),
    as: async (namespace, account) => api.client(api.issueToken(namespace, account)),
  }),
);
