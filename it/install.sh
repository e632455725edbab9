# Installs the official clients that the integration tests run; sourced by ./conshelf test.
if command -v python3 >/dev/null; then
  venv="$work/python"
  if ! [ "$venv/installed" -nt "$root/it/python/requirements.txt" ]; then
    say "installing the Python clients …"
    mkdir -p "$work"
    { python3 -m venv --clear "$venv" && "$venv/bin/python" -m pip install -q --no-compile --disable-pip-version-check -r "$root/it/python/requirements.txt" && touch "$venv/installed"; } >"$work/pip.log" 2>&1 ||
      { tail -n 20 "$work/pip.log" >&2; fail "installing the Python clients failed"; }
  fi
fi
if command -v npm >/dev/null; then
  node_packages "$root/it/node"
  node_packages "$root/it/azurite"
fi
# The newest Go is rarely on the path of what starts the tests.
go=$(command -v go || { [ -x /usr/local/go/bin/go ] && echo /usr/local/go/bin/go; } || true)
if [ -n "$go" ]; then
  mkdir -p "$work/go"
  for suite in go go-older go-oldest; do
    if [ ! -x "$work/go/$suite" ] || [ -n "$(find "$root/it/$suite" -newer "$work/go/$suite" -print -quit)" ]; then
      say "building the clients of it/$suite …"
      (cd "$root/it/$suite" && "$go" build -o "$work/go/$suite" .) >"$work/go.log" 2>&1 || { tail -n 20 "$work/go.log" >&2; fail "building it/$suite failed"; }
    fi
  done
fi
