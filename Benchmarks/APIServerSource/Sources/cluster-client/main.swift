import ClusterState
import KubeConfig
import LinuxSystem
import ListWatch
import ServiceDiscovery

// Question: what does it cost an agent to learn of a cluster from an API server, and to follow it?
// Follows the server on a port of 127.0.0.1 for some seconds, resolves what it learns, and prints what that took.

let port = CommandLine.arguments.count > 2 ? UInt16(CommandLine.arguments[1]) : nil
let seconds = CommandLine.arguments.count > 2 ? Int64(CommandLine.arguments[2]) : nil
guard let port, let seconds else {
    try StandardStream.error.write("usage: cluster-client PORT SECONDS\n")
    exitProcess(2)
}

func report(_ what: String) throws {
    let usage = try ProcessUsage()
    try StandardStream.output.write("\(what): \(usage.processorSeconds) s of CPU, \(usage.residentBytes >> 10) KiB\n")
}

let access = ClusterAccess(server: ServerAddress(isSecure: false, host: "127.0.0.1", port: port))
let resources = WatchedResource.agent(nodeName: "node-1")
let source = try APIServerSource(access: access, resources: resources, agent: "fairlead/bench (linux/amd64)")
var directory = ServiceDirectory(nodeName: "node-1")
var changes = 0
var hasReported = false
let end = ContinuousClock.now + .seconds(seconds)
try report("begun")
while ContinuousClock.now < end {
    let news = source.read()
    changes += news.changes.count
    for change in news.changes { directory.apply(change) }
    if source.hasSynced, !hasReported {
        hasReported = true
        try report("received \(changes) objects")
        let resolved = directory.takeChangedSnapshots().count
        releaseFreedMemory()
        try report("resolved \(resolved) Services")
    } else if source.hasSynced {
        _ = directory.takeChangedSnapshots()
    }
    var waits = [Readiness(of: source.descriptor, reading: true)]
    let deadline = min(source.nextDeadline ?? end, end)
    _ = try Readiness.wait(for: &waits, timeout: max(.zero, deadline - .now))
}
try report("ended after \(changes) changes")
