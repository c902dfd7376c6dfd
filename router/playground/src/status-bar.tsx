import { pick, useGraphiQL } from "@graphiql/react";
import { Keys, shortcuts } from "./keys.tsx";
import { useTabLeavesEditor } from "./tab-leaves-editor.ts";

export function StatusBar() {
  const tabLeaves = useTabLeavesEditor();
  return (
    <footer className="shell-status-bar">
      <output className="shell-hint" aria-label="What Tab does in an editor">
        <Keys keys={shortcuts.leaveEditor} />
        {tabLeaves ? "Tab leaves the editor now; press again to indent" : "lets Tab leave the editor"}
      </output>
      <span className="shell-hint">
        <Keys keys={shortcuts.run} /> run
      </span>
      <span className="shell-hint shell-hint-optional">
        <Keys keys={shortcuts.complete} /> complete
      </span>
      <span className="shell-hint shell-hint-optional">
        <Keys keys="?" /> all shortcuts
      </span>
      <SchemaState />
    </footer>
  );
}

function SchemaState() {
  const { schema, isIntrospecting, fetchError } = useGraphiQL(pick("schema", "isIntrospecting", "fetchError"));
  const tone = fetchError ? "bad" : isIntrospecting ? "busy" : schema ? "good" : "neutral";
  return (
    <output className="shell-schema-state" aria-label="Schema">
      <span className="shell-dot" data-tone={tone} />
      {schemaText(schema, isIntrospecting, fetchError)}
    </output>
  );
}

function schemaText(schema: Schema, isIntrospecting: boolean, fetchError: string | null): string {
  if (isIntrospecting) return "Loading the schema…";
  if (fetchError) return "The schema could not be loaded";
  if (!schema) return "No schema";
  const types = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith("__"));
  return `Schema loaded · ${types.length} types`;
}

type Schema = { getTypeMap(): object } | null | undefined;
