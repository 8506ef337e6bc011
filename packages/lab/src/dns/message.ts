/** @module DNS messages (RFC 1035), as much as a resolver for A records needs. */

/** The question of a query. */
export interface Question {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Lower-case name without the final dot. */
  readonly name: string;
  /** Type number: 1 is A, 28 is AAAA. */
  readonly type: number;
  /** Octets of the question section, to be repeated in the answer. */
  readonly section: Buffer;
}

/** What a resolver knows about a name. */
export interface Answer {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  readonly addresses: readonly string[];
  /** Seconds. */
  readonly ttl: number;
}

const CODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;

/** Type numbers (RFC 1035 3.2.2, RFC 3596). */
export const recordTypes = { A: 1, AAAA: 28 } as const;

/** Reads the one question of a query. @throws RangeError when the message is cut short */
export function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  while (message.readUInt8(at) !== 0) {
    const length = message.readUInt8(at);
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  return {
    id: message.readUInt16BE(0),
    recursionDesired: (message.readUInt8(2) & 1) === 1,
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    section: message.subarray(12, end),
  };
}

/** The response to a question; addresses are given only for A. */
export function writeAnswer(question: Question, answer: Answer): Buffer {
  const given = question.type === recordTypes.A ? answer.addresses : [];
  const head = Buffer.alloc(12);
  head.writeUInt16BE(question.id, 0);
  head.writeUInt16BE(0x8480 | (question.recursionDesired ? 0x0100 : 0) | CODES[answer.code], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(given.length, 6);
  return Buffer.concat([head, question.section, ...given.map((address) => addressRecord(address, answer.ttl))]);
}

function addressRecord(address: string, ttl: number): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(recordTypes.A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(ttl, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split('.').map(Number)).copy(record, 12);
  return record;
}
