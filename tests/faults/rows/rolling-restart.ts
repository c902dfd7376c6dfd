import { type Row, SERVICES } from "../model.ts";
import { happened } from "./evidence.ts";

/** As a release does it: SIGTERM, wait for the end, start the new one, wait until it is ready, the next. */
export const rollingRestart: Row = {
  name: "rolling restart of every service",
  shortSeconds: 12,
  async run({ system, traffic, say }) {
    const meanwhile = traffic.measure();
    for (const name of SERVICES) {
      const service = system.service(name);
      const { pid } = service;
      const { code, signal } = await service.stop();
      if (code !== 0) throw new Error(`${name} ended by ${signal ?? `code ${code}`} on SIGTERM, not by code 0.`);
      await service.start();
      happened(service.pid !== pid, `${name} was not restarted`);
    }
    const { acknowledged, retried, failures } = meanwhile.end();
    if (failures.length > 0)
      throw new Error(`${failures.length} requests failed for good during a rolling restart, such as: ${failures[0]}`);
    say(`${acknowledged} orders taken, ${retried} requests sent again, none failed`);
  },
};
