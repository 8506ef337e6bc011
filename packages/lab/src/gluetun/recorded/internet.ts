/** @module The web of the recorded network: the caller's address on port 80, an echoip answer on 8081. */

import { createServer } from 'node:http';

const HOST = '198.51.100.80';

/** The place that the recordings show for the exit. */
const PLACE = {
  country: 'Labland',
  region_name: 'Labregion',
  city: 'Labcity',
  zip_code: '1000',
  latitude: 52.5,
  longitude: 4.9,
  time_zone: 'Europe/Amsterdam',
  asn_org: 'AS64496 Lab',
  hostname: 'exit.lab.example',
};

if (import.meta.main) {
  const caller = (address: string | undefined) => (address ?? '').replace('::ffff:', '');
  createServer((request, response) => response.end(`${caller(request.socket.remoteAddress)}\n`)).listen(80, HOST);
  const echo = createServer((request, response) => {
    response.end(JSON.stringify({ ip: caller(request.socket.remoteAddress), ...PLACE }));
  });
  echo.listen(8081, HOST, () => process.send?.('ready'));
  process.on('disconnect', () => process.exit(0));
}
