#!/usr/bin/env bash
# Proves that a stranger gets going: a clean clone of what is committed, on a machine without Redis, as a user without rights,
# with an empty HOME and an empty npm cache. Needs root, to take Redis away for a while: only what runs in here sees it gone.
set -euo pipefail

fail() {
  printf 'fresh: %s\n' "$*" >&2
  exit 1
}

step() {
  printf '\n--- fresh: %s\n' "$*"
}

# As root: lays out a directory that belongs to nobody, and goes on in a mount namespace.
lay_out() {
  ((EUID == 0)) || fail 'needs root'
  local root dir settings
  root=$(realpath "$(dirname "$0")/../..")
  dir=$(mktemp -d /tmp/fresh.XXXXXX)
  # shellcheck disable=SC2064 # The directory as it is now: a function's variables are gone when a script ends.
  trap "rm -rf '$dir'" EXIT
  # Without hard links, whose owner would change in the original too.
  git clone --quiet --no-hardlinks "$root" "$dir/torque"
  mkdir "$dir/home" "$dir/start" "$dir/tmp" "$dir/usr"
  cp "$0" "$dir/fresh.sh"
  chown -R nobody: "$dir"
  chmod 755 "$dir"
  mapfile -d '' -t settings < <(network_settings)
  unshare --mount --propagation private bash "$dir/fresh.sh" without_redis "$dir" "${settings[@]}"
}

# What npm needs to reach its registry from here; nothing else of this machine's environment is passed on.
network_settings() {
  local name value
  for name in NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR {HTTP,HTTPS,NO}_PROXY {http,https,no}_proxy; do
    [[ -z ${!name-} ]] || printf '%s\0' "$name=${!name}"
  done
  for name in registry cafile proxy https-proxy noproxy; do
    value=$(npm config get "$name" 2>/dev/null)
    [[ $value == @(|null|undefined) ]] || printf '%s\0' "npm_config_${name//-/_}=$value"
  done
}

# As root, in the namespace: hides Redis, with the libraries that come with it, and gives up all rights.
without_redis() {
  local dir=$1 path program
  shift
  path=$(dirname "$(command -v node)"):/usr/local/bin:/usr/bin:/bin
  mount -t tmpfs -o mode=0755 tmpfs "$dir/usr"
  mkdir "$dir/usr/changed" "$dir/usr/work"
  mount -t overlay overlay -o "lowerdir=/usr,upperdir=$dir/usr/changed,workdir=$dir/usr/work" /usr
  find /usr -xdev \( -name 'redis-*' -o -name 'valkey-*' -o -name 'libjemalloc.so*' -o -name 'liblzf.so*' \) \
    ! -type d ! -path '*/share/*' -delete
  for program in {redis,valkey}-{server,check-rdb,cli}; do
    [[ -z $(PATH=$path type -P "$program") ]] || fail "$program is still there"
  done
  cd "$dir/torque"
  exec setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups \
    env -i "$@" "PATH=$path" "HOME=$dir/home" "TMPDIR=$dir/tmp" CI=true bash "$dir/fresh.sh" get_going "$dir"
}

# As nobody, in the clone: the README's commands.
get_going() {
  local dir=$1 line
  step 'npm ci && npm run demo'
  (npm ci && timeout 300 npm run demo) 2>&1 | tee "$dir/tmp/demo.log"
  for line in 'fetched by torque' 'delivered: name=Ada' '3: binned' 'What to type next'; do
    grep -qF -- "$line" "$dir/tmp/demo.log" || fail "the demo did not say ${line@Q}"
  done
  ! grep EBADENGINE "$dir/tmp/demo.log" || fail 'a dependency is not for this Node'
  rm "$dir/tmp/demo.log"

  step 'npm start'
  # With a home of its own: the demo has put an engine into the other.
  HOME=$dir/start node scripts/prove/deliver.js npm start --

  step 'npm test'
  timeout 1200 npm test
  [[ -z $(git status --porcelain) ]] || fail "the checkout has changed:"$'\n'"$(git status --porcelain)"
  [[ -z $(ls -A "$dir/tmp") ]] || fail "left behind in the directory for temporary files: $(ls -A "$dir/tmp")"
  echo 'proved: a fresh machine'
}

"${@:-lay_out}"
