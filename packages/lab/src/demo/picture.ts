/** @module The topology as an SVG picture: who leaves through what, with the addresses and counts of this very run. */

/** What the picture shows. */
export interface Scene {
  readonly client: { readonly app: string; readonly address: string; readonly tunnelAddress: string };
  readonly gateway: { readonly app: string; readonly address: string };
  readonly vpnServer: string;
  readonly exitAddress: string;
  readonly ispAddress: string;
  readonly leaked: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly kind: 'node' | 'pod' | 'outside';
}

interface Arrow {
  readonly points: readonly (readonly [number, number])[];
  readonly label: string;
  readonly at: readonly [number, number];
  readonly kind: 'tunnel' | 'clear' | 'shut';
}

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2933 }
  .title { font-weight: 600 }
  .small { font-size: 12px; fill: #52606d }
  .node { fill: #f5f7fa; stroke: #9aa5b1; stroke-dasharray: 4 3 }
  .pod { fill: #ffffff; stroke: #3e4c59 }
  .outside { fill: #fffaf0; stroke: #b7791f }
  .tunnel { stroke: #2f855a; stroke-width: 2.5; fill: none }
  .clear { stroke: #3e4c59; stroke-width: 1.5; fill: none }
  .shut { stroke: #c53030; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none }
  .label-tunnel { fill: #276749 } .label-shut { fill: #9b2c2c }`;

/** The picture as SVG text, 900 by 430 pixels. */
export function topologySvg(scene: Scene): string {
  const parts = [...boxes(scene).map(boxSvg), ...arrows(scene).map(arrowSvg)];
  const markers = ['tunnel', 'clear', 'shut'].map(marker).join('');
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 430" width="900" height="430" role="img">',
    `<title>${xmlText(`${scene.client.app} leaves through ${scene.gateway.app}`)}</title>`,
    `<style>${STYLE}</style><defs>${markers}</defs><rect width="900" height="430" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function boxes({ client, gateway, vpnServer, exitAddress, ispAddress }: Scene): Box[] {
  return [
    { x: 20, y: 20, width: 560, height: 300, title: 'Kubernetes node', lines: [], kind: 'node' },
    {
      ...{ x: 45, y: 70, width: 220, height: 220, kind: 'pod', title: `${client.app}-0` },
      lines: [
        client.address,
        `vxlan0 ${client.tunnelAddress}`,
        '',
        'vpn-route-init',
        'vpn-route-sidecar',
        'charm',
        'qbittorrent',
      ],
    },
    {
      ...{ x: 335, y: 70, width: 220, height: 220, kind: 'pod', title: `${gateway.app}-0` },
      lines: [gateway.address, 'vxlan0 172.16.0.1', '', 'gateway-init', 'gateway-sidecar', 'charm', 'gluetun (tun0)'],
    },
    {
      x: 660,
      y: 70,
      width: 215,
      height: 90,
      title: 'VPN server',
      lines: [vpnServer, `exit address ${exitAddress}`],
      kind: 'outside',
    },
    { x: 660, y: 230, width: 215, height: 60, title: 'the internet', lines: [`sees ${exitAddress}`], kind: 'outside' },
    {
      x: 120,
      y: 355,
      width: 300,
      height: 55,
      title: 'ISP uplink',
      lines: [`would show ${ispAddress}`],
      kind: 'outside',
    },
  ];
}

function arrows({ leaked }: Scene): Arrow[] {
  const count = `in the clear: ${leaked} packet${leaked === 1 ? '' : 's'}`;
  return [
    {
      points: [
        [265, 150],
        [335, 150],
      ],
      label: 'VXLAN',
      at: [278, 142],
      kind: 'tunnel',
    },
    {
      points: [
        [555, 115],
        [660, 115],
      ],
      label: 'WireGuard',
      at: [584, 107],
      kind: 'tunnel',
    },
    {
      points: [
        [767, 160],
        [767, 230],
      ],
      label: '',
      at: [775, 200],
      kind: 'clear',
    },
    {
      points: [
        [155, 290],
        [155, 355],
      ],
      label: count,
      at: [165, 338],
      kind: 'shut',
    },
  ];
}

function boxSvg({ x, y, width, height, title, lines, kind }: Box): string {
  const text = lines.map(
    (line, index) => `<text class="small" x="${x + 14}" y="${y + 46 + index * 20}">${xmlText(line)}</text>`,
  );
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    `<text class="title" x="${x + 14}" y="${y + 24}">${xmlText(title)}</text>`,
    ...text,
  ].join('');
}

function arrowSvg({ points, label, at, kind }: Arrow): string {
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
  const text =
    label === '' ? '' : `<text class="small label-${kind}" x="${at[0]}" y="${at[1]}">${xmlText(label)}</text>`;
  return `<path class="${kind}" d="${path}" marker-end="url(#end-${kind})"/>${text}`;
}

function marker(kind: string): string {
  const colour = { tunnel: '#2f855a', clear: '#3e4c59', shut: '#c53030' }[kind];
  return `<marker id="end-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${colour}"/></marker>`;
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
