import { checkout } from "./checkout.ts";
import { renderDashboard } from "./grafana.ts";
import { router } from "./router.ts";
import { shop } from "./shop.ts";
import { subgraphs } from "./subgraphs.ts";

export const DASHBOARDS = { shop, router, subgraphs, checkout };

/** What Grafana is provisioned with, by the file's path in the repository. */
export const renderDashboards = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(DASHBOARDS).map(([name, dashboard]) => [
      `deploy/observability/grafana/dashboards/${name}.json`,
      renderDashboard(dashboard),
    ]),
  );
