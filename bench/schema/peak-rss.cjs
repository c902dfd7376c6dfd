// Required into what is measured: tells the most memory that it ever had, in kilobytes, as the kernel counted it.
const { writeFileSync } = require("node:fs");

process.once("exit", () => writeFileSync(process.env.PEAK_RSS_FILE, String(process.resourceUsage().maxRSS)));
