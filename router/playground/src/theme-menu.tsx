import { DropdownMenu, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";
import { Check, Monitor, Moon, Sun } from "./icons.tsx";
import { darkSystem, type Theme } from "./theme.ts";

const themes: readonly { theme: Theme; label: string; Icon: () => React.JSX.Element }[] = [
  { theme: null, label: "System", Icon: Monitor },
  { theme: "light", label: "Light", Icon: Sun },
  { theme: "dark", label: "Dark", Icon: Moon },
];

export function ThemeMenu() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();

  useEffect(() => {
    if (theme !== null) return;
    // GraphiQL reads the system's theme once: its editors would keep the old colours when the system changes.
    const system = darkSystem();
    const follow = (): void => setTheme(null);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, [theme, setTheme]);

  const current = themes.find((entry) => entry.theme === theme) ?? themes[0];
  return (
    <DropdownMenu>
      <DropdownMenu.Button className="shell-button shell-button-icon" aria-label={`Theme: ${current?.label}`}>
        {current && <current.Icon />}
      </DropdownMenu.Button>
      <DropdownMenu.Content className="shell-menu shell-menu-narrow" align="end" aria-label="Theme">
        {themes.map((entry) => (
          <DropdownMenu.Item
            key={entry.label}
            className="shell-menu-item"
            role="menuitemradio"
            aria-checked={entry.theme === theme}
            onSelect={() => setTheme(entry.theme)}
          >
            <entry.Icon />
            <span>{entry.label}</span>
            {entry.theme === theme && <Check />}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}
