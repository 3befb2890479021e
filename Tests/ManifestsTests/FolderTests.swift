import KubernetesAPI
import Testing

@testable import Manifests

struct `A folder` {
    @Test func `that is made is watched with what appeared in it meanwhile`() throws {
        let watched = try Watched()
        _ = watched.read()
        watched.files.makeFolder("sub")
        watched.files.makeFolder("sub/deeper")
        watched.files.write("sub/deeper/a.yaml", serviceText("a"))
        #expect(watched.settle().changes == ["+ Service default/a"])
        watched.files.write("sub/deeper/b.yaml", serviceText("b"))
        watched.files.write("sub/c.yaml", serviceText("c"))
        #expect(watched.read().changes == ["+ Service default/b", "+ Service default/c"].sorted { $0 > $1 })
    }

    @Test func `that is deleted takes its objects away`() throws {
        let watched = try Watched { files in
            files.makeFolder("sub")
            files.makeFolder("sub/deeper")
            files.write("sub/deeper/a.yaml", serviceText("a"))
            files.write("sub/b.yaml", serviceText("b"))
            files.write("subway.yaml", serviceText("c"))
        }
        _ = watched.read()
        watched.files.removeTree("sub")
        #expect(watched.settle().changes == ["- Service default/a", "- Service default/b"])
        watched.files.makeFolder("sub")
        watched.files.write("sub/d.yaml", serviceText("d"))
        #expect(watched.settle().changes == ["+ Service default/d"])
        #expect(watched.pause == nil)
    }

    @Test func `that is moved within the directory takes its objects along`() throws {
        let watched = try Watched { files in
            files.makeFolder("one")
            files.makeFolder("one/deeper")
            files.write("one/deeper/a.yaml", serviceText("a"))
        }
        _ = watched.read()
        watched.files.move("one", to: "two")
        #expect(watched.settle().changes == [])
        watched.files.write("two/deeper/a.yaml", serviceText("a", port: 81))
        let seen = watched.read()
        #expect(seen.changes == ["+ Service default/a"])
        #expect(seen.applied.map(\.metadata.origin) == ["two/deeper/a.yaml document 1 (line 2)"])
    }

    @Test func `that is moved out of the directory is watched no more`() throws {
        let watched = try Watched { files in
            files.makeFolder("sub")
            files.write("sub/a.yaml", serviceText("a"))
        }
        _ = watched.read()
        watched.files.move("sub", to: "../elsewhere")
        #expect(watched.settle().changes == ["- Service default/a"])
        watched.files.write("../elsewhere/a.yaml", serviceText("b"))
        #expect(watched.settle().isNothing)
    }

    @Test func `that is hidden is not read`() throws {
        let watched = try Watched()
        _ = watched.read()
        watched.files.makeFolder(".cache")
        watched.files.write(".cache/a.yaml", serviceText("a"))
        #expect(watched.settle().isNothing)
        watched.files.move(".cache", to: "shown")
        #expect(watched.settle().changes == ["+ Service default/a"])
    }

    @Test func `may have the name of a manifest`() throws {
        let watched = try Watched { files in
            files.makeFolder("a.yaml")
            files.write("a.yaml/b.yaml", serviceText("b"))
        }
        let seen = watched.read()
        #expect(seen.changes == ["+ Service default/b"])
        #expect(seen.appeared == [])
    }
}
