#!/usr/bin/env bash
# The demonstration: a cluster of one node on this machine, without Kubernetes.
#
#   configs/demo/run.sh             show what the agent and the gateway do
#   ASSERT=1 configs/demo/run.sh    check every step as well, and fail when one is wrong
#
# Needs root, the programs fairlead-agent, fairlead-gateway and fairlead-echo (`make demo` builds them; FAIRLEAD_BIN_DIR
# names their directory), and ip, nft, curl and openssl. It works in network namespaces of its own and leaves nothing
# behind.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly bin=${FAIRLEAD_BIN_DIR:-$here/../../.build/release}
readonly asserting=${ASSERT:-0}
readonly id=fairlead-demo-$$
readonly client=$id-client node=$id-node
readonly work=$(mktemp -d "${TMPDIR:-/tmp}/$id.XXXXXX")
readonly manifests=$work/manifests
readonly log=$work/agent.log
pids=()
namespaces=()
agent_pid=
passed=0
failed=0

# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

if [[ -t 1 ]]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' green='' red='' plain=''; fi

title() { printf '\n%s── %s%s\n' "$bold" "$1" "$plain"; }
say() { printf '   %s\n' "$*"; }
show() { sed 's/^/   │ /'; }

die() {
    printf '%sdemo: %s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

# check WHAT COMMAND...: with ASSERT=1, counts whether the command succeeds.
check() {
    local what=$1
    shift
    [[ $asserting == 1 ]] || return 0
    if "$@" >/dev/null; then
        passed=$((passed + 1))
        say "${green}pass${plain} $what"
    else
        failed=$((failed + 1))
        say "${red}FAIL${plain} $what"
    fi
}

# ── the end, whichever way it comes ──────────────────────────────────────────────────────────────────────────────────

clean_up() {
    local status=$?
    trap - EXIT
    if [[ $status != 0 ]]; then
        local file
        for file in "$log" "$work/gateway.log"; do
            [[ -s $file ]] || continue
            printf '\nThe last lines of %s:\n' "${file##*/}" >&2
            tail -n 30 "$file" >&2
        done
    fi
    local pid namespace
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do
        # Five seconds for an orderly end, as a node would give.
        for _ in {1..50}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for namespace in "${namespaces[@]}"; do ip netns delete "$namespace" 2>/dev/null || true; done
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ── the cluster ──────────────────────────────────────────────────────────────────────────────────────────────────────

inside() { ip netns exec "$@"; }

add_namespace() {
    ip netns add "$1"
    namespaces+=("$1")
    # Addresses are usable at once, no router tells of a shorter way, and refusals by ICMP are never held back.
    inside "$1" sh -e <<'SETTINGS'
for family in all default; do
    echo 0 > /proc/sys/net/ipv4/conf/$family/rp_filter
    echo 0 > /proc/sys/net/ipv4/conf/$family/send_redirects
    echo 0 > /proc/sys/net/ipv6/conf/$family/accept_dad
done
echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
echo 0 > /proc/sys/net/ipv6/icmp/ratelimit
SETTINGS
    ip -n "$1" link set lo up
}

# start NAMESPACE LOG COMMAND...: runs a program in the background; its number is in the last of `pids`.
start() {
    local namespace=$1 output=$2
    shift 2
    # `ip netns exec` becomes the program, so that the number is the program's own.
    ip netns exec "$namespace" "$@" </dev/null >>"$output" 2>&1 &
    pids+=($!)
}

# await SECONDS COMMAND...: whether the command succeeds within that time.
await() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

add_pod() {
    local number=$1 pod=$id-web-$1
    local ipv4=10.244.1.$((10 + number)) ipv6=fd00:10:244:1::$((10 + number))
    add_namespace "$pod"
    ip link add eth0 netns "$pod" type veth peer name "pod$number" netns "$node"
    ip -n "$node" -batch - <<COMMANDS
link set pod$number up
addr add 10.244.1.1/32 dev pod$number
addr add fd00:10:244:1::1/128 dev pod$number nodad
route add $ipv4/32 dev pod$number
route add $ipv6/128 dev pod$number
COMMANDS
    ip -n "$pod" -batch - <<COMMANDS
link set eth0 up
addr add $ipv4/32 dev eth0
addr add $ipv6/128 dev eth0 nodad
route add 10.244.1.1/32 dev eth0
route add fd00:10:244:1::1/128 dev eth0
route add default via 10.244.1.1
route add ::/0 via fd00:10:244:1::1
COMMANDS
    start "$pod" "$work/web-$number.log" "$bin/fairlead-echo" serve --name "web-$number" --http 8080
    await 10 grep -q '^ready' "$work/web-$number.log" || die "web-$number did not start: $(cat "$work/web-$number.log")"
}

lay_out_cluster() {
    add_namespace "$client"
    add_namespace "$node"
    inside "$node" sh -ec 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
    ip link add eth0 netns "$client" type veth peer name client netns "$node"
    ip -n "$client" -batch - <<'COMMANDS'
link set eth0 up
addr add 192.168.50.2/24 dev eth0
addr add fd00:50::2/64 dev eth0 nodad
route add default via 192.168.50.1
route add ::/0 via fd00:50::1
COMMANDS
    # The default route of the node leads to a link that swallows packets, as a real node's leads away from it.
    ip -n "$node" -batch - <<'COMMANDS'
link set client up
addr add 192.168.50.1/24 dev client
addr add fd00:50::1/64 dev client nodad
link add uplink type veth peer name nowhere
link set uplink arp off up
link set nowhere up
route add default dev uplink src 192.168.50.1
route add ::/0 dev uplink src fd00:50::1
COMMANDS
    local number
    for number in 1 2 3; do add_pod "$number"; done
}

# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# request NAMESPACE URL: one request over a new connection; prints the answer.
request() { inside "$1" curl -gsS --max-time 2 --noproxy '*' "$2"; }

# spread NAMESPACE URL COUNT: how many of the requests each pod answered, a line a pod; gives up after three failures.
spread() {
    local number failures=0 answer
    for ((number = 0; number < $3 && failures < 3; number++)); do
        answer=$(request "$1" "$2" 2>&1) || failures=$((failures + 1))
        sed -n 's/^pod: //p; s/^curl: /failed: /p' <<<"$answer"
    done | sort | uniq -c | awk '{ count = $1; $1 = ""; printf "%s %d\n", substr($0, 2), count }'
}

# answers COUNT POD...: whether the spread on standard input has COUNT answers, by exactly these pods.
answers() {
    local count=$1
    shift
    awk -v count="$count" -v pods="$*" '
        { total += $NF; NF--; names = names (NR > 1 ? " " : "") $0 }
        END { exit !(total == count && names == pods) }'
}

show_spread() {
    local what=$1 namespace=$2 url=$3 count=$4
    shift 4
    say "$what: $count requests to $url"
    local result
    result=$(spread "$namespace" "$url" "$count")
    show <<<"$result"
    check "every request was answered, by $*" answers "$count" "$@" <<<"$result"
}

# ── the agent ────────────────────────────────────────────────────────────────────────────────────────────────────────

ruleset() { inside "$node" nft list table ip fairlead; }

start_agent() {
    mkdir "$manifests"
    # A copy, because the demonstration edits it.
    cp "$here"/*.yaml "$manifests/"
    start "$node" "$log" "$bin/fairlead-agent" \
        --manifests "$manifests" --hostname-override demo-node --cluster-cidr 10.244.0.0/16,fd00:10:244::/48
    agent_pid=${pids[-1]}
    # Either sign will do; an agent that ended is reported below.
    is_ready() { grep -qw ready "$log" || grep -q '10.96.0.80' < <(ruleset) || ! kill -0 "$agent_pid"; }
    await 20 is_ready || die "the agent was not ready within 20 s"
    kill -0 "$agent_pid" 2>/dev/null || die "the agent ended: $(tail -n 3 "$log")"
}

# change COMMAND...: edits the manifests, and waits until the agent says that the kernel has the change.
# The agent's line goes to `change_line`, the time that it took to `change_took`.
change_line=
change_took=
change() {
    local before
    before=$(wc -l <"$log")
    "$@"
    has_new_line() { change_line=$(tail -n "+$((before + 1))" "$log" | grep -m1 'took=') && [[ -n $change_line ]]; }
    if await 10 has_new_line; then
        has_new_line
        change_took=$(sed -n 's/.*took=\([^ ]*\).*/\1/p' <<<"$change_line")
        show <<<"$change_line"
        say "in the kernel after ${bold}$change_took${plain}"
    else
        change_line='' change_took=''
        say "${red}the agent reported no change within 10 s${plain}"
    fi
}

# Written aside and renamed: the agent never sees half a file.
add_third_endpoint() {
    cp "$here/live/web-3.yaml" "$work/web-3.yaml"
    mv "$work/web-3.yaml" "$manifests/web-3.yaml"
}
remove_third_endpoint() { rm "$manifests/web-3.yaml"; }

# shellcheck source=gateway.sh
source "$here/gateway.sh"

# ── the demonstration ────────────────────────────────────────────────────────────────────────────────────────────────

[[ $(id -u) == 0 ]] || die "needs root for network namespaces: sudo $0"
for tool in ip nft curl awk openssl; do
    command -v "$tool" >/dev/null || die "$tool is missing: 'make setup' installs it"
done
for program in fairlead-agent fairlead-gateway fairlead-echo; do
    [[ -x $bin/$program ]] || die "there is no $program in $bin: run 'make demo', or set FAIRLEAD_BIN_DIR"
done

title "A client, a node and three pods, each in a network namespace of its own"
lay_out_cluster
say "client 192.168.50.2 ── node 192.168.50.1 ── web-1 10.244.1.11, web-2 10.244.1.12, web-3 10.244.1.13"
check "a pod answers at its own address" request "$client" http://10.244.1.11:8080/

title "The agent reads a directory of manifests and programs the kernel"
start_agent
say "fairlead-agent --manifests … --hostname-override demo-node --cluster-cidr 10.244.0.0/16,fd00:10:244::/48"
show < <(tail -n 4 "$log")
check "the Service is in the kernel" grep -q '10.96.0.80' < <(ruleset)

title "One virtual address, two pods"
show_spread "client to the ClusterIP" "$client" http://10.96.0.80/ 40 web-1 web-2
show_spread "client to the ClusterIP over IPv6" "$client" 'http://[fd00:10:96::80]/' 40 web-1 web-2
show_spread "pod web-3 to the ClusterIP" "$id-web-3" http://10.96.0.80/ 40 web-1 web-2
show_spread "client to the NodePort" "$client" http://192.168.50.1:30080/ 40 web-1 web-2
say "what a pod sees when another pod calls through the Service:"
show < <(request "$id-web-3" http://10.96.0.80/ | head -n 3)
check "the calling pod keeps its own address" grep -q '^client: 10.244.1.13:' < <(request "$id-web-3" http://10.96.0.80/)

title "A Service without endpoints refuses at once"
begin=$(date +%s%N)
refusal=$(request "$client" http://10.96.0.81/ 2>&1) && refused_status=0 || refused_status=$?
took_ms=$((($(date +%s%N) - begin) / 1000000))
say "client to http://10.96.0.81/ after $took_ms ms:"
show <<<"$refusal"
check "the connection was refused (curl's status 7)" test "$refused_status" = 7
check "it was refused within 500 ms" test "$took_ms" -lt 500

title "A third pod joins"
change add_third_endpoint
check "the agent reported the change" test -n "$change_took"
show_spread "client to the ClusterIP" "$client" http://10.96.0.80/ 60 web-1 web-2 web-3

title "And leaves again"
change remove_third_endpoint
check "the agent reported the change" test -n "$change_took"
show_spread "client to the ClusterIP" "$client" http://10.96.0.80/ 60 web-1 web-2

title "What the kernel holds: elements, and a constant number of rules"
say "nft list table ip fairlead (maps only, trimmed)"
{ ruleset || true; } | awk '/^\t(map|set) / { block = $0; next }
    block != "" { block = block "\n" $0 }
    /^\t}/ { if (block ~ /elements/) print block; block = "" }' | cut -c1-150 | head -n 40 | show

demonstrate_gateway

title "The agent ends; Services keep working without it"
kill "$agent_pid"
is_gone() { ! kill -0 "$agent_pid" 2>/dev/null; }
check "the agent ends within 5 s" await 5 is_gone
show_spread "client to the ClusterIP" "$client" http://10.96.0.80/ 40 web-1 web-2

if [[ $asserting == 1 ]]; then
    printf '\n%d passed, %d failed\n' "$passed" "$failed"
    [[ $failed == 0 ]] || exit 1
fi
