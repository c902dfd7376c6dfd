import type { Dispatcher } from "undici";
import { Body, tooLarge } from "./body.ts";
import type { Deadline } from "./deadline.ts";
import { type Reply, type ResponseHead, type ResponseHeaders, readHead } from "./response.ts";

/** `isSent` is false where surely not a byte of the request has left: the subgraph cannot have done anything. */
export type Exchanged =
  | { readonly kind: "replied"; readonly reply: Reply }
  /** Nobody waits any more: the deadline says why. */
  | { readonly kind: "over"; readonly isSent: boolean }
  | { readonly kind: "broken"; readonly isSent: boolean; readonly error: unknown };

/**
 * Sends one request and reads its response, of at most `maxBytes`. Never rejects, and is never later than `deadline`;
 * redirects are not followed.
 */
export const exchange = (
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  deadline: Deadline,
  maxBytes: number,
): Promise<Exchanged> =>
  new Promise((resolve) => {
    const receiver = new Receiver(resolve, deadline, maxBytes);
    deadline.listen(() => receiver.giveUp());
    dispatcher.dispatch(request, receiver);
  });

/** One object a request, without a stream for the body: calls are what the router does most. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #resolve: (exchanged: Exchanged) => void;
  readonly #deadline: Deadline;
  readonly #maxBytes: number;
  readonly #body = new Body();
  #isSettled = false;
  #controller: Dispatcher.DispatchController | null = null;
  #head: ResponseHead | null = null;

  constructor(resolve: (exchanged: Exchanged) => void, deadline: Deadline, maxBytes: number) {
    this.#resolve = resolve;
    this.#deadline = deadline;
    this.#maxBytes = maxBytes;
  }

  giveUp(): void {
    this.#settle({ kind: "over", isSent: this.#controller !== null });
    this.#controller?.abort(GIVEN_UP);
  }

  /** Before the first byte is written. What is aborted here never leaves. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled) controller.abort(GIVEN_UP);
    else this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // Early hints and the like: the response is still to come.
    if (this.#isSettled || status < 200) return;
    this.#head = readHead(status, headers, this.#maxBytes);
    const length = headers["content-length"];
    if (length !== undefined && Number(length) > this.#head.maxBytes) this.#refuse(controller, this.#head);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const head = this.#head;
    if (this.#isSettled || !head) return;
    if (this.#body.add(chunk, head.problem === null) > head.maxBytes) this.#refuse(controller, head);
  }

  onResponseEnd(): void {
    const head = this.#head;
    if (!this.#isSettled && head) this.#settle({ kind: "replied", reply: this.#body.reply(head) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    this.#settle({ kind: "broken", isSent: this.#controller !== null, error });
  }

  #refuse(controller: Dispatcher.DispatchController, head: ResponseHead): void {
    this.#settle({ kind: "replied", reply: tooLarge(head) });
    controller.abort(GIVEN_UP);
  }

  #settle(exchanged: Exchanged): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#deadline.listen(null);
    this.#resolve(exchanged);
  }
}

const GIVEN_UP = new Error("The request was given up.");
