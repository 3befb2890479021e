# shellcheck shell=bash
# The gateway's half of the demonstration; run.sh reads it, and calls demonstrate_gateway at the end of the agent's.

readonly gateway_log=$work/gateway.log access_log=$work/access.log
readonly gateway_address=192.168.50.1
gateway_pid=

# ── certificates ─────────────────────────────────────────────────────────────────────────────────────────────────────

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj '/CN=Demo Authority' \
        -keyout "$work/authority.key" -out "$work/authority.pem" 2>/dev/null || die "openssl made no authority"
}

# write_certificate NAME: makes a certificate with this common name, and the Secret that holds it.
write_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=$1" \
        -addext subjectAltName=DNS:shop.demo.test -CA "$work/authority.pem" -CAkey "$work/authority.key" \
        -keyout "$work/server.key" -out "$work/server.pem" 2>/dev/null || die "openssl made no certificate"
    cat >"$work/secret.yaml" <<SECRET
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: default}
type: kubernetes.io/tls
data:
  tls.crt: $(base64 -w0 <"$work/server.pem")
  tls.key: $(base64 -w0 <"$work/server.key")
SECRET
    mv "$work/secret.yaml" "$manifests/secret.yaml"
}

# shown_certificate: the common name that a new client is shown.
shown_certificate() {
    inside "$client" openssl s_client -connect "$gateway_address:443" -servername shop.demo.test </dev/null 2>/dev/null |
        openssl x509 -noout -subject -nameopt multiline 2>/dev/null | sed -n 's/ *commonName *= //p'
}

shows_certificate() { [[ $(shown_certificate) == "$1" ]]; }

# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# How a client finds the gateway by name, and whom it trusts. No name server takes part.
way=(--noproxy '*' --max-time 5 --cacert "$work/authority.pem")
for host in web shop old unknown; do
    way+=(--resolve "$host.demo.test:80:$gateway_address" --resolve "$host.demo.test:443:$gateway_address")
done
readonly way

# ask URL [OPTION...]: one request; prints the answer.
ask() { ip netns exec "$client" curl -gsS "${way[@]}" "$@"; }

# show_answer URL [OPTION...]: shows who answers a request, and what it saw of it.
show_answer() {
    say "curl $*"
    answer=$(ask "$@" 2>&1) || true
    grep -E '^((pod|request|host|x-forwarded-(for|proto)|location|curl): |HTTP/)' -i <<<"$answer" | tr -d '\r' | show || true
}

# answer_says PATTERN...: whether each of these is in the last answer.
answer_says() {
    local pattern
    for pattern in "$@"; do grep -qiE "$pattern" <<<"$answer" || return 1; done
}

# apply_load NAME URL: asks again and again over connections that stay open, until the file load.end is there, or a
# minute has passed; the answers go to NAME.load.
apply_load() {
    local curl_pid end=$((SECONDS + 60))
    trap 'kill "$curl_pid" 2>/dev/null; exit 0' TERM
    while [[ ! -e $work/load.end ]] && ((SECONDS < end)); do
        ip netns exec "$client" curl -sSN "${way[@]}" -w 'status: %{http_code}\n' "$2" &
        curl_pid=$!
        wait "$curl_pid" || echo "curl: ended with $?"
    done >"$work/$1.load" 2>&1
}

load_pids=()
begin_load() {
    apply_load clear 'http://web.demo.test/api/cart/[1-100]' </dev/null &
    load_pids+=($!)
    apply_load encrypted 'https://shop.demo.test/[1-20]' </dev/null &
    load_pids+=($!)
    pids+=("${load_pids[@]}")
    is_loaded() { grep -q '^status' "$work/clear.load" && grep -q '^status' "$work/encrypted.load"; }
    await 10 is_loaded || die "no request was answered: $(tail -n 3 "$work"/*.load)"
}

# Whatever curl says that is no answer of a pod with status 200.
failures_of() { grep -E '^(status|curl):' "$work/$1.load" | grep -v '^status: 200$' || true; }

end_load() {
    touch "$work/load.end"
    wait "${load_pids[@]}" || true
    local name requests failures
    for name in clear encrypted; do
        requests=$(grep -c '^status:' "$work/$name.load" || true)
        failures=$(failures_of "$name")
        say "$requests requests $name, $(grep -c . <<<"$failures" || true) of them failed"
        [[ -z $failures ]] || sort <<<"$failures" | uniq -c | show
        check "requests were answered all the time, $name" test "$requests" -ge 100
        check "none of them failed, $name" test -z "$failures"
    done
}

# pods_for SECONDS: the pods that answer the clear requests from now on, for this long.
pods_for() {
    local before
    before=$(wc -l <"$work/clear.load")
    sleep "$1"
    tail -n "+$((before + 1))" "$work/clear.load" | sed -n 's/^pod: //p' | sort -u | paste -sd' '
}

# ── the gateway ──────────────────────────────────────────────────────────────────────────────────────────────────────

