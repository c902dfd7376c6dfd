import { useEffect } from "react";

interface Props {
  reason: string;
  details: readonly string[];
  onRetry: () => void;
}

export function ConfigError({ reason, details, onRetry }: Props) {
  useEffect(() => {
    document.title = "Playground cannot start";
  }, []);
  return (
    <main className="shell shell-failure">
      <div className="shell-failure-card" role="alert">
        <h1>The playground cannot start</h1>
        <p>
          Its configuration, <code>playground/config.json</code>, could not be loaded. {reason}
        </p>
        {details.length > 0 && (
          <ul>
            {details.map((detail) => (
              <li key={detail}>
                <code>{detail}</code>
              </li>
            ))}
          </ul>
        )}
        <button type="button" className="shell-button shell-button-primary" onClick={onRetry}>
          Try again
        </button>
      </div>
    </main>
  );
}
