import Foundation
import Testing

@testable import IngressDiscovery

struct `Docs Annotations` {
    @Test func `say of every annotation what the gateway makes of it`() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.deletingLastPathComponent().appending(path: "Docs/Annotations.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "## All 136 annotations"))
        let rows = lines[start...].drop { !$0.hasPrefix("| ---") }.dropFirst().prefix { $0.hasPrefix("|") }
        let expected = AnnotationCatalogue.all.map { "| \($0.name) | \(word(for: $0.verdict)) | \($0.remark) |" }
        #expect(rows.map(String.init) == expected)
        #expect(Set(AnnotationCatalogue.all.map(\.name)).count == 136)
    }

    private func word(for verdict: AnnotationCatalogue.Verdict) -> String {
        switch verdict {
        case .supported: "supported"
        case .accepted: "accepted"
        case .unsupported: "not yet"
        case .guarding: "not yet, 503"
        case .refused: "refused"
        }
    }

    /// What each supported annotation does is tested where it is read; this holds that it is read at all.
    @Test func `call supported only what is not reported`() {
        for entry in AnnotationCatalogue.all where entry.verdict == .supported {
            var world = World()
            world.addService("web")
            world.settle(ingress("a", "foo.com", [path("/")], annotations: [entry.name: "\u{0}"]))
            #expect(!world.reasons.contains("UnsupportedAnnotation"), "\(entry.name)")
            #expect(!world.reasons.contains("UnknownAnnotation"), "\(entry.name)")
        }
    }
}
