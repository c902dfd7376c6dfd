import type { Row } from "../model.ts";
import { withoutCompensation, withoutInbox, withoutStockCheck } from "./broken-builds.ts";
import { brokerKilled, brokerWiped } from "./broker.ts";
import { clockSkew } from "./clock-skew.ts";
import { databasesKilled, diskFull } from "./databases.ts";
import { killedAtSteps } from "./killed-at-steps.ts";
import { killedAtRandom, killedInTurn } from "./killed-under-load.ts";
import { duplicated, poisoned } from "./messages.ts";
import { blackHoles, brokenConnections } from "./network.ts";
import { overload } from "./overload.ts";
import { providerAstray } from "./provider.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { paymentsDown, productsDown } from "./services-down.ts";
import { twoOfEvery } from "./two-of-every.ts";

/**
 * Every kind of fault, for one system or two: each leaves behind what the next may meet. The short run takes them from
 * both ends. First those that mostly wait, since builds that lack a guard run beside them; last, and so early in the
 * second system, the one that takes all of the machine, and the longest.
 */
export const ROWS: readonly Row[] = [
  blackHoles,
  providerAstray,
  poisoned,
  duplicated,
  brokerWiped,
  brokerKilled,
  productsDown,
  paymentsDown,
  brokenConnections,
  killedInTurn,
  killedAtRandom,
  databasesKilled,
  clockSkew,
  twoOfEvery,
  rollingRestart,
  diskFull,
  killedAtSteps,
  overload,
];

/** Builds that lack a guard, each in a system of its own: the checker must notice. */
export const BROKEN_BUILDS: readonly Row[] = [withoutInbox, withoutCompensation, withoutStockCheck];
