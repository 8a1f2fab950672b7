/** `completions`: what a shell needs to know to finish words. */
import { settingNames } from "./settings.ts";
import { Trouble } from "./trouble.ts";
import type { Verb } from "./verb.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = typeof SHELLS[number];

export function completions(verbs: () => readonly Verb[]): Verb {
  return {
    name: "completions",
    shape: "SHELL",
    summary: "words that your shell can finish: bash, zsh, fish, powershell",
    examples: ["deno task node completions bash >> ~/.bashrc"],
    flags: {},
    run({ words: [shell], terminal }) {
      if (!SHELLS.includes(shell as Shell)) {
        throw new Trouble("usage", `Name your shell: ${SHELLS.join(", ")}`);
      }
      terminal.say(scriptOf(shell as Shell, verbs()));
      return Promise.resolve(0);
    },
  };
}

/** Completes `starling VERB --flag`, for who has made that an alias of `deno task node`. */
function scriptOf(shell: Shell, verbs: readonly Verb[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  const flags = settingNames.map((name) => `--${name}`).join(" ");
  switch (shell) {
    case "bash":
      return `alias starling="deno task node"
_starling() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names}" -- "$word"))
  elif [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${flags}" -- "$word"))
  else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -F _starling starling`;
    case "zsh":
      return `alias starling="deno task node"
_starling() {
  if (( CURRENT == 2 )); then compadd ${names}
  elif [[ $words[CURRENT] == -* ]]; then compadd -- ${flags}
  else _files; fi
}
compdef _starling starling`;
    case "fish":
      return [
        `alias starling="deno task node"`,
        ...verbs.map(({ name, summary }) =>
          `complete -c starling -n __fish_use_subcommand -a ${name} -d "${summary}"`
        ),
        ...settingNames.map((name) => `complete -c starling -l ${name}`),
      ].join("\n");
    case "powershell":
      return `function starling { deno task node @args }
Register-ArgumentCompleter -CommandName starling -ScriptBlock {
  param($name, $ast, $word)
  "${names} ${flags}".Split(" ") | Where-Object { $_.StartsWith($word) }
}`;
  }
}
