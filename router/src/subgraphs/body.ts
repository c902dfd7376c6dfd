import { isAscii, isUtf8 } from "node:buffer";
import type { Reply, ResponseHead } from "./response.ts";

/** A subgraph may send single bytes, and each would be held as an object many times its size: so many become one. */
const MAX_CHUNKS = 1_024;

/** The body of a response as it comes in. */
export class Body {
  #size = 0;
  #chunks: Uint8Array[] = [];
  readonly #joined: Uint8Array[] = [];

  /**
   * How many bytes there are by now.
   * @param isKept False for what is counted only.
   */
  add(chunk: Uint8Array, isKept: boolean): number {
    this.#size += chunk.length;
    if (!isKept) return this.#size;
    if (this.#chunks.length === MAX_CHUNKS) {
      this.#joined.push(Buffer.concat(this.#chunks));
      this.#chunks = [];
    }
    this.#chunks.push(chunk);
    return this.#size;
  }

  /** Once all of it is there. */
  reply(head: ResponseHead): Reply {
    if (head.problem !== null) return { head, text: null, problem: head.problem };
    const bytes = this.#bytes();
    // Most answers are ASCII, which needs no decoding. What is neither would be changed without a word.
    if (isAscii(bytes)) return { head, text: bytes.toString("latin1"), problem: null };
    return isUtf8(bytes)
      ? { head, text: bytes.toString("utf8"), problem: null }
      : { head, text: null, problem: "not UTF-8" };
  }

  #bytes(): Buffer {
    const [first] = this.#chunks;
    if (this.#size === first?.length) return Buffer.from(first.buffer, first.byteOffset, first.length);
    return Buffer.concat([...this.#joined, ...this.#chunks], this.#size);
  }
}

export const tooLarge = (head: ResponseHead): Reply => ({
  head,
  text: null,
  problem: head.problem ?? `more than ${head.maxBytes} bytes`,
});
