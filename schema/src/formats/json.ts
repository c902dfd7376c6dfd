import type { Report } from "../check/report.ts";

/** The report as it is, for tools. Fields are added, never changed. */
export const jsonReport = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;
