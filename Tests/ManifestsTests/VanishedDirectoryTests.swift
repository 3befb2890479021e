import KubernetesAPI
import Testing

@testable import Manifests

struct `A directory that vanishes` {
    @Test func `keeps its objects and is read again when it is back`() throws {
        let watched = try Watched { files in
            files.write("a.yaml", serviceText("a"))
            files.makeFolder("sub")
            files.write("sub/b.yaml", serviceText("b"))
        }
        _ = watched.read()
        watched.files.removeTree("")
        let seen = watched.read()
        #expect(seen.changes == [])
        #expect(
            seen.appeared == [
                "\(watched.files.path): the directory of manifests has vanished; what was read from it is kept, and it "
                    + "is read again as soon as it is back"
            ]
        )
        watched.wait(.seconds(60))
        #expect(watched.read().isNothing)
        #expect(watched.pause == .seconds(1))

        watched.files.makeFolder("")
        watched.files.write("a.yaml", serviceText("a", port: 81))
        watched.wait(.seconds(1))
        let back = watched.read()
        #expect(back.cleared == seen.appeared)
        watched.wait(.seconds(1))
        let soon = watched.read()
        #expect(back.changes + soon.changes == ["+ Service default/a"])
        watched.wait(.seconds(5))
        #expect(watched.read().changes == ["- Service default/b"], "it was missed for long enough")
        #expect(watched.pause == nil)
        watched.files.write("c.yaml", serviceText("c"))
        #expect(watched.read().changes == ["+ Service default/c"])
    }

    @Test func `and is empty at first when it is back takes nothing away for a while`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        watched.files.removeTree("")
        watched.files.makeFolder("")
        #expect(watched.read().changes == [])
        watched.files.write("a.yaml", serviceText("a"))
        #expect(watched.settle().changes == [])
        #expect(watched.pause == nil)
    }

    @Test func `because another one takes its place is replaced`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        watched.files.makeFolder("../next")
        watched.files.write("../next/a.yaml", serviceText("a", port: 81))
        watched.files.move("", to: "../former")
        watched.files.move("../next", to: "")
        #expect(watched.settle().changes == ["+ Service default/a"])
        watched.files.write("a.yaml", serviceText("a", port: 82))
        #expect(watched.read().changes == ["+ Service default/a"])
        watched.files.write("../former/a.yaml", serviceText("x"))
        #expect(watched.settle().isNothing)
    }

    @Test func `behind a symbolic link that is swapped is replaced`() throws {
        let files = TemporaryDirectory()
        files.write("a.yaml", serviceText("a"))
        files.makeFolder("../next")
        files.write("../next/a.yaml", serviceText("b"))
        files.link("../current", to: "manifests")
        var time: ContinuousClock.Instant = .now
        let directory = try ManifestDirectory(
            path: files.at("../current"),
            kinds: [.service],
            limits: ManifestLimits(),
            now: { time }
        )
        #expect(Seen(directory.readChanges()).changes == ["+ Service default/a"])
        files.link("../current_tmp", to: "next")
        files.move("../current_tmp", to: "../current")
        time += .seconds(1)
        let swapped = directory.readChanges()
        time += .milliseconds(200)
        #expect(Seen(swapped, directory.readChanges()).changes == ["- Service default/a", "+ Service default/b"])
    }
}

struct `Lost events` {
    @Test func `are made good by looking at everything`() throws {
        let watched = try Watched { files in
            files.write("a.yaml", serviceText("a"))
            files.write("b.yaml", serviceText("b"))
            files.makeFolder("sub")
        }
        _ = watched.read()
        // The queue of the kernel holds fs.inotify.max_queued_events, 16384 by default; each round makes two that
        // cannot be merged, so that the changes behind them are lost.
        for _ in 0..<20_000 {
            watched.files.move("sub", to: "bus")
            watched.files.move("bus", to: "sub")
        }
        watched.files.write("a.yaml", serviceText("a", port: 8100))
        watched.files.remove("b.yaml")
        watched.files.makeFolder("new")
        watched.files.write("new/c.yaml", serviceText("c"))
        watched.files.write("sub/d.yaml", serviceText("d"))
        let seen = watched.settle()
        #expect(
            seen.changes.sorted() == [
                "+ Service default/a", "+ Service default/c", "+ Service default/d", "- Service default/b",
            ]
        )
        watched.files.write("sub/d.yaml", serviceText("d", port: 81))
        #expect(watched.read().changes == ["+ Service default/d"])
    }
}
