import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN, HistoryStore } from "@graphiql/plugin-history";
import { GraphiQLProvider } from "@graphiql/react";
import { GraphiQL, GraphiQLInterface } from "graphiql";
import { useEffect, useState } from "react";
import { createActivity } from "./activity.ts";
import type { PlaygroundConfig } from "./config.ts";
import { createFetcher } from "./fetcher.ts";
import { Header } from "./header.tsx";
import { Notices } from "./notices.tsx";
import { ResponseStatus } from "./response-status.tsx";
import { createSession } from "./session.ts";
import { SkipLink } from "./skip-link.tsx";
import { StatusBar } from "./status-bar.tsx";

// One list for good: GraphiQL takes a new one as a change of plugins.
const plugins = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];

export function Playground({ config }: { config: PlaygroundConfig }) {
  const [{ session, activity, fetcher }] = useState(() => {
    const session = createSession(config.endpoint, config.signIn);
    const activity = createActivity();
    return { session, activity, fetcher: createFetcher({ endpoint: config.endpoint, session, activity }) };
  });
  const [starter] = useState(() => firstVisitContent(config));

  useEffect(() => {
    document.title = `${config.title} playground`;
  }, [config.title]);

  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={plugins}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery=""
      {...starter}
      inputValueDeprecation
      schemaDescription
      shouldPersistHeaders={false}
    >
      <HistoryStore>
        <DocExplorerStore>
          <div className="shell">
            <SkipLink />
            <Header config={config} session={session} />
            <Notices session={session} />
            <main className="shell-main">
              <GraphiQLInterface showPersistHeadersSettings={false} defaultEditorToolsVisibility>
                <GraphiQL.Logo> </GraphiQL.Logo>
                <GraphiQL.Footer>
                  <ResponseStatus activity={activity} />
                </GraphiQL.Footer>
              </GraphiQLInterface>
            </main>
            <StatusBar />
          </div>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}

/** The first starter operation for who comes for the first time; later visits find their own tabs again. */
function firstVisitContent({ operations }: PlaygroundConfig): { initialQuery?: string; initialVariables?: string } {
  const [first] = operations;
  if (!first || hasStoredTabs()) return {};
  return {
    initialQuery: first.query,
    initialVariables: first.variables ? JSON.stringify(first.variables, null, 2) : "",
  };
}

function hasStoredTabs(): boolean {
  try {
    return localStorage.getItem("graphiql:tabState") !== null;
  } catch {
    return false;
  }
}
