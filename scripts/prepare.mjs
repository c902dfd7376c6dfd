// Runs after `npm install` and `npm ci`, so that `npm start` finds the playground built.
import { buildPlayground } from "./playground-build.mjs";

const result = await buildPlayground();
if (result.kind === "built") {
  process.stdout.write(`Built the playground in ${(result.ms / 1000).toFixed(1)} s.\n`);
} else if (result.kind === "unavailable") {
  process.stdout.write(`The playground is not built: without ${result.missing.join(", ")} it cannot be.\n`);
}
