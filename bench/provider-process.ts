import { silentLogger } from "../packages/service/src/index.ts";
import { startSandboxProvider } from "../sandbox-provider/src/server.ts";

export const API_KEY = "sk_bench_0123456789abcdef";
export const WEBHOOK_SECRET = "whsec_bench_0123456789";

export interface FromProvider {
  readonly providerUrl: string;
}

export type ToProvider = { readonly webhookUrl: string } | { readonly stop: true };

const [directory] = process.argv.slice(2);

if (process.send && directory) {
  const provider = await startSandboxProvider(
    {
      host: "127.0.0.1",
      port: 0,
      apiKey: API_KEY,
      webhookSecret: WEBHOOK_SECRET,
      webhookUrl: null,
      directory,
      publicUrl: null,
      logLevel: "silent",
    },
    { log: silentLogger() },
  );
  process.on("message", async (message: ToProvider) => {
    if ("webhookUrl" in message) return provider.sendWebhooksTo(message.webhookUrl);
    await provider.stop();
    process.exit();
  });
  process.send({ providerUrl: provider.url } satisfies FromProvider);
}
