import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What an operator reads beside the elements.
@Suite struct CommentTests {
    private func comments(_ snapshot: ServiceSnapshot) throws -> Set<String> {
        Set(try ProgrammedNode([snapshot]).snapshot.elements.compactMap(\.element.comment))
    }

    private func named(_ namespace: String, _ name: String, port: String = "") -> ServiceSnapshot {
        ServiceSnapshot(
            service: ObjectName(namespace: namespace, name: name),
            frontEnds: [
                clusterIP("10.96.0.1", name: port, does: .forward(endpoints(2))),
                nodePort(30080, name: port, does: .refuse),
            ]
        )
    }

    @Test func `each element names its Service and port`() throws {
        #expect(try comments(named("prod", "web", port: "http")) == ["prod/web:http"])
        #expect(try comments(named("prod", "web")) == ["prod/web"])
    }

    @Test func `a name that just fits stays whole`() throws {
        let name = String(repeating: "s", count: 127 - "prod/".utf8.count)
        #expect(try comments(named("prod", name)) == ["prod/\(name)"])
    }

    @Test func `a name that is too long keeps its beginning and stays distinct`() throws {
        let long = String(repeating: "s", count: 253)
        let first = try comments(named("prod", long, port: "http"))
        let second = try comments(named("prod", long, port: "https"))
        for comment in first.union(second) {
            #expect(comment.utf8.count <= Element.commentBytesMax)
            #expect(comment.hasPrefix("prod/sssssss"))
        }
        #expect(first.count == 1)
        #expect(first.isDisjoint(with: second))
        // The same in every run: FNV-1a of the whole name.
        #expect(first == ["prod/" + String(repeating: "s", count: 105) + "~90f6e0c824a47de0"])
    }

    @Test func `a long name of wide letters is cut between letters`() throws {
        let comments = try comments(named("prod", String(repeating: "é", count: 100)))
        for comment in comments {
            #expect(comment.utf8.count <= Element.commentBytesMax)
            #expect(comment.hasPrefix("prod/éé"))
            #expect(!comment.unicodeScalars.contains("\u{fffd}"))
        }
        #expect(comments.count == 1)
    }
}
