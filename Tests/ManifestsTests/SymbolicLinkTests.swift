import KubernetesAPI
import Testing

@testable import Manifests

struct `A symbolic link` {
    @Test func `of a ConfigMap mount is followed when all are swapped at once`() throws {
        let watched = try Watched { files in
            files.makeFolder("..2026_01")
            files.write("..2026_01/a.yaml", serviceText("a"))
            files.write("..2026_01/b.yaml", serviceText("b"))
            files.link("..data", to: "..2026_01")
            files.link("a.yaml", to: "..data/a.yaml")
            files.link("b.yaml", to: "..data/b.yaml")
        }
        #expect(watched.read().changes == ["+ Service default/a", "+ Service default/b"])
        #expect(watched.pause == nil, "the swap sends an event, so nothing is polled")

        watched.files.makeFolder("..2026_02")
        watched.files.write("..2026_02/a.yaml", serviceText("a", port: 81))
        watched.files.write("..2026_02/c.yaml", serviceText("c"))
        watched.files.link("c.yaml", to: "..data/c.yaml")
        watched.files.link("..data_tmp", to: "..2026_02")
        watched.files.move("..data_tmp", to: "..data")
        watched.files.remove("b.yaml")
        watched.files.removeTree("..2026_01")
        let seen = watched.settle()
        #expect(seen.changes.sorted() == ["+ Service default/a", "+ Service default/c", "- Service default/b"])
        #expect(watched.directory.nextDeadline == nil)
    }

    @Test func `to a file elsewhere is looked at each second`() throws {
        let watched = try Watched { files in
            files.write("../real.yaml", serviceText("a"))
            files.link("a.yaml", to: "../real.yaml")
        }
        #expect(watched.read().changes == ["+ Service default/a"])
        #expect(watched.pause == .seconds(1))
        watched.files.write("../real.yaml", serviceText("a", port: 8100))
        #expect(watched.read().isNothing)
        watched.wait(.seconds(1))
        #expect(watched.read().changes == ["+ Service default/a"])
        watched.files.write("../other.yaml", serviceText("b"))
        watched.files.link("next", to: "../other.yaml")
        watched.files.move("next", to: "a.yaml")
        #expect(watched.read().changes == ["- Service default/a", "+ Service default/b"])
    }

    @Test func `that leads nowhere is a problem, and keeps what it gave`() throws {
        let watched = try Watched { files in
            files.write("../real.yaml", serviceText("a"))
            files.link("a.yaml", to: "../real.yaml")
        }
        _ = watched.read()
        watched.files.remove("../real.yaml")
        watched.wait(.seconds(1))
        let seen = watched.read()
        #expect(seen.changes == [])
        #expect(
            seen.appeared == [
                "a.yaml: the file cannot be read: it is a symbolic link to a file that does not exist; the object that "
                    + "the file gave before is kept until it can be read"
            ]
        )
        watched.files.write("../real.yaml", serviceText("a"))
        watched.wait(.seconds(1))
        let back = watched.read()
        #expect(back.changes == [])
        #expect(back.cleared == seen.appeared)
        watched.files.remove("a.yaml")
        #expect(watched.settle().changes == ["- Service default/a"])
        #expect(watched.pause == nil)
    }

    @Test func `to a folder is not followed`() throws {
        let watched = try Watched { files in
            files.makeFolder("../other")
            files.write("../other/a.yaml", serviceText("a"))
            files.link("sub", to: "../other")
        }
        let seen = watched.read()
        #expect(seen.changes == [])
        #expect(seen.notices.contains("sub: it is a symbolic link to a folder, which is not followed"))
    }
}
