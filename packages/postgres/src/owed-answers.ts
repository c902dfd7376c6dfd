/** First bytes of messages, by the protocol's names. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const DESCRIBE = 0x44;
const QUERY = 0x51;
const SYNC = 0x53;
const PARAMETER_DESCRIPTION = 0x74;
const READY_FOR_QUERY = 0x5a;

const HEADER_BYTES = 5;

export interface OwedAnswers {
  /** Takes what is written after the message that opened the connection; whole messages only. */
  sent(bytes: Uint8Array): void;
  /** Takes what is read, in pieces of any size. */
  received(bytes: Uint8Array): void;
  /** Whether Postgres has yet to answer something. */
  any(): boolean;
}

/**
 * Reads along with a connection, to tell one that is idle from one that waits, also where several statements are under
 * way at once: each Sync and each simple Query ends in one ReadyForQuery, and a Describe, after which postgres.js waits
 * before it sends the rest, in one ParameterDescription, or in an error and the next ReadyForQuery.
 */
export const createOwedAnswers = (): OwedAnswers => {
  /** In the order of sending. The first is for the opening of the connection. */
  let owed: number[] = [READY_FOR_QUERY];
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let bodyBytesLeft = 0;

  const receivedMessage = (type: number) => {
    if (type === READY_FOR_QUERY) owed = owed.slice(owed.indexOf(READY_FOR_QUERY) + 1);
    else if (type === PARAMETER_DESCRIPTION && owed[0] === PARAMETER_DESCRIPTION) owed.shift();
  };

  return {
    sent(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at + HEADER_BYTES <= bytes.length; at += 1 + view.getUint32(at + 1)) {
        const type = bytes[at];
        if (type === SYNC || type === QUERY) owed.push(READY_FOR_QUERY);
        else if (type === DESCRIBE) owed.push(PARAMETER_DESCRIPTION);
      }
    },
    received(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const skipped = Math.min(bodyBytesLeft, bytes.length - at);
        bodyBytesLeft -= skipped;
        at += skipped;
        while (bodyBytesLeft === 0 && at < bytes.length && headerBytes < HEADER_BYTES) {
          header[headerBytes] = bytes[at] ?? 0;
          headerBytes += 1;
          at += 1;
        }
        if (headerBytes === HEADER_BYTES) {
          headerBytes = 0;
          bodyBytesLeft = header.readUInt32BE(1) - 4;
          receivedMessage(header[0] ?? 0);
        }
      }
    },
    any: () => owed.length > 0,
  };
};
