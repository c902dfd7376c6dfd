import { useGraphiQL } from "@graphiql/react";

export function SkipLink() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  return (
    <button type="button" className="shell-skip-link" onClick={() => queryEditor?.focus()}>
      Skip to the operation editor
    </button>
  );
}
