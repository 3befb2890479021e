import Glibc
import KubernetesAPI
import Testing

@testable import Manifests

struct `A file that is being written` {
    @Test func `is read when it is closed, and not before`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a") + serviceText("b")) }
        _ = watched.read()
        do {
            let file = OpenFile(watched.files.at("a.yaml"))
            #expect(watched.isReadable)
            #expect(watched.read().isNothing, "cut to nothing, which is not its end")
            file.append(serviceText("a"))
            #expect(watched.read().isNothing, "half of it")
            watched.wait(.seconds(4))
            #expect(watched.read().isNothing)
            file.append(serviceText("b", port: 81))
        }
        #expect(watched.read().changes == ["+ Service default/b"])
        #expect(watched.pause == nil)
    }

    @Test func `is read five seconds after the last write if it is never closed`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        let file = OpenFile(watched.files.at("a.yaml"))
        file.append(serviceText("b"))
        #expect(watched.read().isNothing)
        #expect(watched.pause == .seconds(5))
        watched.wait(.seconds(4.9))
        #expect(watched.read().isNothing)
        watched.wait(.seconds(0.2))
        #expect(watched.read().changes == ["- Service default/a", "+ Service default/b"])
        withExtendedLifetime(file) {}
    }

    @Test func `is new and is read when it is closed`() throws {
        let watched = try Watched()
        _ = watched.read()
        do {
            let file = OpenFile(watched.files.at("a.yaml"))
            file.append("apiVersion: v1\nkind: Service\nmetadata: {na")
            #expect(watched.read().isNothing)
            file.append("me: a}\nspec: {ports: [{port: 80}]}\n")
        }
        #expect(watched.read().changes == ["+ Service default/a"])
    }

    @Test func `twice within one tick of the clock is read twice`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a", port: 10)) }
        _ = watched.read()
        for port in 11...60 {
            watched.files.write("a.yaml", serviceText("a", port: port))
            #expect(watched.read().changes == ["+ Service default/a"])
        }
    }

    @Test func `and stays cut to nothing gives nothing any more`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        watched.files.write("a.yaml", "")
        #expect(watched.read().changes == ["- Service default/a"])
    }
}

struct `A file that cannot be parsed` {
    @Test func `keeps what it gave, and says so`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a") + serviceText("b") + serviceText("c")) }
        _ = watched.read()
        watched.files.replace("a.yaml", serviceText("a", port: 81) + "---\nkind: [Serv\n")
        let seen = watched.read()
        #expect(seen.changes == ["+ Service default/a"])
        #expect(seen.appeared.count == 1)
        #expect(
            seen.appeared.first?.hasSuffix(
                "; the document is left out; the 2 objects that the file gave before are kept until it can be read"
            ) == true
        )
        watched.files.replace("a.yaml", serviceText("a", port: 81) + serviceText("b"))
        let mended = watched.read()
        #expect(mended.changes == ["- Service default/c"])
        #expect(mended.cleared == seen.appeared)
    }

    @Test func `does not keep an object that is seen to be invalid`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a") + serviceText("b")) }
        _ = watched.read()
        watched.files.replace("a.yaml", serviceText("a", port: 0) + "---\nkind: [Serv\n")
        #expect(watched.read().changes == ["- Service default/a"])
    }

    @Test func `keeps nothing once it is deleted`() throws {
        let watched = try Watched { $0.write("a.json", serviceJSON("a")) }
        _ = watched.read()
        watched.files.write("a.json", "{\"kind\": ")
        let seen = watched.read()
        #expect(seen.changes == [])
        watched.files.remove("a.json")
        let gone = watched.settle()
        #expect(gone.changes == ["- Service default/a"])
        #expect(gone.cleared == seen.appeared)
    }
}

struct `A file that cannot be read` {
    @Test func `because it is too long keeps what it gave`() throws {
        var limits = ManifestLimits()
        limits.fileBytesMax = 1024 * 1024
        let watched = try Watched(limits: limits) { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        watched.files.write("a.yaml", serviceText("b") + "#" + String(repeating: "x", count: 1024 * 1024))
        let seen = watched.read()
        #expect(seen.changes == [])
        #expect(
            seen.appeared == [
                "a.yaml: the file cannot be read: it is longer than 1 MiB; split it into several files; the object that "
                    + "the file gave before is kept until it can be read"
            ]
        )
    }

    @Test func `for want of rights keeps what it gave, and is read when they are there`() throws {
        let watched = try Watched { $0.write("a.yaml", serviceText("a")) }
        _ = watched.read()
        watched.files.write("a.yaml", serviceText("a", port: 81))
        watched.files.setMode("a.yaml", 0o600)
        // Who runs the tests as an ordinary user owns the file, and needs it closed altogether.
        if geteuid() != 0 { watched.files.setMode("a.yaml", 0) }
        let seen = asOrdinaryUser { watched.read() }
        #expect(seen.changes == [])
        #expect(
            seen.appeared == [
                "a.yaml: the file cannot be read: Permission denied; the user of this process needs the right to read "
                    + "it; the object that the file gave before is kept until it can be read"
            ]
        )
        watched.files.setMode("a.yaml", 0o644)
        let mended = asOrdinaryUser { watched.read() }
        #expect(mended.changes == ["+ Service default/a"])
        #expect(mended.cleared == seen.appeared)
    }

    @Test func `because its folder may not be entered keeps what it gave`() throws {
        let watched = try Watched { files in
            files.makeFolder("sub")
            files.write("sub/a.yaml", serviceText("a"))
        }
        _ = watched.read()
        watched.files.setMode("sub", 0)
        let seen = asOrdinaryUser { watched.settle() }
        #expect(seen.changes == [])
        #expect(seen.appeared.count == 1)
        #expect(seen.appeared.first?.hasPrefix("sub: the folder cannot be ") == true)
        watched.files.setMode("sub", 0o755)
        watched.files.write("sub/a.yaml", serviceText("a", port: 81))
        let mended = asOrdinaryUser { watched.settle() }
        #expect(mended.changes == ["+ Service default/a"])
        #expect(mended.cleared == seen.appeared)
    }

    @Test func `because it is no file is a problem`() throws {
        let watched = try Watched { $0.makePipe("a.yaml") }
        #expect(watched.read().appeared == ["a.yaml: the file cannot be read: it is not a regular file"])
    }

    @Test func `because its name is no text is a problem`() throws {
        let watched = try Watched()
        _ = watched.read()
        watched.directory.lookAt("a\u{FFFD}.yaml", isForced: true, at: .now)
        #expect(
            watched.read().appeared == ["a\u{FFFD}.yaml: the file cannot be read: its name is not UTF-8; rename it"]
        )
    }
}
