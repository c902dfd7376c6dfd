/**
 * Who is to be told when a client goes away, by its signal. One operation makes many calls for one client: each with an
 * event listener of its own would cost more, and Node.js warns of more than ten.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** `leave` is called once `signal` is aborted, unless {@link stay} took it back. Not for a signal that is aborted already. */
export const onDeparture = (signal: AbortSignal, leave: () => void): void => {
  const known = waiting.get(signal);
  if (known) {
    known.add(leave);
    return;
  }
  const leaving = new Set([leave]);
  waiting.set(signal, leaving);
  const tell = () => {
    for (const one of leaving) one();
  };
  signal.addEventListener("abort", tell, { once: true });
};

/** Takes back what {@link onDeparture} was given. */
export const stay = (signal: AbortSignal, leave: () => void): void => {
  waiting.get(signal)?.delete(leave);
};
