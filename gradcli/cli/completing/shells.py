"""Completion in bash, zsh, fish and PowerShell: their scripts, the answers to them, and their installation.

A script asks ``gradcli`` itself, with the name of the shell in the environment variable `COMPLETE`.  Bash and
PowerShell hand over the line up to the cursor, zsh and fish its words, and each answer is one line: the word, for all
but bash a tab and its meaning.  No script evaluates an answer, since a column of a stranger's table may be one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gradcli.cli.catalogue import COMPLETE
from gradcli.cli.completing.candidates import Candidate, candidates
from gradcli.errors import UnavailableError, UsageError, choice
from gradcli.files import write_atomically

if TYPE_CHECKING:
    from gradcli.cli.context import Terminal

__all__ = ["SCRIPTS", "answer", "install", "shell_of", "words_in"]

_BASH = r"""
_gradcli_complete() {
    local found
    COMPREPLY=()
    while IFS= read -r found; do
        COMPREPLY+=("$found")
    done < <(_GRADCLI_COMPLETE=bash "$1" "${COMP_LINE:0:$COMP_POINT}" "${COMP_WORDS[$COMP_CWORD]}" 2>/dev/null)
    case ${COMPREPLY[0]-} in
        *[\(/=]) [ ${#COMPREPLY[@]} -eq 1 ] && compopt -o nospace 2>/dev/null ;;
    esac
    return 0
}
complete -o nosort -o default -F _gradcli_complete gradcli 2>/dev/null ||
    complete -o default -F _gradcli_complete gradcli
"""
_ZSH = r"""
#compdef gradcli
_gradcli() {
    local found tab=$'\t'
    local -a texts shown open open_shown
    while IFS= read -r found; do
        case ${found%%$tab*} in
            *[\(/=]) open+=("${found%%$tab*}") open_shown+=("${found/$tab/  -- }") ;;
            *) texts+=("${found%%$tab*}") shown+=("${found/$tab/  -- }") ;;
        esac
    done < <(_GRADCLI_COMPLETE=zsh "${words[1]}" "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    if (( ${#texts} + ${#open} == 0 )); then
        _files
        return
    fi
    (( ${#texts} )) && compadd -l -V gradcli -d shown -a texts
    (( ${#open} )) && compadd -l -V gradcli -S '' -d open_shown -a open
    return 0
}
if [ "${funcstack[1]-}" = _gradcli ]; then
    _gradcli "$@"
else
    compdef _gradcli gradcli
fi
"""
_FISH = r"""
function __gradcli_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct | string replace -r '^["\']' '')
    _GRADCLI_COMPLETE=fish $words[1] $words[2..-1] "$last" 2>/dev/null
end
complete -c gradcli -f -k -a '(__gradcli_complete)'
"""
_POWERSHELL = r"""
Register-ArgumentCompleter -Native -CommandName gradcli -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    if ($length -gt $line.Length) { $line = $line.PadRight($length) } else { $line = $line.Substring(0, $length) }
    $env:_GRADCLI_COMPLETE = 'powershell'
    try {
        & $commandAst.CommandElements[0].ToString() $line 2>$null | ForEach-Object {
            $text, $meaning = $_ -split "`t", 2
            if (-not $meaning) { $meaning = $text }
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $meaning)
        }
    } finally {
        Remove-Item Env:_GRADCLI_COMPLETE
    }
}
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL, "pwsh": _POWERSHELL}
"""The script of each shell."""

#: What ends a word in a shell, outside quotes.
_ENDS = frozenset(" \t\n|&;<>()")
_LONGEST_MEANING = 70


def answer(words: Sequence[str], terminal: Terminal) -> None:
    """Print the answer to a script.

    Args:
        words: the arguments that the script passes: for bash the line up to the cursor and the part of it that is
            replaced, for PowerShell the line, for zsh and fish the words behind the name of the program.
        terminal: the terminal to print to; its environment names the shell.
    """
    shell = terminal.environment[COMPLETE]
    if shell not in SCRIPTS:
        return  # an older script, which would run what is printed
    quote, replaced = "", None
    if shell in ("bash", "powershell", "pwsh"):
        line, *rest = [*words, ""]
        (_, *before, incomplete), quote = words_in(line, "`" if shell != "bash" else "\\")
        replaced = rest[0] if shell == "bash" else None
    else:
        *before, incomplete = words or [""]
    found = _with_an_example(candidates(before, incomplete))
    # Bash replaces only what is behind the last = or :.
    start = 0 if replaced is None else len(incomplete) - len(_bare(replaced))
    for one in found:
        if shell == "bash":
            text = _quoted_for_bash(one.text[start:] if incomplete[:start] == one.text[:start] else one.text, quote)
        elif shell in ("powershell", "pwsh"):
            text = _quoted_for_powershell(one.text, quote)
        else:
            text = one.text
        meaning = " ".join(one.meaning.split())
        shown = meaning if len(meaning) <= _LONGEST_MEANING else f"{meaning[: _LONGEST_MEANING - 3]}..."
        terminal.stdout.write(f"{text}\n" if shell == "bash" or not shown else f"{text}\t{shown}\n")
    terminal.stdout.flush()


def _with_an_example(found: list[Candidate]) -> list[Candidate]:
    """Return the candidates, and for a single function its call: a shell would close the quotes behind one alone."""
    if len(found) != 1 or not found[0].text.endswith("("):
        return found
    operands = re.search(r"\((.*?)\)", found[0].meaning)
    return [*found, Candidate(f"{found[0].text}{operands[1] if operands else 'x'})", found[0].meaning)]


def words_in(line: str, escape: str = "\\") -> tuple[list[str], str]:
    r"""Return the words of a line of a shell up to the cursor, the last one incomplete, and the quote that is open.

    >>> words_in('gradcli grad "x + si')
    (['gradcli', 'grad', 'x + si'], '"')
    >>> words_in("gradcli draw x\\ y --style ")
    (['gradcli', 'draw', 'x y', '--style', ''], '')
    """
    words, quote, position = [""], "", 0
    begun = False
    while position < len(line):
        character = line[position]
        position += 1
        if character == escape and quote != "'" and position < len(line):
            words[-1] += line[position]
            position += 1
        elif quote:
            if character == quote:
                quote = ""
            else:
                words[-1] += character
        elif character in "'\"":
            quote = character
        elif character in _ENDS:
            if begun:
                words.append("")
            begun = False
            continue
        else:
            words[-1] += character
        begun = True
    return words, quote


def _bare(text: str) -> str:
    """Return a word of a shell without its quotes."""
    return words_in(text.replace(" ", "_"))[0][-1]


def _quoted_for_bash(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", "'\\''")
    unsafe = r'(["$`\\!])' if quote else r"([^\w@%+=:,./~^*\[\]{}?-])|([$`*\[\]{}?])"
    return re.sub(unsafe, r"\\\g<0>", text)


def _quoted_for_powershell(text: str, quote: str) -> str:
    if quote == '"':
        escaped = re.sub(r"([`$])", r"`\1", text)
        return f'"{escaped}"'
    if quote == "'" or re.search(r"[^\w@%+=:,./~^\\-]", text):
        return "'" + text.replace("'", "''") + "'"
    return text


def shell_of(environment: Mapping[str, str]) -> str:
    """Return the name of the shell that runs this program.

    Raises:
        UsageError: it can't be told.
    """
    import shellingham

    try:
        name = str(shellingham.detect_shell()[0])
    except (shellingham.ShellDetectionFailure, OSError, NotImplementedError):
        name = os.path.basename(environment.get("SHELL", ""))  # noqa: PTH119
    if name not in SCRIPTS:
        known = ", ".join(SCRIPTS)
        raise UsageError("can't tell which shell this is", hint=f"write the shell after the option: {known}")
    return name


def install(words: Sequence[str], terminal: Terminal) -> None:
    """Run ``--install-completion [SHELL]`` or ``--show-completion [SHELL]``.

    Raises:
        UsageError: the shell is unknown.
        UnavailableError: a file can't be written.
    """
    option, *named = words
    if len(named) > 1:
        raise UsageError(f"`{option}` takes one shell", kind="too_many_operands")
    shell = choice(named[0], SCRIPTS, "shell") if named else shell_of(terminal.environment)
    script = SCRIPTS[shell].lstrip("\n")
    if option == "--show-completion":
        terminal.stdout.write(script)
        return
    home = Path(terminal.environment.get("HOME") or Path.home())
    if shell == "bash":
        written = home / ".bash_completions" / "gradcli.sh"
        started = {home / ".bashrc": f"source '{written}'"}
    elif shell == "zsh":
        written = home / ".zfunc" / "_gradcli"
        started = {home / ".zshrc": "fpath+=~/.zfunc; autoload -Uz compinit; compinit"}
    elif shell == "fish":
        config = terminal.environment.get("XDG_CONFIG_HOME") or str(home / ".config")
        written = Path(config) / "fish" / "completions" / "gradcli.fish"
        started = {}
    else:
        profile = _powershell_profile(shell)
        written = profile.with_name("gradcli-completion.ps1")
        started = {profile: f". '{written}'"}
    try:
        written.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(written, script.encode())
        for path, line in started.items():
            _add_line(path, line)
    except OSError as error:
        raise UnavailableError(f"can't write `{error.filename}`: {str(error.strerror).lower()}") from None
    terminal.stdout.write(f"wrote {written}\n")
    terminal.stderr.write(f"start a new {shell} to use it\n")


def _add_line(path: Path, line: str) -> None:
    """Append a line to a file that a shell reads when it starts, unless it is there."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
    if line not in text.splitlines():
        path.parent.mkdir(parents=True, exist_ok=True)
        gap = "" if not text or text.endswith("\n") else "\n"
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{gap}{line}\n")


def _powershell_profile(shell: str) -> Path:
    import subprocess

    command = [shell, "-NoProfile", "-Command", "echo $PROFILE.CurrentUserAllHosts"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no word of a user
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnavailableError(f"`{shell}` doesn't say where its profile is", kind="unavailable") from error
    return Path(done.stdout.strip())
