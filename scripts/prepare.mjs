// Runs after `npm install` and `npm ci`, so that `npm start` finds the playground built.
import { buildPlayground } from "./playground-build.mjs";

const result = await buildPlayground();
if (result.kind === "built") {
  process.stdout.write(`Built the playground in ${(result.ms / 1000).toFixed(1)} s.\n`);
} else if (result.kind === "unavailable") {
  // As it should be in an image, which is installed without dev dependencies.
  const [first, ...more] = result.missing;
  process.stdout.write(
    `The playground is not built: ${first} ${more.length > 0 ? `and ${more.length} more are` : "is"} missing.\n`,
  );
}
