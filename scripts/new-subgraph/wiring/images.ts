import { environmentOf } from "../names.ts";
import { behind, type Edit, each, nameOf } from "./edit.ts";

/** Where it listens in a container, and where it is asked for its health. An image is built of every folder of subgraphs. */
export const IMAGES: readonly Edit[] = [
  each(
    "deploy/Dockerfile",
    behind(/ [A-Z]+_HOST=0\.0\.0\.0(?= \\\n)/, ({ subgraph }) => ` ${environmentOf(subgraph)}_HOST=0.0.0.0`),
  ),
  each(
    "deploy/health.sh",
    behind(/\n {2}(?!sandbox)\w+\) port=\d+ ;;/, (plan) => `\n  ${nameOf(plan)}) port=${plan.port} ;;`),
  ),
];
