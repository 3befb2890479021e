import APIServerTestKit
import LinuxSystem
import NetworkAddress

// Serves a cluster of 10,000 Services in the clear: prints its port; a line on standard input lets 5,000 slices a
// second change for ten seconds. Arguments: `list` for a server without WatchList, `gzip` for one that compresses too.

let count = 10_000
let slices = "/apis/discovery.k8s.io/v1/endpointslices"
var behaviour = ServerBehaviour()
if CommandLine.arguments.count > 1 {
    behaviour.watchList = .refused
    behaviour.compresses = CommandLine.arguments[1] == "gzip"
}
let server = try StandInAPIServer(behaviour)
server.apply((0..<count).map(Cluster.service), to: "/api/v1/services")
server.apply((0..<count).map(Cluster.slice), to: slices)
try StandardStream.output.write("\(server.port)\n")

var input = [Readiness(of: 0, reading: true)]
_ = try Readiness.wait(for: &input, timeout: nil)
let began = ContinuousClock.now
var changes = 0
while changes < 50_000 {
    server.apply((0..<100).map { Cluster.slice((changes + $0) % count) }, to: slices)
    changes += 100
    var nothing: [Readiness] = []
    _ = try Readiness.wait(for: &nothing, timeout: max(.zero, began + .microseconds(200) * changes - .now))
}
try StandardStream.error.write("\(changes) changes in \(ContinuousClock.now - began)\n")
var nothing: [Readiness] = []
_ = try Readiness.wait(for: &nothing, timeout: .seconds(3))
server.stop()
