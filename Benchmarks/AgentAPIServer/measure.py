"""Stands in for an API server with many Services of four endpoints, and measures what an agent makes of it."""
import json, os, re, socket, subprocess, sys, threading, time

agent, work, count, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
version = 1_000_000


def managed(manager, fields):
    """What a third of every object is, and nobody reads."""
    return [{"manager": manager, "operation": "Update", "apiVersion": "v1", "time": "2026-05-04T03:02:01Z",
             "fieldsType": "FieldsV1", "fieldsV1": fields}]


SERVICE_FIELDS = {"f:metadata": {"f:annotations": {".": {}, "f:meta.helm.sh/release-name": {}, "f:meta.helm.sh/release-namespace": {}},
                                 "f:labels": {".": {}, "f:app.kubernetes.io/instance": {}, "f:app.kubernetes.io/managed-by": {}}},
                  "f:spec": {"f:internalTrafficPolicy": {}, "f:ports": {".": {}, "k:{\"port\":80,\"protocol\":\"TCP\"}": {
                      ".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}}}, "f:selector": {}, "f:type": {}}}
SLICE_FIELDS = {"f:addressType": {}, "f:endpoints": {}, "f:metadata": {
    "f:annotations": {".": {}, "f:endpoints.kubernetes.io/last-change-trigger-time": {}}, "f:generateName": {},
    "f:labels": {".": {}, "f:endpointslice.kubernetes.io/managed-by": {}, "f:kubernetes.io/service-name": {}},
    "f:ownerReferences": {".": {}, "k:{\"uid\":\"8f14e45f-ceea-467f-a8a8\"}": {}}}, "f:ports": {}}


def names(i):
    return "team-%d" % (i % 40), "checkout-service-%05d" % i


def service(i):
    space, name = names(i)
    address = "10.%d.%d.%d" % (96 + i // 65536, i // 256 % 256, i % 256)
    return {"kind": "Service", "apiVersion": "v1", "metadata": {
        "name": name, "namespace": space, "uid": "8f14e45f-ceea-467f-a8a8-%012d" % i, "resourceVersion": str(version),
        "creationTimestamp": "2026-05-04T03:02:01Z", "labels": {"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": space},
        "managedFields": managed("helm", SERVICE_FIELDS)},
        "spec": {"ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "http"}],
                 "selector": {"app.kubernetes.io/name": name}, "clusterIP": address, "clusterIPs": [address],
                 "type": "ClusterIP", "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
                 "internalTrafficPolicy": "Cluster"}, "status": {"loadBalancer": {}}}


def slice_(i, first):
    """A slice whose first endpoint has the given address."""
    space, name = names(i)
    addresses = [first] + ["10.244.%d.%d" % (i % 250, k + 1) for k in range(1, 4)]
    return {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": {
        "name": name + "-x7k2p", "generateName": name + "-", "namespace": space, "uid": "9f14e45f-ceea-467f-a8a8-%012d" % i,
        "resourceVersion": str(version), "generation": 7, "creationTimestamp": "2026-05-04T03:02:01Z",
        "labels": {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io", "kubernetes.io/service-name": name},
        "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": "2026-05-04T03:02:01Z"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": name, "uid": "8f14e45f-ceea-467f-a8a8-%012d" % i,
                             "controller": True, "blockOwnerDeletion": True}],
        "managedFields": managed("kube-controller-manager", SLICE_FIELDS)},
        "addressType": "IPv4", "endpoints": [{
            "addresses": [a], "conditions": {"ready": True, "serving": True, "terminating": False},
            "targetRef": {"kind": "Pod", "namespace": space, "name": "%s-5d59d67564-abcd%d" % (name, k),
                          "uid": "af14e45f-ceea-467f-a8a8-%012d" % i}, "nodeName": "node-%d" % k, "zone": "eu-1"}
            for k, a in enumerate(addresses)], "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}


def event(kind, item):
    return json.dumps({"type": kind, "object": item}, separators=(",", ":")).encode() + b"\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def bookmark(ends):
    notes = {"k8s.io/initial-events-end": "true"} if ends else {}
    return event("BOOKMARK", {"metadata": {"resourceVersion": str(version), "annotations": notes}})


node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "node-0", "resourceVersion": "1"}, "spec": {}, "status": {
    "addresses": [{"type": "InternalIP", "address": "192.0.2.1"}]}}
initial = {
    "services": [service(i) for i in range(count)],
    "endpointslices": [slice_(i, "10.244.%d.1" % (i % 250)) for i in range(count)],
    "nodes": [node], "servicecidrs": []}
streams = {name: b"".join(chunk(b"".join(event("ADDED", item) for item in items[k:k + 20]))
                          for k in range(0, len(items), 20)) + chunk(bookmark(True)) for name, items in initial.items()}
size = sum(len(s) for s in streams.values())
initial = None
watches = {}


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    name = re.search(rb"/(\w+)\?", data).group(1).decode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.sendall(streams[name])
    watches[name] = connection


listener = socket.create_server(("127.0.0.1", 0))


def accept():
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
with open(work + "/config", "w") as file:
    file.write("apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]\n"
               "contexts: [{name: a, context: {cluster: a}}]\n" % listener.getsockname()[1])
process = subprocess.Popen([agent, "--kubeconfig", work + "/config", "--hostname-override", "node-0", "--cluster-cidr", "10.244.0.0/16"],
                           stderr=subprocess.PIPE, text=True)
ready = threading.Event()
log = []


def follow():
    for line in process.stderr:
        log.append(line)
        if " ready " in line:
            ready.set()


threading.Thread(target=follow, daemon=True).start()


def cpu():
    fields = open("/proc/%d/stat" % process.pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(fields[11]) / os.sysconf("SC_CLK_TCK")


def memory(field):
    return int(re.search(field + r":\s+(\d+)", open("/proc/%d/status" % process.pid).read()).group(1)) / 1024


began = time.monotonic()
if not ready.wait(120):
    sys.exit("the agent is not ready:\n" + "".join(log[-10:]))
took, (total, user) = time.monotonic() - began, cpu()
time.sleep(1)
print("load %s; %d Services x 4, %.1f MB" % (open("/proc/loadavg").read().split()[0], count, size / 1e6))
print("list to programmed: %.2f s, CPU %.2f s (%.2f s of it in the program), resident %.0f MB, at most %.0f MB"
      % (took, total, user, memory("VmRSS"), memory("VmHWM")))

# The kernel tells everybody who asks of each transaction that it takes.
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
kernel.bind((0, 0))
kernel.setsockopt(270, 1, 7)
kernel.settimeout(5)
watch = watches["endpointslices"]
times = []
for number in range(rounds):
    i = number * 7919 % count
    version += 1
    data = chunk(event("MODIFIED", slice_(i, "10.245.%d.%d" % (number // 250 % 250, number % 250 + 1))))
    watch.sendall(data)
    sent = time.monotonic_ns()
    kernel.recv(65536)
    times.append((time.monotonic_ns() - sent) / 1e6)
    time.sleep(0.003)
    kernel.setblocking(False)
    try:
        while True:
            kernel.recv(65536)
    except BlockingIOError:
        pass
    kernel.settimeout(5)
times.sort()
print("event's last byte sent to kernel's notification, %d rounds: p50 %.2f ms, p99 %.2f ms, most %.2f ms"
      % (rounds, times[len(times) // 2], times[len(times) * 99 // 100], times[-1]))
kernel.close()

seconds, batch = 10, 100
before = cpu()[0]
final = {}
events = []
for number in range(seconds * 5000):
    i = number * 7919 % count
    version += 1
    final[i] = "10.%d.%d.%d" % (246 + number // 62500, number // 250 % 250, number % 250 + 1)
    events.append(event("MODIFIED", slice_(i, final[i])))
began = time.monotonic()
for k in range(0, len(events), batch):
    watch.sendall(chunk(b"".join(events[k:k + batch])))
    time.sleep(max(0, began + (k + batch) / 5000 - time.monotonic()))
sent = time.monotonic() - began
for _ in range(100):
    listing = subprocess.run(["nft", "list", "map", "ip", "fairlead", "endpoints"], capture_output=True, text=True).stdout
    found = set(re.findall(r": (10\.24[6-9]\.\d+\.\d+) \. 8080", listing))
    if found == set(final.values()):
        break
    time.sleep(0.1)
else:
    sys.exit("the kernel lacks %d of %d endpoints" % (len(set(final.values()) - found), len(final)))
print("%d events in %.1f s, all in the kernel: CPU %.2f s, resident %.0f MB, at most %.0f MB"
      % (len(events), sent, cpu()[0] - before, memory("VmRSS"), memory("VmHWM")))
process.terminate()
process.wait()
