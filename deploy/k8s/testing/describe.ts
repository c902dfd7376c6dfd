import { describe as describeAlways } from "vitest";
import { canRender } from "./kustomize.ts";

const isAble = await canRender();
if (!isAble) {
  process.stderr.write(
    "\nNOT TESTED: what is applied to Kubernetes, since there is no kubectl or kustomize of version 5 on the PATH.\n\n",
  );
}

/** For tests of what kustomize makes: skipped, and told so, where there is none and none can be fetched. */
export const describe: (typeof describeAlways)["skip"] = isAble ? describeAlways : describeAlways.skip;
