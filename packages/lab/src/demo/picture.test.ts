/** @module The topology's picture: what it shows, and that no name can break out of its text. */

import { expect, test } from 'vitest';
import { type Scene, topologySvg } from './picture.ts';

const scene: Scene = {
  client: { app: 'qbittorrent', address: '10.1.0.7', tunnelAddress: '172.16.0.20' },
  gateway: { app: 'gluetun', address: '10.1.0.5' },
  vpnServer: '203.0.113.5',
  exitAddress: '203.0.113.5',
  ispAddress: '203.0.113.1',
  leaked: 0,
};

test('as a reader sees it', async () => {
  await expect(topologySvg(scene)).toMatchFileSnapshot('./golden/topology.svg');
});

test('names are text, not markup', () => {
  const svg = topologySvg({ ...scene, client: { ...scene.client, app: '<script>"&' } });
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('&lt;script&gt;&quot;&amp;-0');
});
