#!/usr/bin/env bash
# Proves the package as users get it: packs it, installs the tarball into an empty directory, and uses it from there.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
  printf 'package: %s\n' "$*" >&2
  exit 1
}

# The output must hold the text.
expect() {
  local text=$1 output
  shift
  output=$("$@") || fail "$* failed"
  [[ $output == *"$text"* ]] || fail "$* does not say ${text@Q}, but:"$'\n'"$output"
}

npm pack --pack-destination "$dir" >"$dir/pack.log" 2>&1 || fail "npm pack failed"$'\n'"$(<"$dir/pack.log")"
tarball=$(echo "$dir"/torque-taskqueue-*.tgz)
tar -tzf "$tarball" | sed 's,^package/,,' >"$dir/files"
# All that is not compiled code, its types and scripts, a program or one of these has no place in it.
if grep -vE '^(dist/[A-Za-z0-9/_-]+\.(js|d\.ts|lua)|dist/bundle/(torque\.cjs|ioredis\.cjs|LICENSES\.txt)|bin/((compile-cache|run)\.js|torque|run-taskqueue)|((bin/)?package|oclif\.manifest)\.json|(README|CHANGELOG)\.md|LICENSE)$' "$dir/files"; then
  fail 'these files have no place in the tarball'
fi

mkdir "$dir/app"
cd "$dir/app"
for ((above = 1; above < 9; above++)); do
  up=$(printf '../%.0s' $(seq $above))node_modules
  [[ ! -e $up ]] || fail "there is a node_modules above: $(realpath "$up")"
done
npm install --no-audit --no-fund "$tarball" 2>&1 | tee "$dir/install.log"
# All but one are for this Node: docs/decisions/0003-cookie-on-node-20.md.
! grep 'EBADENGINE.*package:' "$dir/install.log" | grep -v "'cookie@" || fail 'a dependency is not for this Node'

expect "torque-taskqueue/$(node -p 'require(process.argv[1]).version' "$root/package.json")" npx --no-install torque --version
expect 'Did you mean `torque stats`?' bash -c '! npx --no-install torque stat 2>&1'
expect 'USAGE' npx --no-install torque add --help
expect '--base-task-url' npx --no-install run-taskqueue --help
expect 'function function' node --input-type=module -e "
  import {add, Task} from 'torque-taskqueue'
  console.log(typeof add, typeof Task)"

# The types, as strictly as anyone may read them, in a project without those of Node.
cat >consumer.mts <<'END'
import {add, type AddedTask, Task, TorqueError} from 'torque-taskqueue'
const result: Promise<AddedTask> = add({url: '/hooks/do/foo', params: {foo: 'somevalue', baz: 99}, delay: 5})
export const code: unknown = [result, new Task({url: '/hooks/do/foo'}), new TorqueError('failed', 'no').code satisfies string]
END
node "$root/node_modules/typescript/bin/tsc" --noEmit --strict --exactOptionalPropertyTypes --module nodenext --skipLibCheck false \
  consumer.mts || fail 'the types do not compile'

TORQUE_HOME="$dir/home" node "$root/scripts/prove/deliver.js" node_modules/.bin/torque serve
echo "proved: $(basename "$tarball"), $(wc -l <"$dir/files") files"
