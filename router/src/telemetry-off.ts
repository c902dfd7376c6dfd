/**
 * Apollo's gateway calls out of the machine unless this is set before it loads. Imported first by every module that
 * imports it, so that it holds however the router is embedded.
 */
process.env.APOLLO_TELEMETRY_DISABLED = "1";
