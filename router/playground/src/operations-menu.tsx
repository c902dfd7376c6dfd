import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { Item } from "@radix-ui/react-dropdown-menu";
import { useRef } from "react";
import type { StarterOperation } from "./config.ts";
import { Chevron, Open } from "./icons.tsx";
import { Menu } from "./menu.tsx";
import { operationsOf, parseOrNull } from "./operation-text.ts";

export function OperationsMenu({ operations }: { operations: readonly StarterOperation[] }) {
  const { addTab, setOperationFacts, stop, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(pick("queryEditor", "variableEditor"));
  const opened = useRef(false);

  const open = ({ query, variables }: StarterOperation): void => {
    const variablesText = variables ? JSON.stringify(variables, null, 2) : "";
    stop();
    addTab();
    updateActiveTabValues({ query, variables: variablesText });
    queryEditor?.setValue(query);
    variableEditor?.setValue(variablesText);
    // GraphiQL reads the text a moment later: run at once, it would ask for the operation of the tab before.
    setOperationFacts(operationFacts(query));
    opened.current = true;
  };

  return (
    <Menu
      label="Open an operation"
      // Before the editor is there an operation would be opened into nothing.
      trigger={
        <button type="button" className="shell-button" disabled={!queryEditor}>
          <Open />
          <span>Open an operation</span>
          <Chevron />
        </button>
      }
      onCloseAutoFocus={(event) => {
        // What was opened is what the user works with next; a menu that was left returns the focus to its button.
        if (!opened.current) return;
        opened.current = false;
        event.preventDefault();
        queryEditor?.focus();
      }}
    >
      {operations.map((operation) => (
        <Item key={operation.name} className="shell-menu-item" onSelect={() => open(operation)}>
          <span>{operation.name}</span>
          <span className="shell-menu-detail">{kindOf(operation.query)}</span>
        </Item>
      ))}
    </Menu>
  );
}

function operationFacts(query: string) {
  const documentAST = parseOrNull(query);
  if (!documentAST) return {};
  const operations = operationsOf(documentAST);
  return { documentAST, operations, operationName: operations[0]?.name?.value };
}

const kindOf = (query: string): string => /^\s*(mutation|subscription)\b/m.exec(query)?.[1] ?? "query";