start_gateway() {
    start "$node" "$gateway_log" "$bin/fairlead-gateway" --manifests "$manifests" --workers 2 \
        --access-log "$access_log" -v 4
    gateway_pid=${pids[-1]}
    gateway_is_ready() { grep -qw ready "$gateway_log" || ! kill -0 "$gateway_pid"; }
    await 20 gateway_is_ready || die "the gateway was not ready within 20 s"
    kill -0 "$gateway_pid" 2>/dev/null || die "the gateway ended: $(tail -n 3 "$gateway_log")"
}

# change_gateway COMMAND...: edits the manifests, and waits until the gateway says that its workers serve by them.
change_gateway() {
    local before line
    before=$(wc -l <"$gateway_log")
    "$@"
    serves_anew() { tail -n "+$((before + 1))" "$gateway_log" | grep -m1 'serving by new tables'; }
    if await 10 serves_anew; then
        line=$(serves_anew)
        show <<<"$line"
    else
        say "${red}the gateway reported no change within 10 s${plain}"
    fi
    check "the gateway reported the change" test -n "${line-}"
}

add_route() {
    cp "$here/live/moved.yaml" "$work/moved.yaml"
    mv "$work/moved.yaml" "$manifests/moved.yaml"
}
remove_route() { rm "$manifests/moved.yaml"; }

demonstrate_gateway() {
    title "The gateway reads the same directory, and leads requests by Ingress objects"
    make_authority
    write_certificate first
    say "fairlead-gateway --manifests … --dry-run"
    local routes
    routes=$(inside "$node" "$bin/fairlead-gateway" --manifests "$manifests" --dry-run)
    show <<<"$routes"
    check "the routes are those of the Ingresses" grep -q 'web.demo.test' <<<"$routes"
    say "fairlead-gateway --manifests … --workers 2"
    start_gateway
    show < <(grep -w ready "$gateway_log")
    check "neither daemon has anything to complain of" sh -c "! grep -E 'WARN|ERROR' '$log' '$gateway_log'"
    check "it is healthy" test "$(request "$client" http://192.168.50.1:10254/healthz)" = ok

    title "By host and path, over HTTP"
    show_answer http://web.demo.test/
    check "the longest path that fits is /: web-1 or web-2" answer_says '^pod: web-[12]$' '^request: GET / HTTP/1.1$'
    check "the pod knows whom it serves" answer_says '^X-Forwarded-For: 192.168.50.2$' '^X-Forwarded-Proto: http$' \
        '^Host: web.demo.test$'
    show_answer http://web.demo.test/api/items?page=2
    check "/api is web-3's" answer_says '^pod: web-3$' '^request: GET /api/items\?page=2 HTTP/1.1$'
    show_answer http://unknown.demo.test/ -i
    check "a host that no Ingress names is answered with 404" answer_says '^HTTP/1.1 404'
    show_answer 'http://[fd00:50::1]/' -H Host:web.demo.test
    check "and all of it over IPv6" answer_says '^pod: web-[12]$' '^X-Forwarded-For: fd00:50::2$'

    title "Over HTTPS, and a redirect to it"
    show_answer http://shop.demo.test/cart -i
    check "a host with a certificate is redirected" answer_says '^HTTP/1.1 308' '^Location: https://shop.demo.test/cart'
    show_answer https://shop.demo.test/cart
    check "curl trusts the certificate, and a pod answers" answer_says '^pod: web-[12]$' '^X-Forwarded-Proto: https$'
    say "the certificate is named '$(shown_certificate)'"
    check "it is the Secret's" shows_certificate first

    title "A rewrite"
    show_answer http://old.demo.test/old/shoes?size=9
    check "the pod sees what the Ingress says" answer_says '^pod: web-3$' '^request: GET /new/shoes\?size=9 HTTP/1.1$'

    title "A route changes under load"
    begin_load
    say "requests go on all the time: clear ones to /api/cart, encrypted ones to another host"
    say "before, they are answered by: $(pods_for 0.5)"
    change_gateway add_route
    # Those that were under way are answered by the old route.
    sleep 0.5
    local pods
    pods=$(pods_for 1)
    say "now they are answered by: $pods"
    check "/api/cart is now the other Service's" test "$pods" = 'web-1 web-2'
    change_gateway remove_route
    sleep 0.5
    pods=$(pods_for 0.5)
    say "and after the route has gone again, by: $pods"
    check "/api/cart is web-3's again" test "$pods" = web-3

    title "A certificate changes under load"
    change_gateway write_certificate second
    say "the certificate is named '$(shown_certificate)'"
    check "new clients are shown the new one" shows_certificate second
    sleep 1

    title "What became of the requests meanwhile"
    end_load

    title "The gateway ends in order"
    kill "$gateway_pid"
    gateway_is_gone() { ! kill -0 "$gateway_pid" 2>/dev/null; }
    check "the gateway ends within 5 s" await 5 gateway_is_gone
    show < <(tail -n 1 "$gateway_log")
    say "and this is a line of its access log:"
    show < <(tail -n 1 "$access_log")
    check "every exchange was completed" grep -q 'every exchange was completed' "$gateway_log"
    check "every request is in the access log" test "$(wc -l <"$access_log")" -ge "$(cat "$work"/*.load | grep -c '^status: 200')"
}
