import KubernetesAPI
import Testing

@testable import Manifests

struct `A directory of manifests` {
    @Test func `is read with all its folders, in the order of paths`() throws {
        let watched = try Watched { files in
            files.write("b.yaml", serviceText("b") + serviceText("a"))
            files.makeFolder("sub")
            files.makeFolder("sub/deeper")
            files.write("sub/deeper/d.yml", serviceText("d"))
            files.write("a.json", serviceJSON("j"))
            files.makeFolder(".git")
            files.write(".git/x.yaml", serviceText("hidden"))
            for name in [".b.yaml.swp", ".x.yaml", "b.yaml~", "#b.yaml#", "4913", "c.yaml.tmp", "README.md"] {
                files.write(name, serviceText("no"))
            }
        }
        let seen = watched.read()
        #expect(
            seen.changes == [
                "+ Service default/j", "+ Service default/b", "+ Service default/a", "+ Service default/d",
            ]
        )
        #expect(
            seen.applied.map(\.metadata.origin) == [
                "a.json document 1 (line 1)", "b.yaml document 1 (line 2)", "b.yaml document 2 (line 12)",
                "sub/deeper/d.yml document 1 (line 2)",
            ]
        )
        #expect(seen.appeared == [])
        #expect(watched.read().isNothing)
        #expect(watched.pause == nil)
        #expect(!watched.isReadable)
    }

    @Test func `that is empty leads to a notice and nothing else`() throws {
        let watched = try Watched()
        let seen = watched.read()
        #expect(seen.changes == [])
        #expect(seen.appeared == [])
        #expect(seen.notices == ["\(watched.files.path): the directory holds no .yaml, .yml or .json file"])
        watched.files.write("a.yaml", serviceText("a"))
        #expect(watched.read().changes == ["+ Service default/a"])
    }

    @Test func `that does not exist is an error that says what to do`() {
        let files = TemporaryDirectory()
        files.write("file", "")
        func failure(_ path: String) -> String {
            do throws(ManifestError) {
                _ = try ManifestDirectory(path: path, kinds: [])
                return "none"
            } catch { return error.description }
        }
        #expect(
            failure(files.at("nowhere"))
                == "the directory of manifests \(files.at("nowhere")) does not exist; create it, or name another with "
                + "--manifests"
        )
        #expect(
            failure(files.at("file"))
                == "\(files.at("file")) is not a directory; name the directory that holds the manifests with --manifests"
        )
        #expect(failure("\(files.path)/") == "none")
        files.setMode("", 0)
        #expect(
            asOrdinaryUser { failure(files.path) }
                == "the directory of manifests \(files.path) cannot be read: Permission denied; the user of this process "
                + "needs the rights to read and to enter it"
        )
        files.setMode("", 0o755)
    }

    @Test func `reports a bad object and uses all others`() throws {
        let watched = try Watched { files in
            files.write("a.yaml", serviceText("a", port: 70000) + serviceText("good"))
            files.write("b.yaml", "kind: [\n" + serviceText("b"))
            files.write("c.json", "{")
            files.write("d.yaml", "apiVersion: v1\nkind: Servcie\nmetadata: {name: d}\n")
        }
        let seen = watched.read()
        #expect(seen.changes == ["+ Service default/good", "+ Service default/b"])
        #expect(seen.appeared.count == 4)
        #expect(
            seen.appeared.first
                == "a.yaml document 1 (line 2): Service default/a: spec.ports[0].port: 70000 is not between 1 and 65535; "
                + "the Service is left out"
        )
        #expect(seen.appeared.last?.contains(#"kind: "Servcie" of "v1" is an unknown kind"#) == true)
        watched.files.replace("a.yaml", serviceText("a") + serviceText("good"))
        let mended = watched.read()
        #expect(mended.changes == ["+ Service default/a"])
        #expect(mended.cleared == seen.appeared.prefix(1).map(\.self))
        #expect(mended.appeared == [])
    }

    @Test func `removes an object that has become invalid`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a") + serviceText("b")) }
        _ = watched.read()
        watched.files.replace("a.yaml", serviceText("a", port: 0) + serviceText("b"))
        let seen = watched.read()
        #expect(seen.changes == ["- Service default/a"])
        #expect(seen.appeared.count == 1)
    }

    @Test func `reports only objects that differ, whatever line they stand on`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a") + serviceText("b")) }
        _ = watched.read()
        watched.files.replace("a.yaml", "# a comment\n" + serviceText("b") + serviceText("a") + serviceText("c"))
        #expect(watched.read().changes == ["+ Service default/c"])
        watched.files.replace("a.yaml", serviceText("b", port: 81) + serviceText("c"))
        let seen = watched.read()
        #expect(seen.changes == ["- Service default/a", "+ Service default/b"])
    }

    @Test func `reports at most a hundred problems of one file`() throws {
        let texts = (0..<150).map { serviceText("s\($0)", port: 0) }
        let watched = try Watched { $0.write("a.yaml", texts.joined()) }
        let seen = watched.read()
        #expect(seen.appeared.count == 101)
        #expect(seen.appeared.contains("a.yaml: there are 50 more problems in this file"))
        watched.files.replace("a.yaml", serviceText("s0", port: 0))
        #expect(watched.read().cleared.count == 100)
    }
}

struct `Two definitions of one object` {
    @Test func `are settled by path and order, and the next takes over`() throws {
        let watched = try Watched { files in
            files.write("b.yaml", serviceText("web", port: 2))
            files.write("a.yaml", serviceText("web", port: 1) + serviceText("web", port: 3))
        }
        let first = watched.read()
        #expect(first.changes == ["+ Service default/web"])
        #expect(first.applied.map(\.metadata.origin) == ["a.yaml document 1 (line 2)"])
        let ending = "Service default/web: it is already defined in a.yaml document 1 (line 2), which counts; "
        #expect(
            first.appeared == [
                "a.yaml document 2 (line 12): \(ending)this one is left out",
                "b.yaml document 1 (line 2): \(ending)this one is left out",
            ]
        )
        watched.files.remove("a.yaml")
        let second = watched.settle()
        #expect(second.changes == ["+ Service default/web"])
        #expect(second.applied.map(\.metadata.origin) == ["b.yaml document 1 (line 2)"])
        #expect(second.cleared == first.appeared)
        watched.files.write("0.yaml", serviceText("web", port: 2))
        let third = watched.read()
        #expect(third.changes == [], "the object is the same, wherever it stands")
        #expect(third.appeared.count == 1)
        watched.files.remove("b.yaml")
        #expect(watched.settle().cleared == third.appeared)
    }
}
