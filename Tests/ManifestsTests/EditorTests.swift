import KubernetesAPI
import Testing

@testable import Manifests

struct `An editor` {
    private static func watched() throws -> Watched {
        let watched = try Watched { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        return watched
    }

    @Test func `that writes beside and moves over`() throws {
        let watched = try Self.watched()
        watched.files.replace("a.yaml", serviceText("a", port: 81))
        #expect(watched.read().changes == ["+ Service default/a"])
        watched.files.replace("a.yaml", serviceText("a", port: 82), by: "a.yaml.tmp")
        #expect(watched.read().changes == ["+ Service default/a"])
    }

    @Test func `that moves the file away and writes it anew, as vim does`() throws {
        let watched = try Self.watched()
        watched.files.write("4913", "")
        watched.files.remove("4913")
        watched.files.move("a.yaml", to: "a.yaml~")
        #expect(watched.read().isNothing)
        do {
            let file = OpenFile(watched.files.at("a.yaml"))
            #expect(watched.read().isNothing)
            file.append(serviceText("a", port: 81))
            #expect(watched.read().isNothing)
        }
        watched.files.remove("a.yaml~")
        let seen = watched.read()
        #expect(seen.changes == ["+ Service default/a"])
        #expect(watched.settle().isNothing)
    }

    @Test func `that deletes the file takes its objects away after a moment`() throws {
        let watched = try Self.watched()
        watched.files.remove("a.yaml")
        #expect(watched.read().isNothing)
        #expect(watched.pause == .milliseconds(200))
        watched.wait(.milliseconds(200))
        #expect(watched.read().changes == ["- Service default/a"])
        #expect(watched.pause == nil)
    }

    @Test func `that renames the file takes nothing away`() throws {
        let watched = try Self.watched()
        watched.files.move("a.yaml", to: "z.yaml")
        let seen = watched.settle()
        #expect(seen.changes == [])
        watched.files.replace("z.yaml", serviceText("a", port: 81))
        #expect(watched.read().applied.map(\.metadata.origin) == ["z.yaml document 1 (line 2)"])
        watched.files.move("z.yaml", to: "z.txt")
        #expect(watched.settle().changes == ["- Service default/a"])
    }
}
