import { useEffect, useState } from "react";
import { ConfigError } from "./config-error.tsx";
import { type LoadedConfig, loadConfig } from "./load-config.ts";
import { Playground } from "./playground.tsx";

export function App() {
  const [loaded, setLoaded] = useState<LoadedConfig | null>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt loads anew.
  useEffect(() => {
    let current = true;
    void loadConfig().then((result) => {
      if (current) setLoaded(result);
    });
    return () => {
      current = false;
    };
  }, [attempt]);

  if (loaded === null) return <div className="shell" aria-busy="true" />;
  if (loaded.kind === "loaded") return <Playground config={loaded.config} />;
  return <ConfigError reason={loaded.reason} details={loaded.details} onRetry={() => setAttempt(attempt + 1)} />;
}
