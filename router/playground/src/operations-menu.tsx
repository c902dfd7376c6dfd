import { DropdownMenu, pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useRef } from "react";
import type { StarterOperation } from "./config.ts";
import { Chevron, OpenBook } from "./icons.tsx";

export function OperationsMenu({ operations }: { operations: readonly StarterOperation[] }) {
  const { addTab, stop, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(pick("queryEditor", "variableEditor"));
  const opened = useRef(false);

  const open = ({ query, variables }: StarterOperation): void => {
    const variablesText = variables ? JSON.stringify(variables, null, 2) : "";
    stop();
    addTab();
    updateActiveTabValues({ query, variables: variablesText });
    queryEditor?.setValue(query);
    variableEditor?.setValue(variablesText);
    opened.current = true;
  };

  return (
    <DropdownMenu>
      <DropdownMenu.Button className="shell-button">
        <OpenBook />
        <span>Open an operation</span>
        <Chevron />
      </DropdownMenu.Button>
      <DropdownMenu.Content
        className="shell-menu"
        align="end"
        aria-label="Open an operation"
        onCloseAutoFocus={(event) => {
          // What was opened is what the user works with next; a menu that was left returns the focus to its button.
          if (!opened.current) return;
          opened.current = false;
          event.preventDefault();
          queryEditor?.focus();
        }}
      >
        {operations.map((operation) => (
          <DropdownMenu.Item key={operation.name} className="shell-menu-item" onSelect={() => open(operation)}>
            <span>{operation.name}</span>
            <span className="shell-menu-detail">{kindOf(operation.query)}</span>
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

const kindOf = (query: string): string => /^\s*(mutation|subscription)\b/m.exec(query)?.[1] ?? "query";
